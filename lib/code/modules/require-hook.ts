import Module from 'node:module';
import { pathOf, urlOf } from './files';

/** Where `require` gets TypeScript files from. */
export interface RequireSource {
  textOf(url: string): string | undefined;
  aliasOf(specifier: string, base: string | undefined): string | undefined;
  /** Starts a compiler that hooks into `require`, or throws. */
  readyToRequire(url: string): void;
}

/** The parts of Node's module loader that compilers have always used and its types leave out. */
interface LoaderApi {
  _extensions: Record<string, Extension | undefined>;
  _resolveFilename: (request: string, parent?: NodeJS.Module | null, ...rest: never[]) => string;
}
type Extension = (module: NodeJS.Module, filename: string) => void;
type Compilable = NodeJS.Module & { _compile(text: string, filename: string): void };

const loader = Module as unknown as LoaderApi;

/** Node had no public way to give `require` the text of a file before `registerHooks`. */
export function hookRequire(source: RequireSource): void {
  for (const ending of ['.ts', '.tsx', '.cts', '.mts']) hookExtension(ending, source);

  const resolveFilename = loader._resolveFilename;
  loader._resolveFilename = (request, parent, ...rest) => {
    try {
      return resolveFilename.call(Module, request, parent, ...rest);
    } catch (error) {
      const base = parent?.filename ? urlOf(parent.filename) : undefined;
      const path = pathOf(source.aliasOf(request, base) ?? '');
      if (path === undefined) throw error;
      return path;
    }
  };
}

function hookExtension(ending: string, source: RequireSource): void {
  const before = loader._extensions[ending];
  const hook: Extension = (module, filename) => {
    const url = urlOf(filename);
    const text = source.textOf(url);
    if (text !== undefined) return (module as Compilable)._compile(text, filename);
    const read = before ?? loader._extensions['.js'];
    // A compiler started later stands in front and comes here only to have the file read.
    if (loader._extensions[ending] !== hook) return read?.(module, filename);
    source.readyToRequire(url);
    const compiler = loader._extensions[ending];
    return (compiler === hook ? read : compiler)?.(module, filename);
  };
  loader._extensions[ending] = hook;
}
