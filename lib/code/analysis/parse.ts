import type { Options, Program } from 'acorn';
import type * as estree from 'estree';

export type { Program };

/** An estree node with its place, as acorn makes them. */
export type Positioned<T = estree.Node> = T & { readonly start: number; readonly end: number };

/** Everything a piece of a running program may contain: it has already been compiled once. */
const lenient: Options = {
  ecmaVersion: 'latest',
  ranges: true,
  sourceType: 'script',
  allowHashBang: true,
  allowReserved: true,
  allowReturnOutsideFunction: true,
  allowAwaitOutsideFunction: true,
  allowImportExportEverywhere: true,
  allowSuperOutsideMethod: true,
  checkPrivateFields: false,
};

// Workers that only rebuild never load a parser.
const acorn = (): typeof import('acorn') => require('acorn') as typeof import('acorn');

/** Parses a whole script, module or not. */
export const parseScript = (source: string, isModule: boolean): Program =>
  acorn().parse(source, {
    ...lenient,
    allowAwaitOutsideFunction: isModule,
    sourceType: isModule ? 'module' : 'script',
  });

/** Parses one expression; undefined when it is none. */
export function tryParse(source: string): Program | undefined {
  try {
    return acorn().parse(source, { ...lenient, allowAwaitOutsideFunction: false });
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Calls `visit` for each node from the top down; `false` keeps it from going deeper. */
export function walk(
  node: estree.Node,
  visit: (node: Positioned, parent: Positioned | undefined) => boolean | void,
): void {
  const stack: [Positioned, Positioned | undefined][] = [[node as Positioned, undefined]];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const [current, parent] = next;
    if (visit(current, parent) === false) continue;
    for (const child of childrenOf(current).reverse()) stack.push([child, current]);
  }
}

function childrenOf(node: Positioned): Positioned[] {
  return Object.values(node).flat(1).filter(isNode);
}

const isNode = (value: unknown): value is Positioned =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as { type?: unknown }).type === 'string';
