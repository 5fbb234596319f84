import type { ObjectId } from '../base/ids';
import type { ObjectRef } from './refs';

/**
 * Ids of the objects that the values of a call become; undefined for the usual one, which is the
 * result itself.
 *
 * @param first the call's own
 */
export function returnsOf(
  numReturns: number | undefined,
  first: ObjectId,
  nextId: () => ObjectId,
): readonly ObjectId[] | undefined {
  if (numReturns === undefined) return undefined;
  if (numReturns === 0) return [];
  return [first, ...Array.from({ length: numReturns - 1 }, nextId)];
}

/** Refs of a tuple that are typed one by one; of more there is a list. */
type MostTyped = 64;

/** So many refs of one type. */
type Refs<T, N extends number, L extends readonly unknown[] = []> = L['length'] extends N
  ? L
  : L['length'] extends MostTyped
    ? ObjectRef<T>[]
    : Refs<T, N, [...L, ObjectRef<T>]>;

/** The refs of the values of a list, or of a generator; `never` for anything else. */
export type SeveralRefs<V, N extends number> = 0 extends 1 & V
  ? Refs<any, N> // eslint-disable-line @typescript-eslint/no-explicit-any -- any stays any
  : [V] extends [never]
    ? Refs<never, N>
    : V extends string
      ? never
      : V extends readonly unknown[]
        ? RefsOfList<V, N>
        : V extends Iterable<infer T> | AsyncIterable<infer T>
          ? Refs<Awaited<T>, N>
          : never;

type RefsOfList<V extends readonly unknown[], N extends number> = number extends V['length']
  ? Refs<Awaited<V[number]>, N>
  : N extends V['length']
    ? { -readonly [I in keyof V]-?: ObjectRef<Awaited<V[I]>> }
    : never;

/** The ref of a result, or of the first value of a generator. */
export type SingleRef<R> = 0 extends 1 & R
  ? ObjectRef<any> // eslint-disable-line @typescript-eslint/no-explicit-any -- any stays any
  : [R] extends [never]
    ? ObjectRef<never>
    : [R] extends [Generator<infer Y> | AsyncGenerator<infer Y>]
      ? ObjectRef<Awaited<Y>>
      : ObjectRef<Awaited<R>>;

/** Turns a `numReturns` away that a function cannot have, with the reason in the compiler's message. */
export type FitsReturns<R, N extends number | undefined> = [N] extends [undefined | 0 | 1]
  ? unknown
  : number extends N
    ? unknown
    : [SeveralRefs<Awaited<R>, N & number>] extends [never]
      ? Misfit<Awaited<R>, N & number>
      : unknown;

type Misfit<V, N extends number> = [V] extends [string]
  ? NoList<N>
  : [V] extends [readonly unknown[]]
    ? `numReturns is ${N}, but the function answers with ${V['length']} values`
    : NoList<N>;

type NoList<N extends number> =
  `numReturns is ${N}, but the function answers with one value: let it return a list`;
