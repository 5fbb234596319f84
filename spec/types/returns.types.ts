import { get, remote, type ObjectRef, type RemoteFunction, type TaskOptions } from 'rayx';
import { expectType } from './expect-type';

type Pair = [ObjectRef<number>, ObjectRef<string>];

const pair = (x: number): [number, string] => [x, String(x)];
const list = (x: number): number[] => [x, x];
function* count(): Generator<number> {
  yield 1;
}
async function* letters(): AsyncGenerator<string, void> {
  yield 'a';
}

export function tuplesOfRefs(): void {
  const split = remote(pair, { numReturns: 2 });
  expectType<RemoteFunction<[x: number], [number, string], 2>>()(split);
  expectType<Pair>()(split.remote(1));
  expectType<Pair>()(remote(pair).options({ numReturns: 2 }).remote(1));
  expectType<Pair>()(remote(async (x: number) => pair(x), { numReturns: 2 }).remote(1));
  expectType<Pair>()(split.options({ numCpus: 2 }).remote(1));
  expectType<Promise<[number, string]>>()(get(split.remote(1)));
  expectType<[ObjectRef<number>, ObjectRef<number>, ObjectRef<number>]>()(
    remote(list, { numReturns: 3 }).remote(1),
  );
  expectType<ObjectRef<number>[]>()(remote(list, { numReturns: 100 }).remote(1));
}

export function listsWrittenInPlaceAreTuples(): void {
  expectType<Pair>()(remote((x: number) => [x, 'text'], { numReturns: 2 }).remote(1));
  const split = remote(
    (x: number): readonly [number, Promise<string>] => [x, Promise.resolve('')],
    {
      numReturns: 2,
      maxRetries: 0,
    },
  );
  expectType<Pair>()(split.remote(1));
}

export function noneAndOne(): void {
  expectType<void>()(remote(pair, { numReturns: 0 }).remote(1));
  expectType<ObjectRef<[number, string]>>()(remote(pair, { numReturns: 1 }).remote(1));
  expectType<ObjectRef<[number, string]>>()(remote(pair).options({ numReturns: 1 }).remote(1));
}

export function generators(): void {
  expectType<[ObjectRef<number>, ObjectRef<number>]>()(remote(count, { numReturns: 2 }).remote());
  expectType<[ObjectRef<string>, ObjectRef<string>]>()(remote(letters, { numReturns: 2 }).remote());
  expectType<ObjectRef<number>>()(remote(count, { numReturns: 1 }).remote());
}

export function numbersThatAreNotKnown(options: TaskOptions, numReturns: number): void {
  type Any = ObjectRef<unknown> | readonly ObjectRef<unknown>[] | undefined;
  type Usual = ObjectRef<[number, string]>;
  expectType<Any>()(remote(pair, { numReturns }).remote(1));
  expectType<Any>()(remote(pair).options({ numReturns }).remote(1));
  expectType<Usual>()(remote(pair, options).remote(1));
  expectType<Usual>()(remote(pair).options(options).remote(1));
  expectType<Pair>()(remote(pair, { numReturns: 2 }).options(options).remote(1));
  expectType<ObjectRef<[number, string]>>()(remote(pair, { numCpus: 2 }).remote(1));
}

class Splitter {
  split(x: number): [number, string] {
    return pair(x);
  }
}

export function methods(): void {
  const splitter = remote(Splitter).remote();
  expectType<ObjectRef<[number, string]>>()(splitter.split.remote(1));
  expectType<Pair>()(splitter.split.options({ numReturns: 2 }).remote(1));
  expectType<void>()(splitter.split.options({ numReturns: 0 }).remote(1));
  // @ts-expect-error it has two values
  splitter.split.options({ numReturns: 3 });
}

export function misfits(): void {
  // @ts-expect-error it has two values
  remote(pair, { numReturns: 3 });
  // @ts-expect-error it has one value
  remote((x: number) => x, { numReturns: 2 });
  // @ts-expect-error text is one value
  remote(() => 'ab', { numReturns: 2 });
  // @ts-expect-error it has two values
  remote(pair).options({ numReturns: 3 });
  // @ts-expect-error no such option
  remote(pair, { numReturns: 2, numCPUs: 1 });
}
