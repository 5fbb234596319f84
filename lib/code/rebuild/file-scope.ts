import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
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
    return (await import(resolveImport(name, url) ?? name, options)) as unknown;
  };
}

function metaOf(url: string): object {
  const meta = {
    url,
    resolve: (specifier: string): string => {
      const found = resolveImport(specifier, url);
      if (found === undefined) throw new Error(`cannot find '${specifier}' from ${url}`);
      return found;
    },
  };
  if (!url.startsWith('file:')) return meta;
  const filename = fileURLToPath(url);
  return { ...meta, filename, dirname: dirname(filename) };
}
