import { inspect } from 'node:util';
import { InvalidArgumentError } from '../base/errors';
import { resolveRemoteOptions, type ActorOptions, type TaskOptions } from '../base/options/remote';
import { brandOf } from '../client/brand';
import { isClass, isGenerator, methodsOf } from '../client/definition';
import { createRemote } from '../client/remotes';
import type { FitsReturns } from '../client/returns';
import { checkMethods } from '../client/shapes';
import type {
  IfKnown,
  MethodsWithReturns,
  NoReturns,
  RemoteClass,
  RemoteFunction,
  WithReturns,
} from '../client/types';

/**
 * Makes a function remote whose calls answer with several refs: one for each value of the list that
 * it returns, or that it yields. With `numReturns: 0` they answer with nothing.
 *
 * @example
 * const divide = remote((a: number, b: number) => [Math.trunc(a / b), a % b], { numReturns: 2 });
 * const [quotient, rest] = divide.remote(7, 2);
 * await get(rest); // 1
 *
 * @throws InvalidOptionError for unknown or ill-typed options
 * @throws InvalidArgumentError for anything but a function or class
 */
export function remote<
  A extends readonly unknown[],
  L extends readonly unknown[],
  N extends number,
>(
  // Spread, so that a list written in place is taken for a tuple.
  target: ((...args: A) => readonly [...L] | Promise<readonly [...L]>) & FitsReturns<L, N>,
  // `onCrash` is of classes: it stands here so that its answer is read as a directive there, too.
  options: WithReturns<TaskOptions, N> & { readonly numReturns: N } & Pick<ActorOptions, 'onCrash'>,
): RemoteFunction<A, L, N>;
/**
 * Makes a class remote: `.remote(...)` creates an instance that lives in a worker, an actor, and
 * answers with its handle at once. Its methods are called by `handle.method.remote(...)`.
 *
 * @example
 * class Counter {
 *   value = 0;
 *   increment() {
 *     return (this.value += 1);
 *   }
 * }
 * const counter = remote(Counter).remote();
 * await get(counter.increment.remote()); // 1
 *
 * @throws InvalidOptionError for unknown or ill-typed options
 * @throws InvalidArgumentError for anything but a function or class
 */
export function remote<
  A extends readonly unknown[],
  T,
  Group extends string = never,
  const Returns = NoReturns,
>(
  target: new (...args: A) => T,
  options?: Omit<ActorOptions<string, Group>, 'methods'> & {
    readonly methods?: MethodsWithReturns<T, Returns, Group>;
  },
): RemoteClass<A, T, Returns>;
/**
 * Makes a function remote: `.remote(...)` runs it in a worker and answers with the ref of its result
 * at once. Closures travel too: variables are copied when the function is first called. A generator
 * function answers with a stream of refs, one for each value it yields.
 *
 * @example
 * const square = remote((x: number) => x * x);
 * await get([1, 2, 3].map((x) => square.remote(x))); // [1, 4, 9]
 *
 * @throws InvalidOptionError for unknown or ill-typed options
 * @throws InvalidArgumentError for anything but a function or class
 */
export function remote<A extends readonly unknown[], R, N extends number | undefined = undefined>(
  target: ((...args: A) => R) & FitsReturns<R, N>,
  options?: WithReturns<TaskOptions, N>,
): RemoteFunction<A, R, IfKnown<N, undefined>>;
export function remote(target: unknown, options?: TaskOptions): unknown {
  checkTarget(target);
  const kind = isClass(target) ? 'class' : 'function';
  const name = target.name === '' ? 'anonymous' : target.name;
  const where = `remote(${name})`;
  const definition = {
    kind,
    name,
    arity: target.length,
    ...(kind === 'function' && isGenerator(target) && { generator: true as const }),
    methods: kind === 'class' ? methodsOf(target) : [],
    options: resolveRemoteOptions(kind, options, where),
    code: target,
  } as const;
  checkMethods(definition, where);
  return createRemote(definition);
}

type AnyFunction = (...args: never[]) => unknown;

function checkTarget(target: unknown): asserts target is AnyFunction {
  const kind = brandOf(target);
  if (kind !== undefined) throw new InvalidArgumentError(`remote() was given a ${kind} already`);
  if (typeof target !== 'function') {
    throw new InvalidArgumentError(
      `remote() takes a function or a class, not ${inspect(target, { depth: 0 })}`,
    );
  }
}
