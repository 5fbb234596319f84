import { types } from 'node:util';
import type { CodeId, ParcelId } from '../base/ids';
import type { ResolvedRemoteOptions } from '../base/options/remote';

/** A method by its name and the number of arguments it must get; `true` for generators. */
export type MethodShape = readonly [name: string, arity: number, generator?: true];

/** Code that is captured already, as it is known in every thread. */
export interface CapturedCode {
  readonly id: CodeId;
  readonly parcels: readonly ParcelId[];
  readonly blocking: boolean;
}

/** A remote function or class: what it is, wherever it is. One client makes one spec of it. */
export interface Definition {
  readonly kind: 'function' | 'class';
  /** The function's or class's own name. */
  readonly name: string;
  readonly arity: number;
  /** Of a function: a generator, whose calls answer with streams. */
  readonly generator?: true;
  /** Of a class: what its handles offer. */
  readonly methods: readonly MethodShape[];
  readonly options: ResolvedRemoteOptions;
  // eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- functions and classes alike
  readonly code: Function | CapturedCode;
}

/** The name shown to people. The `name` of an actor is what it is found by, not what it is. */
export const displayName = ({ kind, options, name }: Definition): string =>
  (kind === 'function' ? options.given.name : undefined) ?? name;

type AnyFunction = (...args: never[]) => unknown;

/**
 * Whether a function is a class: written as one, or with methods on its prototype as compilers
 * write classes for old targets.
 */
export function isClass(fn: AnyFunction): boolean {
  if (/^class\b/.test(Function.prototype.toString.call(fn))) return true;
  const prototype = fn.prototype as object | undefined;
  if (prototype === undefined || types.isGeneratorFunction(fn)) return false;
  const methods = Reflect.ownKeys(prototype).filter((key) => key !== 'constructor');
  return methods.length > 0 || Object.getPrototypeOf(prototype) !== Object.prototype;
}

/** The methods of a class's instances, inherited ones included. */
export function methodsOf(target: AnyFunction): MethodShape[] {
  const shapes = new Map<string, MethodShape>();
  for (
    let prototype = target.prototype as object | null;
    prototype !== null && prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype) as object | null
  ) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      const isMethod = typeof value === 'function' && name !== 'constructor';
      if (isMethod && !shapes.has(name)) shapes.set(name, methodShape(name, value as AnyFunction));
    }
    for (const shape of functionFieldsOf(prototype.constructor)) {
      if (!shapes.has(shape[0])) shapes.set(shape[0], shape);
    }
  }
  return [...shapes.values()];
}

/** Whether a function is written as a generator, asynchronous or not. */
export const isGenerator = (fn: AnyFunction): boolean => types.isGeneratorFunction(fn);

const methodShape = (name: string, method: AnyFunction): MethodShape =>
  isGenerator(method) ? [name, method.length, true] : [name, method.length];

/** `tick = () => …`, or `this.tick = () => …` as compilers write it. */
const functionField =
  /(?:^|[\s;{}.])([A-Za-z_$][\w$]*)\s*=\s*(?:async\s*)?(?:function\b\s*(\*?)|\([^()]*\)\s*=>|[\w$]+\s*=>)/g;

/**
 * Names under which instances may keep functions of their own. Only an instance knows for certain,
 * so this errs on the side of more: a name too many fails at the call's ref instead of at once.
 */
function functionFieldsOf(type: unknown): MethodShape[] {
  if (typeof type !== 'function') return [];
  const source = Function.prototype.toString.call(type);
  return [...source.matchAll(functionField)].map(([, name = '', star]) =>
    star === '*' ? [name, 0, true] : [name, 0],
  );
}
