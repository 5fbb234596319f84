import type { Observable } from 'rxjs';
import {
  cancel,
  get,
  progress,
  remote,
  values,
  wait,
  type ObjectRef,
  type RemoteFunction,
  type StreamIterator,
  type StreamRef,
} from 'rayx';
import { expectType } from './expect-type';

const count = remote(function* (to: number, from = 0) {
  for (let i = from; i < to; i += 1) yield i;
});
const words = remote(async function* (): AsyncGenerator<string, number, boolean> {
  const more: boolean = yield 'a';
  return more ? 1 : 2;
});
const declared = {
  asyncIterable: remote(async function* (): AsyncIterable<Date> {}),
  asyncIterableIterator: remote(async function* (): AsyncIterableIterator<Date> {}),
  asyncIterator: remote(async function* (): AsyncIterator<Date> {}),
  iterable: remote(function* (): Iterable<Date> {}),
  iterableIterator: remote(function* (): IterableIterator<Date> {}),
  iterator: remote(function* (): Iterator<Date> {}),
};

declare const ref: ObjectRef<number>;
declare const stream: StreamRef<number>;

export function generatorsAnswerWithStreams(): void {
  expectType<StreamRef<number>>()(count.remote(3));
  expectType<StreamRef<number>>()(count.options({ backpressure: 2 }).remote(ref));
  expectType<StreamRef<string>>()(words.remote());
  expectType<RemoteFunction<[to: number, from?: number], Generator<number, void, unknown>>>()(
    count,
  );
  expectType<StreamRef<Date>>()(declared.asyncIterable.remote());
  expectType<StreamRef<Date>>()(declared.asyncIterableIterator.remote());
  expectType<StreamRef<Date>>()(declared.asyncIterator.remote());
  expectType<StreamRef<Date>>()(declared.iterable.remote());
  expectType<StreamRef<Date>>()(declared.iterableIterator.remote());
  expectType<StreamRef<Date>>()(declared.iterator.remote());
  // What is yielded is awaited; refs stay refs.
  const later = remote(function* () {
    yield Promise.resolve(1);
  });
  expectType<StreamRef<number>>()(later.remote());
  const refs = remote(function* () {
    yield ref;
  });
  expectType<StreamRef<ObjectRef<number>>>()(refs.remote());
  // @ts-expect-error wrong argument
  count.remote('3');
}

class Bag {
  *[Symbol.iterator](): Iterator<number> {
    yield 1;
  }
  async *[Symbol.asyncIterator](): AsyncIterator<number> {
    yield 1;
  }
}

export function othersAnswerWithRefs(): void {
  expectType<ObjectRef<number[]>>()(remote(() => [1]).remote());
  expectType<ObjectRef<readonly number[]>>()(remote((): readonly number[] => [1]).remote());
  expectType<ObjectRef<string>>()(remote(() => 'text').remote());
  expectType<ObjectRef<Map<string, number>>>()(
    remote((): Map<string, number> => new Map()).remote(),
  );
  expectType<ObjectRef<Bag>>()(remote(() => new Bag()).remote());
  expectType<ObjectRef<unknown>>()(remote((): unknown => 1).remote());
  expectType<ObjectRef<object>>()(remote((): object => ({})).remote());
  expectType<ObjectRef<number[]>>()(remote(async () => [1]).remote());
  expectType<ObjectRef<number[] | undefined>>()(
    remote((): number[] | undefined => undefined).remote(),
  );
}

class Feed {
  async *items(prefix: string) {
    yield prefix.length;
  }
  *pairs(): Generator<[string, number]> {
    yield ['a', 1];
  }
  list(): number[] {
    return [];
  }
}

export function methodsToo(): void {
  const feed = remote(Feed).remote();
  expectType<StreamRef<number>>()(feed.items.remote('a'));
  expectType<StreamRef<[string, number]>>()(feed.pairs.options({ backpressure: 1 }).remote());
  expectType<ObjectRef<number[]>>()(feed.list.remote());
}

export async function reading(): Promise<void> {
  for await (const item of stream) expectType<ObjectRef<number>>()(item);
  expectType<StreamIterator<number>>()(stream[Symbol.asyncIterator]());
  expectType<ObjectRef<number>>()(stream.completed());
  expectType<Observable<number>>()(values(stream));
  expectType<Promise<[ready: StreamRef<number>[], pending: StreamRef<number>[]]>>()(wait([stream]));
  const [ready] = await wait([stream, ref]);
  expectType<(StreamRef<number> | ObjectRef<number>)[]>()(ready);
  const wide: StreamRef<number | string> = stream;
  void wide;
  cancel(stream, { force: true });
  cancel([stream, ref]);
  // @ts-expect-error a stream has no one value
  void get(stream);
  // @ts-expect-error values of a stream only
  values(ref);
}

export function following(): void {
  expectType<Observable<unknown>>()(progress(ref));
  expectType<Observable<number>>()(progress<number>(stream));
  expectType<Observable<number>>()(progress<number>(stream.completed()));
}
