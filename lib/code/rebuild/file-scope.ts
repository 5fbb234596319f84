import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { pathOf } from '../modules/files';
import { resolveImport } from '../modules/resolve';

/** What a file gives the functions in it, made again from its name. */
export function fileScope(kind: 'require' | 'importer' | 'meta', file: string): object {
  const url = urlOf(file);
  switch (kind) {
    case 'require':
      return createRequire(url);
    case 'importer':
      return importerOf(url);
    case 'meta':
      return metaOf(url);
  }
}

/** Code made by `eval` has no file of its own: it lies where the process runs. */
function urlOf(file: string): string {
  if (file.includes(':') && URL.canParse(file)) return file;
  return pathToFileURL(file === '' ? `${process.cwd()}/[eval]` : file).href;
}

type Import = (specifier: unknown, options?: ImportCallOptions) => Promise<unknown>;

/** `import()` as seen from a file. */
function importerOf(url: string): Import {
  return async (specifier, options) => {
    const name = String(specifier);
    return (await import(resolved(name, url), options)) as unknown;
  };
}

function metaOf(url: string): object {
  const meta = {
    url,
    resolve: (specifier: string): string => resolved(specifier, url),
  };
  if (!url.startsWith('file:')) return meta;
  const filename = fileURLToPath(url);
  return { ...meta, filename, dirname: dirname(filename) };
}

/** What a specifier in the file means. What it does not find, Node would look for beside this file. */
function resolved(specifier: string, url: string): string {
  const found = resolveImport(specifier, url);
  if (found !== undefined) return found;
  const isFile = /^(\.{0,2}\/|file:)/.test(specifier);
  const [what, name] = isFile
    ? ['module', shown(new URL(specifier, url).href)]
    : ['package', specifier];
  const message = `Cannot find ${what} '${name}' imported from ${shown(url)}`;
  throw Object.assign(new Error(message), { code: 'ERR_MODULE_NOT_FOUND' });
}

const shown = (url: string): string => pathOf(url) ?? url;
