import { Script } from 'node:vm';
import { InternalError } from '../../base/errors';
import { descriptorOf } from '../graph/descriptor';
import type { ClassNode, FunctionNode } from '../graph/nodes';
import { marked } from '../stacks/marks';

/** A function or class made again. */
export interface Compiled {
  readonly value: object;
  /** Sets a variable that had no value when the function was made. */
  readonly set: Readonly<Record<string, (value: unknown) => void>>;
  /** Sets the static `#private` fields of a class. */
  readonly setPrivate: Readonly<Record<string, (value: unknown) => void>>;
}

/** What the wrapper around a source is called with. */
interface Given {
  readonly values: Readonly<Record<string, unknown>>;
  readonly set: Record<string, (value: unknown) => void>;
}

type Wrapper = (given: Given) => [object, Compiled['set']];

/**
 * Compiles a source within the variables it uses. The text keeps its place in the original file:
 * what is put before it stands on its first line and is counted off.
 *
 * Variables are constants where they can be: loops that read others are up to three times slower.
 *
 * @param values by name; names in `late` get theirs afterwards
 */
export function compile(
  node: FunctionNode | ClassNode,
  values: ReadonlyMap<string, unknown>,
  late: readonly string[],
): Compiled {
  const changing = node.variables.filter(({ changes }) => changes).map(({ name }) => name);
  const lets = [...new Set([...late, ...changing])];
  const consts = [...values.keys()].filter((name) => !lets.includes(name) && name !== 'arguments');
  const outerArguments = values.has('arguments') || late.includes('arguments');

  const { helper } = node;
  const [open, close] = brackets(node);
  const before =
    `(function(${helper}){${node.strict ? '"use strict";' : ''}` +
    declaration('const', consts, helper) +
    declaration('let', lets, helper) +
    (outerArguments ? 'return(function(){' : '') +
    `return[${open}`;
  const setters = late.map((name) => `${name}(${helper}){${name}=${helper}}`);
  const after =
    `\n${close},{${setters.join(',')}}]` +
    (outerArguments ? `}).apply(undefined,${helper}.values.arguments)` : '') +
    '})';

  const wrapper = evaluate(before + node.source + after, node, before.length);
  const given: Given = { values: Object.fromEntries(values), set: {} };
  const [value, set] = wrapper(given);
  return { value: pick(value, node), set, setPrivate: given.set };
}

/** A method is compiled as the property of an object. */
function brackets(node: FunctionNode | ClassNode): [string, string] {
  return node.kind === 'function' && node.member ? ['{', '}'] : ['(', ')'];
}

const declaration = (word: 'const' | 'let', names: readonly string[], helper: string): string =>
  names.length === 0 ? '' : `${word}{${names.join(',')}}=${helper}.values;`;

function pick(value: object, node: FunctionNode | ClassNode): object {
  if (node.kind === 'class' || !node.member) return value;
  const { key, accessor } = node.member;
  const descriptor = descriptorOf(value, key);
  return descriptor?.[accessor ?? 'value'] as object;
}

function evaluate(text: string, node: FunctionNode | ClassNode, prefix: number): Wrapper {
  try {
    const script = new Script(text, {
      filename: marked(node.file),
      lineOffset: node.line,
      columnOffset: node.column - prefix,
    });
    return script.runInThisContext() as Wrapper;
  } catch (cause) {
    const start = `${node.name || 'a function'} of ${node.file}:${node.line + 1}`;
    throw new InternalError(`${start} could not be rebuilt: ${String(cause)}`, { cause });
  }
}
