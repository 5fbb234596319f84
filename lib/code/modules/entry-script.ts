import { createRequire } from 'node:module';
import { pathOf, urlOf } from './files';

/**
 * URL of the script this process was started with, which must never run again in a worker;
 * undefined in a REPL and under `node -e`. To be asked by the driver.
 */
export function entryScript(): string | undefined {
  const path = require.main?.filename ?? process.argv[1];
  return path === undefined || path === '' ? undefined : scriptUrl(path);
}

/** URL of a script named as on a command line: links resolved, and an ending that was left out. */
export function scriptUrl(pathOrUrl: string): string {
  const path = pathOf(urlOf(pathOrUrl)) ?? pathOrUrl;
  try {
    return urlOf(createRequire(path).resolve(path));
  } catch {
    return urlOf(pathOrUrl);
  }
}
