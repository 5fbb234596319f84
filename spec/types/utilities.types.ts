import {
  ActorPool,
  asCompleted,
  inspectSerializable,
  Pool,
  Queue,
  remote,
  type ActorHandle,
  type ObjectRef,
  type SerializableReport,
} from 'rayx';
import { expectType } from './expect-type';

class Model {
  ask(question: string): number {
    return question.length;
  }
  both(question: string): [string, number] {
    return [question, question.length];
  }
}

declare const models: ActorHandle<Model>[];
declare const one: ObjectRef<number>;
declare const text: ObjectRef<string>;
const pool = new Pool(2);

export function pools(): void {
  const actors = new ActorPool<ActorHandle<Model>, number>(models);
  actors.submit((model, question: string) => model.ask.remote(question), 'what?');
  expectType<Promise<number>>()(actors.getNext());
  expectType<Promise<number>>()(actors.getNextUnordered({ timeout: 5 }));
  expectType<Promise<number | undefined>>()(actors.getNext({ timeout: 5, ignoreIfTimedOut: true }));
  expectType<ActorHandle<Model> | undefined>()(actors.popIdle());
  expectType<ActorPool<ActorHandle<Model>>>()(new ActorPool(models));
  expectType<AsyncIterableIterator<number, undefined>>()(
    new ActorPool(models).map((model, question) => model.ask.remote(question), ['what?']),
  );
  expectType<AsyncIterableIterator<[string, number], undefined>>()(
    new ActorPool(models).map(
      (model, question: string) => model.both.options({ numReturns: 2 }).remote(question),
      ['what?'],
    ),
  );
  const pairs = new ActorPool<ActorHandle<Model>, [string, number]>(models);
  pairs.submit(
    (model, question: string) => model.both.options({ numReturns: 2 }).remote(question),
    '',
  );
  expectType<Promise<[string, number]>>()(pairs.getNext());
  expectType<AsyncIterableIterator<number, undefined>>()(
    actors.mapUnordered((model, question: string) => model.ask.remote(question), new Set(['a'])),
  );

  // @ts-expect-error the value is no string
  actors.submit((model, question: string) => model.ask.remote(question), 5);
  // @ts-expect-error the result is no ref
  actors.submit((_model, question: string) => question.length, 'what?');
  // @ts-expect-error a ref of another type than the pool's results
  actors.submit(() => text, 5);
  // @ts-expect-error no such option
  void actors.getNext({ timeOut: 5 });
}

export function queues(): void {
  const queue = new Queue<number>({ maxSize: 5, actorOptions: { name: 'numbers' } });
  expectType<Promise<void>>()(queue.put(1, { timeout: 5 }));
  expectType<Promise<number>>()(queue.get({ signal: new AbortController().signal }));
  expectType<Promise<number[]>>()(queue.getNowaitBatch(5));
  expectType<Promise<boolean>>()(queue.full());
  expectType<AsyncIterableIterator<number, undefined>>()(queue[Symbol.asyncIterator]());
  const take = remote((from: Queue<number>) => from.get());
  expectType<ObjectRef<number>>()(take.remote(queue));

  // @ts-expect-error no number
  void queue.put('a');
  // @ts-expect-error its calls must be able to wait for each other
  new Queue({ actorOptions: { maxConcurrency: 1 } });
}

export function workers(): void {
  expectType<Promise<number[]>>()(pool.map((x: number) => x * x, [1, 2]));
  expectType<Promise<string[]>>()(pool.map(async (x: number) => String(x), new Set([1])));
  expectType<Promise<number[]>>()(pool.map((x) => x + 1, [1, 2], { chunkSize: 2 }));
  expectType<Promise<number[]>>()(pool.starmap((a: number, b: string) => a + b.length, [[1, 'a']]));
  expectType<AsyncIterableIterator<string, undefined>>()(pool.imap((x: number) => `${x}`, [1]));
  expectType<Promise<number>>()(pool.apply(Math.pow, [2, 3]));
  expectType<Promise<string>>()(pool.apply(() => 'done'));
  expectType<AsyncDisposable>()(pool satisfies AsyncDisposable as AsyncDisposable);

  // @ts-expect-error the items are no numbers
  void pool.map((x: number) => x, ['a']);
  // @ts-expect-error too few arguments
  void pool.apply((a: number, b: number) => a + b, [1]);
  // @ts-expect-error arguments are needed
  void pool.apply((a: number) => a);
}

export function completions(): void {
  expectType<AsyncIterableIterator<number, undefined>>()(asCompleted([one, one]));
  expectType<AsyncIterableIterator<number | string, undefined>>()(asCompleted([one, text]));
  expectType<SerializableReport>()(inspectSerializable({ a: 1 }));

  // @ts-expect-error no list of refs
  asCompleted(one);
}
