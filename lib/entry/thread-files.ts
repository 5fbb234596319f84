import { join } from 'node:path';
import { ownFolder } from '../base/own-folder';

/** The compiled main file of a kind of thread: in `dist/`, also when rayx itself runs from its sources. */
export function threadFile(name: 'raylet' | 'worker'): string {
  return join(ownFolder, '..', 'dist', `${name}.js`);
}
