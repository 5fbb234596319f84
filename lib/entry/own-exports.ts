import { join } from 'node:path';

/**
 * What user code can import from rayx, so that it travels by name. Looked up by path on first need:
 * an import would point upward, and would load the whole surface when a thread starts.
 */
export function ownExports(): object {
  return require(join(__dirname, '..', 'index')) as object;
}
