import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

interface TsNodeService {
  compile(source: string, file: string): string;
}
interface Esbuild {
  transformSync(source: string, options: object): { readonly code: string };
}

/**
 * The compiled text of a TypeScript file that this process has run but whose text the engine has
 * dropped, as it does once no function of it is left: made again by the compiler that is loaded
 * here. Undefined when there is none, or when Node itself strips types, as a worker can too.
 */
export function recompile(path: string, format: 'cjs' | 'esm'): string | undefined {
  try {
    const source = readFileSync(path, 'utf8');
    return byTsNode(source, path) ?? byTsx(source, path, format);
  } catch {
    // Then the worker looks for a compiler, and says so if it finds none.
    return undefined;
  }
}

function byTsNode(source: string, path: string): string | undefined {
  const key = Symbol.for('ts-node.register.instance');
  const service = (process as unknown as Record<symbol, TsNodeService | undefined>)[key];
  return service?.compile(source, path);
}

/** tsx is a loader around esbuild and keeps what it compiles to itself. */
function byTsx(source: string, path: string, format: 'cjs' | 'esm'): string | undefined {
  const isTsx = process.execArgv.some((flag) => /\btsx\b/.test(flag));
  if (!isTsx) return undefined;
  const tsx = createRequire(path).resolve('tsx');
  const esbuild = createRequire(tsx)('esbuild') as Esbuild;
  const options = {
    loader: path.endsWith('x') ? 'tsx' : 'ts',
    format,
    target: `node${process.versions.node}`,
    sourcefile: path,
  };
  return esbuild.transformSync(source, options).code;
}
