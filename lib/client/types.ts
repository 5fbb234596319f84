import type { ActorOptions, MethodOptions, TaskOptions } from '../base/options/remote';
import type { ObjectRef } from './refs';
import type { FitsReturns, SeveralRefs, SingleRef } from './returns';
import type { StreamRef } from './streams';

declare const instance: unique symbol;

/** An argument of a remote call: the value, or a ref whose value is there when the body runs. */
// A plain union: as a conditional type it would take unions apart, and ObjectRef<A | B> would not fit.
export type Arg<T> = T | ObjectRef<T>;

/** A parameter list as `.remote()` takes it; labels, optional and rest elements are kept. */
export type Args<A extends readonly unknown[]> = { [I in keyof A]: Arg<A[I]> };

/** What a list of refs is worth, place by place. */
export type Values<R extends readonly ObjectRef<unknown>[]> = {
  -readonly [I in keyof R]: R[I] extends ObjectRef<infer T> ? T : never;
};

/** What a generator may be declared to return: something that is read step by step, … */
type Steps<Y> =
  | AsyncIterableIterator<Y, unknown, never>
  | IterableIterator<Y, unknown, never>
  | AsyncIterator<Y, unknown, never>
  | Iterator<Y, unknown, never>;

/** … or just any iterable. A list, or a class of one's own, is more than that, and a value. */
type Items<R> = [R] extends [AsyncIterable<infer Y>]
  ? [AsyncIterable<Y>] extends [R]
    ? Y
    : never
  : [R] extends [Iterable<infer Y>]
    ? [Iterable<Y>] extends [R]
      ? Y
      : never
    : never;

/** What a call answers with: the ref of the result, or for a generator the stream of its values. */
export type RemoteResult<R> = 0 extends 1 & R
  ? ObjectRef<any> // eslint-disable-line @typescript-eslint/no-explicit-any -- any stays any
  : [R] extends [never]
    ? ObjectRef<never>
    : [R] extends [Steps<infer Y>]
      ? StreamRef<Awaited<Y>>
      : [Items<R>] extends [never]
        ? ObjectRef<Awaited<R>>
        : StreamRef<Awaited<Items<R>>>;

/** What a call answers with: a ref; or, with `numReturns`, a tuple of refs, or nothing. */
export type RemoteReturns<R, N extends number | undefined> = [N] extends [undefined]
  ? RemoteResult<R>
  : number extends N
    ? ObjectRef<unknown> | readonly ObjectRef<unknown>[] | undefined
    : N extends 0
      ? void
      : N extends 1
        ? SingleRef<R>
        : N extends number
          ? SeveralRefs<Awaited<R>, N>
          : RemoteResult<R>;

/** A number that options may or may not have is taken for the one of before. */
export type IfKnown<
  N extends number | undefined,
  Before extends number | undefined,
> = number extends N ? Before : N;

/** Options of a call that answers with so many refs. */
export type WithReturns<O, N extends number | undefined> = Omit<O, 'numReturns'> & {
  readonly numReturns?: N;
};

/** A function that runs elsewhere. Calling it directly throws: use `.remote()`. */
export interface RemoteFunction<
  A extends readonly unknown[],
  R,
  N extends number | undefined = undefined,
> {
  /**
   * Submits a call and answers at once with the ref of its result; with `numReturns`, with a tuple
   * of the refs of its values, or with nothing.
   *
   * @throws InvalidArgumentError for too few arguments
   * @throws SerializationError for an argument that cannot travel, with its path
   * @throws CaptureError for a function that cannot travel, with the path to the culprit
   */
  remote(...args: Args<A>): RemoteReturns<R, N>;
  /**
   * The same function with other options.
   *
   * @throws InvalidOptionError for unknown or ill-typed options
   */
  options<M extends number>(
    options: WithReturns<TaskOptions, M> & { readonly numReturns: M } & FitsReturns<R, M>,
  ): RemoteFunction<A, R, M>;
  options<M extends number | undefined = N>(
    options: WithReturns<TaskOptions, M> & FitsReturns<R, M>,
  ): RemoteFunction<A, R, IfKnown<M, N>>;
}

/** A class whose instances live elsewhere. `Returns`: see `ActorHandle`. */
export interface RemoteClass<A extends readonly unknown[], T, Returns = NoReturns> {
  /**
   * Creates an instance and answers at once with its handle. An error of the constructor surfaces
   * in every call of the handle.
   *
   * @throws InvalidArgumentError for too few arguments
   * @throws SerializationError for an argument that cannot travel, with its path
   * @throws CaptureError for a class that cannot travel, with the path to the culprit
   */
  remote(...args: Args<A>): ActorHandle<T, Returns>;
  /**
   * The same class with other options.
   *
   * @throws InvalidOptionError for unknown or ill-typed options
   */
  options(options: ActorOptions): RemoteClass<A, T, Returns>;
}

/** One method of an actor. */
export interface RemoteMethod<
  A extends readonly unknown[],
  R,
  N extends number | undefined = undefined,
> {
  /** Submits a call; calls of one caller run in the order they were submitted. */
  remote(...args: Args<A>): RemoteReturns<R, N>;
  /**
   * The same method with other options.
   *
   * @throws InvalidOptionError for unknown or ill-typed options, and for `retryExceptions`, which
   * goes to the class: `remote(Class, { methods: { name: { retryExceptions } } })`
   */
  options<M extends number>(
    options: WithReturns<MethodOptions, M> & { readonly numReturns: M } & FitsReturns<R, M>,
  ): RemoteMethod<A, R, M>;
  options<M extends number | undefined = N>(
    options: WithReturns<MethodOptions, M> & FitsReturns<R, M>,
  ): RemoteMethod<A, R, IfKnown<M, N>>;
}

/** No method of the class has a `numReturns` of its own. */
export type NoReturns = Record<never, never>;

type ReturnsOf<Returns, K> = K extends keyof Returns
  ? string extends keyof Returns
    ? undefined
    : Returns[K] extends number
      ? Returns[K]
      : undefined
  : undefined;

/* eslint-disable @typescript-eslint/no-explicit-any -- the widest function there is */
export type MethodNames<T> = {
  [K in keyof T]-?: NonNullable<T[K]> extends (...args: any) => unknown ? K : never;
}[keyof T];

/**
 * The far end of an instance: the public methods of its class, and nothing else.
 *
 * `Returns`: by the names of methods, the `numReturns` that the class gives them:
 * `ActorHandle<Splitter, { split: 2 }>`.
 */
export type ActorHandle<T, Returns = NoReturns> = {
  readonly [K in keyof T as K extends MethodNames<T> ? K : never]-?: NonNullable<T[K]> extends (
    ...args: infer A
  ) => infer R
    ? RemoteMethod<A, R, ReturnsOf<Returns, K>>
    : never;
} & { readonly [instance]: T };

/** Options of the methods of a class, with those among their `numReturns` that are known. */
export type MethodsWithReturns<T, Returns, Group extends string> = {
  readonly [M in keyof Returns]: M extends MethodNames<T>
    ? MethodOptions<NoInfer<Group>> & {
        readonly numReturns?: Returns[M];
      } & FitsReturns<ResultOf<T[M]>, ReturnsOf<Returns, M>>
    : string extends M
      ? MethodOptions<Group> | undefined
      : `the class has no method ${Extract<M, string>}`;
};

type ResultOf<F> = NonNullable<F> extends (...args: any) => infer R ? R : never;
/* eslint-enable @typescript-eslint/no-explicit-any */
