import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isOwnFile } from '../../base/own-folder';

/** The `file://` URL of a path; URLs stay as they are. */
export function urlOf(pathOrUrl: string): string {
  return /^[a-z][a-z+.-]+:/i.test(pathOrUrl) ? pathOrUrl : pathToFileURL(pathOrUrl).href;
}

/** The path a `file://` URL means, without query; undefined for all other URLs. */
export function pathOf(url: string): string | undefined {
  if (!url.startsWith('file:')) return undefined;
  try {
    return fileURLToPath(url.replace(/[?#].*$/, ''));
  } catch {
    return undefined;
  }
}

/** Whether somebody else wrote that file: packages are never looked into. */
export function isPackageFile(url: string): boolean {
  const path = pathOf(url);
  return path === undefined || /[\\/]node_modules[\\/]/.test(path) || isOwnFile(path);
}

/** Whether plain Node of every supported line may be unable to load the file. */
export function isTypeScript(url: string): boolean {
  return /\.[cm]?tsx?$/.test(pathOf(url) ?? url);
}

/** The real path of a file, links resolved, or undefined when it is none. */
export function realFile(path: string): string | undefined {
  try {
    return statSync(path).isFile() ? realpathSync(path) : undefined;
  } catch {
    return undefined;
  }
}

/** `folder` and all folders above it, nearest first. */
export function* upwards(folder: string): Generator<string> {
  for (let here = folder, last = ''; here !== last; last = here, here = dirname(here)) yield here;
}

/** The folder of the nearest `package.json`. */
export function packageFolder(path: string): string | undefined {
  for (const folder of upwards(dirname(path))) {
    if (folder.endsWith('node_modules')) return undefined;
    if (existsSync(join(folder, 'package.json'))) return folder;
  }
  return undefined;
}

/**
 * The TypeScript files a specifier may mean, as compilers resolve them: `./b.js` may be `b.ts`,
 * `./b` may be `b.ts` or `b/index.ts`.
 */
export function typeScriptCandidates(path: string): string[] {
  const written = /\.([cm]?)jsx?$/.exec(path);
  if (written) {
    const base = path.slice(0, written.index);
    const kind = written[1] ?? '';
    return [`${base}.${kind}ts`, `${base}.tsx`];
  }
  const endings = ['.ts', '.tsx', '.cts', '.mts'];
  return [...endings.map((end) => path + end), ...endings.map((end) => join(path, `index${end}`))];
}
