import {
  type ActorHandle,
  type ActorOptions,
  ActorPool,
  get,
  getActor,
  kill,
  remote,
  type ObjectRef,
  type RemoteFunction,
  type TaskOptions,
} from 'rayx';
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
  join(texts: string[]): string {
    return texts.join();
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

export function methodsByTheOptionsOfTheClass(options: ActorOptions): void {
  const Remote = remote(Splitter, {
    concurrencyGroups: { io: 2 },
    methods: { split: { numReturns: 2 }, join: { concurrencyGroup: 'io' } },
  });
  const splitter = Remote.remote();
  expectType<ActorHandle<Splitter, { readonly split: 2; readonly join: unknown }>>()(splitter);
  expectType<Pair>()(splitter.split.remote(1));
  expectType<Pair>()(Remote.options({ numCpus: 1 }).remote().split.remote(1));
  expectType<Pair>()(splitter.split.options({ name: 'cut' }).remote(1));
  expectType<ObjectRef<[number, string]>>()(splitter.split.options({ numReturns: 1 }).remote(1));
  expectType<ObjectRef<string>>()(splitter.join.remote(['a']));
  const passed: ActorHandle<Splitter, { split: 2 }> = splitter;
  expectType<Pair>()(passed.split.remote(1));
  // @ts-expect-error its calls answer with one ref
  const other: ActorHandle<Splitter> = splitter;
  void other;
  expectType<Pair>()(getActor<Splitter, { split: 2 }>('splitter').split.remote(1));
  kill(splitter);
  new ActorPool([splitter]);
  const grouped = { methods: { split: { maxTaskRetries: 1 } } };
  const same: ActorHandle<Splitter> = remote(Splitter, grouped).remote();
  void same;
  const usual = remote(Splitter, options).remote();
  expectType<ObjectRef<[number, string]>>()(usual.split.remote(1));
  // @ts-expect-error it has two values
  remote(Splitter, { methods: { split: { numReturns: 3 } } });
  // @ts-expect-error it has one value
  remote(Splitter, { methods: { join: { numReturns: 2 } } });
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
