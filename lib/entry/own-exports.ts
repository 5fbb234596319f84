import { join } from 'node:path';
import { ownFolder } from '../base/own-folder';

/**
 * What user code can import from rayx, so that it travels by name. Looked up by path on first need:
 * an import would point upward, and would load the whole surface when a thread starts.
 */
export function ownExports(): object {
  return require(join(ownFolder, 'index')) as object;
}
