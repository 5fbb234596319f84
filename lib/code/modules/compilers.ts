import { createRequire } from 'node:module';
import { urlOf } from './files';
import { resolveImport } from './resolve';

interface TsNode {
  register(options: { transpileOnly: boolean }): unknown;
}
interface Tsx {
  register(): unknown;
}

/** Whether this Node strips types by itself; it knows least of the language, so others go first. */
const stripsTypes = Boolean((process.features as { typescript?: unknown }).typescript);

let forRequire: boolean | undefined;
let forImport: Promise<boolean> | undefined;

/**
 * Makes `require` on this thread compile TypeScript files with the tsx or ts-node that lies beside
 * `path`. The last resort: a compiler takes 40 to 190 ms and up to 60 MB in each thread. Answers
 * whether such files can be loaded now.
 */
export function compileRequired(path: string): boolean {
  forRequire ??= startTsx(path) || startTsNode(path) || stripsTypes;
  return forRequire;
}

/** The same for `import`. */
export function compileImported(path: string): Promise<boolean> {
  forImport ??= startTsxForImport(path).then((started) => started || stripsTypes);
  return forImport;
}

function startTsx(path: string): boolean {
  const tsx = requireFrom(path, 'tsx/cjs/api') as Tsx | undefined;
  tsx?.register();
  return tsx !== undefined;
}

function startTsNode(path: string): boolean {
  const tsNode = requireFrom(path, 'ts-node') as TsNode | undefined;
  tsNode?.register({ transpileOnly: true });
  return tsNode !== undefined;
}

/** By `import`, since what tsx gives to `require` here cannot register itself in a worker. */
async function startTsxForImport(path: string): Promise<boolean> {
  const url = resolveImport('tsx/esm/api', urlOf(path));
  if (url === undefined) return false;
  const tsx = (await import(url)) as Tsx;
  tsx.register();
  return true;
}

function requireFrom(path: string, specifier: string): unknown {
  try {
    return createRequire(path)(specifier);
  } catch {
    return undefined;
  }
}
