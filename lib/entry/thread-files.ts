import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidCallError } from '../base/errors';

/**
 * The compiled main file of a kind of thread. Beside this file in the package; in `dist/` when rayx
 * itself runs from its sources.
 *
 * @throws InvalidCallError when a bundler has put rayx into the user's own file
 */
export function threadFile(name: 'raylet' | 'worker'): string {
  const here = typeof __dirname === 'string' ? __dirname : process.cwd();
  const candidates = [
    join(here, `${name}.js`),
    join(here, '..', '..', 'dist', 'entry', `${name}.js`),
  ];
  const file = candidates.find((candidate) => existsSync(candidate));
  if (file !== undefined) return file;
  throw new InvalidCallError(
    `rayx cannot find its thread file ${name}.js beside ${here}: it was bundled into another file. ` +
      'Mark rayx as external in the bundler (esbuild: --external:rayx) and install it as a package',
  );
}
