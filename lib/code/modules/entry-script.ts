import { realpathSync } from 'node:fs';
import { urlOf } from './files';

/**
 * URL of the script this process was started with, which must never run again in a worker;
 * undefined in a REPL and under `node -e`. To be asked on the main thread.
 */
export function entryScript(): string | undefined {
  const path = require.main?.filename ?? process.argv[1];
  if (path === undefined || path === '') return undefined;
  try {
    return urlOf(realpathSync(path));
  } catch {
    return undefined;
  }
}
