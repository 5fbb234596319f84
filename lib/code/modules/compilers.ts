import { createRequire } from 'node:module';

interface TsNode {
  register(options: { transpileOnly: boolean }): unknown;
}
interface Tsx {
  register(): unknown;
}

const started = new Map<string, boolean>();

/**
 * Makes this thread compile TypeScript files itself: with Node's own type stripping, else with the
 * tsx or ts-node that lies beside `path`. The last resort, since a compiler takes 40 to 190 ms and
 * up to 60 MB in each thread. Answers whether there is one.
 */
export function useCompiler(path: string, format: 'cjs' | 'esm'): boolean {
  if ((process.features as { typescript?: string | false }).typescript) return true;
  let ready = started.get(format);
  if (ready === undefined) {
    ready = startTsx(path, format) || (format === 'cjs' && startTsNode(path));
    started.set(format, ready);
  }
  return ready;
}

function startTsx(path: string, format: 'cjs' | 'esm'): boolean {
  const tsx = requireFrom(path, `tsx/${format}/api`) as Tsx | undefined;
  tsx?.register();
  return tsx !== undefined;
}

function startTsNode(path: string): boolean {
  const tsNode = requireFrom(path, 'ts-node') as TsNode | undefined;
  tsNode?.register({ transpileOnly: true });
  return tsNode !== undefined;
}

function requireFrom(path: string, specifier: string): unknown {
  try {
    return createRequire(path)(specifier);
  } catch {
    return undefined;
  }
}
