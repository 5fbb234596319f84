import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { lastValueFrom, take, toArray } from 'rxjs';
import {
  cancel,
  get,
  getRuntimeContext,
  init,
  InvalidArgumentError,
  type ObjectRef,
  put,
  remote,
  SerializationError,
  shutdown,
  StreamRef,
  TaskCancelledError,
  TaskError,
  values,
  wait,
  WorkerCrashedError,
} from 'rayx';
import { duration, errorOf } from './timing';

const count = remote(function* count(to: number, from = 1) {
  for (let i = from; i <= to; i += 1) yield i;
});
const slow = remote(async function* slow(to: number) {
  for (let i = 1; i <= to; i += 1) {
    await sleep(20);
    yield i;
  }
});
const failing = remote(async function* failing(after: number) {
  for (let i = 1; i <= after; i += 1) yield i;
  throw new RangeError('no more');
});
/** Yields one item, and then nothing until nobody reads on. */
const pausing = remote(async function* pausing() {
  const signal = getRuntimeContext().signal as AbortSignal;
  yield 'first';
  await sleep(1e6, undefined, { signal });
});
/** Yields one item, and then nothing for ever. */
const stuck = remote(async function* stuck() {
  yield 'first';
  await new Promise(() => {});
});
const endless = remote(function* endless() {
  for (let i = 0; ; i += 1) yield i;
});
const failingNumber = remote(function failingNumber(): number {
  throw new Error('boom');
});
const double = remote((x: number) => 2 * x);

class Feed {
  private given = 0;
  *next(many: number) {
    for (let i = 0; i < many; i += 1) yield (this.given += 1);
  }
  async *later(many: number) {
    for (let i = 0; i < many; i += 1) {
      await sleep(10);
      yield (this.given += 1);
    }
  }
  field = async function* (word: string) {
    yield word;
    yield word.toUpperCase();
  };
  total(): number {
    return this.given;
  }
}

/** What a stream gives, errors as their names. */
async function all<T>(stream: StreamRef<T>): Promise<(T | string)[]> {
  const items: (T | string)[] = [];
  for await (const ref of stream) {
    items.push(await get(ref).catch((error: Error) => `${error.name}: ${error.message}`));
  }
  return items;
}

describe('a stream', function () {
  this.timeout(30_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('gives what a generator yields, in order, as refs: synchronous or not', async () => {
    expect(count.remote(3)).to.be.instanceOf(StreamRef);
    expect(await all(count.remote(3))).to.deep.equal([1, 2, 3]);
    expect(await all(slow.remote(3))).to.deep.equal([1, 2, 3]);
    expect(await all(count.remote(0))).to.deep.equal([]);
  });

  it('takes refs as arguments, as all calls do', async () => {
    expect(await all(count.remote(double.remote(2), put(3)))).to.deep.equal([3, 4]);
    const failed = count.remote(failingNumber.remote());
    const [only, ...none] = await all(failed);
    expect(only).to.equal('TaskError: count did not run, because failingNumber failed: boom');
    expect(none).to.deep.equal([]);
  });

  it('has its first item while the generator is still at work', async () => {
    const stream = pausing.remote();
    for await (const ref of stream) {
      expect(await get(ref)).to.equal('first');
      break;
    }
    expect(await errorOf(() => get(stream.completed()))).to.be.instanceOf(TaskCancelledError);
  });

  it('has what the generator throws as its last ref', async () => {
    const refs: ObjectRef<number>[] = [];
    const stream = failing.remote(2);
    for await (const ref of stream) refs.push(ref);
    expect(refs).to.have.length(3);
    expect(await get(refs.slice(0, 2))).to.deep.equal([1, 2]);
    const error = await errorOf(() => get(refs));
    expect(error).to.be.instanceOf(TaskError).and.instanceOf(RangeError);
    expect(error.stack).to.match(/submitted at\n.*streams\.spec\.ts/);
    expect(await all(stream), 'ended for ever').to.deep.equal([]);
    expect(await errorOf(() => get(stream.completed()))).to.be.instanceOf(RangeError);
  });

  it('tells the number of its items when the task has ended, read or not', async () => {
    expect(await get(count.remote(1000).completed())).to.equal(1000);
    const stream = count.remote(3);
    expect(await all(stream)).to.deep.equal([1, 2, 3]);
    expect(await get(stream.completed())).to.equal(3);
  });

  it('gives refs that other tasks take', async () => {
    const doubled: ObjectRef<number>[] = [];
    for await (const ref of slow.remote(4)) doubled.push(double.remote(ref));
    expect(await get(doubled)).to.deep.equal([2, 4, 6, 8]);
  });

  it('carries what results can be: large data in shared memory, refs, functions, classes', async () => {
    class Point {
      constructor(
        readonly x: number,
        readonly y: number,
      ) {}
    }
    const mixed = remote(async function* () {
      yield new Float64Array(200_000).fill(7);
      yield put('stored');
      yield (x: number) => x + 1;
      yield new Point(1, 2);
      yield Promise.resolve('awaited');
      yield undefined;
    });
    const refs: ObjectRef<unknown>[] = [];
    for await (const ref of mixed.remote()) refs.push(ref);
    const [array, ref, add, point, ...rest] = await get(refs);
    expect((array as Float64Array)[199_999]).to.equal(7);
    expect((array as Float64Array).buffer).to.be.instanceOf(SharedArrayBuffer);
    expect(await get(ref as ObjectRef<string>)).to.equal('stored');
    expect((add as (x: number) => number)(1)).to.equal(2);
    expect(point).to.be.instanceOf(Point).and.deep.include({ x: 1, y: 2 });
    expect(rest).to.deep.equal(['awaited', undefined]);
  });

  it('fails at an item that cannot travel, with its place', async () => {
    const leak = remote(function* leak() {
      yield 1;
      yield { inner: new WeakRef({}) };
    });
    const items = await all(leak.remote());
    expect(items).to.have.length(2);
    expect(items[1]).to.match(/^TaskError: leak failed: SerializationError: items\[1\]\.inner/);
  });

  it('of a method belongs to its actor, one call at a time', async () => {
    const feed = remote(Feed).remote();
    const [first, second] = [feed.later.remote(3), feed.next.remote(2)];
    const total = feed.total.remote();
    expect(await all(second)).to.deep.equal([4, 5]);
    expect(await all(first)).to.deep.equal([1, 2, 3]);
    expect(await get(total)).to.equal(5);
    expect(await all(feed.field.remote('a'))).to.deep.equal(['a', 'A']);
  });

  it('can be opened by whoever has the function or the handle', async () => {
    const feed = remote(Feed).remote();
    const reader = remote(async (source: typeof feed, generator: typeof count) => {
      const seen: number[] = [];
      for await (const ref of source.next.remote(2)) seen.push(await get(ref));
      for await (const ref of generator.remote(2)) seen.push(await get(ref));
      return seen;
    });
    expect(await get(reader.remote(feed, count))).to.deep.equal([1, 2, 1, 2]);
  });

  it('is ready for wait() when its next item is there, and at its end', async () => {
    const quick = count.remote(1);
    const never = pausing.remote();
    for await (const ref of never) {
      void ref;
      const [ready, pending] = await wait([never, quick, double.remote(1)], { numReturns: 2 });
      expect(ready.length + pending.length).to.equal(3);
      expect(pending).to.deep.equal([never]);
      break;
    }
    expect(await all(quick)).to.deep.equal([1]);
    // With the end in sight, and another thing than the ref of the end.
    expect((await wait([quick, quick.completed()], { numReturns: 2 }))[1]).to.deep.equal([]);
    expect(await errorOf(() => wait([quick, quick]))).to.be.instanceOf(InvalidArgumentError);
  });

  it('has its cancellation as the last ref, and has ended then', async () => {
    const controller = new AbortController();
    const ways: Record<string, (stream: StreamRef<number>) => void> = {
      'cancel()': (stream) => cancel(stream),
      'cancel() of a list': (stream) => cancel([stream]),
      'cancel() of its end': (stream) => cancel(stream.completed()),
      'its signal': () => controller.abort(),
    };
    for (const [name, way] of Object.entries(ways)) {
      const stream = slow.options({ signal: controller.signal }).remote(1e9);
      const iterator = stream[Symbol.asyncIterator]();
      await iterator.next();
      way(stream);
      expect((await all(stream)).at(-1), name).to.match(/^TaskCancelledError: the task slow was/);
      const error = await errorOf(() => get(stream.completed()));
      expect(error, name).to.be.instanceOf(TaskCancelledError);
      expect((await iterator.next()).done).to.equal(true);
    }
  });

  it('tells a generator by its signal that its reader has left, with the calls it made', async () => {
    const inner = remote(async () => {
      await sleep(1e6, undefined, { signal: getRuntimeContext().signal as AbortSignal });
    });
    const outer = remote(async function* () {
      yield inner.remote();
      await sleep(1e6, undefined, { signal: getRuntimeContext().signal as AbortSignal });
    });
    let child: ObjectRef<void> | undefined;
    for await (const ref of outer.remote()) {
      child = await get(ref);
      break;
    }
    const error = await errorOf(() => child && get(child));
    expect(error).to.be.instanceOf(TaskCancelledError);
    // Both CPUs are free again.
    expect(await get([double.remote(1), double.remote(2)])).to.deep.equal([2, 4]);
  });

  it('is no value: get, put and calls refuse it and say what to do', async () => {
    const stream = count.remote(1);
    const got = await errorOf(() => get(stream as never));
    expect(got).to.be.instanceOf(InvalidArgumentError);
    expect(got.message).to.match(/a stream: iterate over its refs with for await, or use values/);
    expect((await errorOf(() => get([stream] as never))).message).to.match(/element 0 is a stream/);
    expect(await errorOf(() => put(stream))).to.be.instanceOf(InvalidArgumentError);
    const sent = await errorOf(() => double.remote([stream] as never));
    expect(sent).to.be.instanceOf(SerializationError);
    expect(sent.message).to.match(/^args\[0\]\[0\]: a stream cannot be sent; send its refs/);
    expect((await errorOf(() => values(double.remote(1) as never))).message).to.match(
      /^values\(\)/,
    );
  });

  it('needs a function that is written as a generator', async () => {
    const numbers = function* () {
      yield 1;
    };
    const hidden = remote(() => numbers());
    const error = await errorOf(() => get(hidden.remote() as never));
    expect(error.message).to.match(/running generator stays .* itself a generator/);
  });

  it('keeps the items that are there when its worker dies, and goes on behind them', async () => {
    const shaky = remote(async function* shaky() {
      const { attempt } = getRuntimeContext();
      for (let i = 0; i < 5; i += 1) {
        if (attempt === 1 && i === 3) process.exit(1);
        yield `${attempt}:${i}`;
      }
    });
    expect(await all(shaky.remote())).to.deep.equal(['1:0', '1:1', '1:2', '2:3', '2:4']);
  });

  it('ends with the death of its worker when it may not run again', async () => {
    const fragile = remote(
      async function* fragile() {
        yield 1;
        process.exit(3);
      },
      { maxRetries: 0 },
    );
    const refs: ObjectRef<number>[] = [];
    for await (const ref of fragile.remote()) refs.push(ref);
    expect(refs).to.have.length(2);
    expect(await errorOf(() => get(refs))).to.be.instanceOf(WorkerCrashedError);
  });

  it('costs as much per item when there are many', async () => {
    const sum = async (to: number) => {
      let total = 0;
      for await (const ref of count.remote(to)) total += await get(ref);
      return total;
    };
    await sum(20_000);
    const few = await duration(() => sum(20_000));
    const many = await duration(async () => {
      expect(await sum(100_000)).to.equal(5_000_050_000);
    });
    expect(many / few).to.be.below(15);
  });
});

describe('a stream on one CPU', function () {
  this.timeout(30_000);
  before(() => init({ numCpus: 1 }));
  after(() => shutdown());

  const ways: Record<string, (stream: StreamRef<number>) => Promise<unknown[]>> = {
    'for await': all,
    'values()': (stream) => lastValueFrom(values(stream).pipe(toArray())),
    'wait()': async (stream) => {
      await wait([stream]);
      return all(stream);
    },
  };
  for (const [name, way] of Object.entries(ways)) {
    it(`has the CPU of the task that waits for it: ${name}`, async () => {
      const reader = remote(async () => [await way(slow.remote(3)), await get(double.remote(1))]);
      expect(await get(reader.remote(), { timeout: 10_000 })).to.deep.equal([[1, 2, 3], 2]);
    });
  }

  it('gives its CPU back when its reader leaves, though it would never have ended', async () => {
    const left = endless.remote();
    for await (const ref of left) if ((await get(ref)) === 3) break;
    expect(await get(double.remote(2), { timeout: 10_000 })).to.equal(4);
    expect(await errorOf(() => get(left.completed()))).to.be.instanceOf(TaskCancelledError);
  });

  it('lets the generator clean up when its reader leaves', async () => {
    class Log {
      private readonly lines: string[] = [];
      add(line: string): string[] {
        this.lines.push(line);
        return this.lines;
      }
    }
    const log = remote(Log).remote();
    const tidy = remote(async function* tidy() {
      try {
        for (let i = 0; ; i += 1) yield i;
      } finally {
        await get(log.add.remote('tidied'));
      }
    });
    for await (const ref of tidy.remote()) {
      void ref;
      break;
    }
    // It stands behind the generator in the queue for the one CPU.
    await get(double.remote(1));
    let lines = await get(log.add.remote('looked'));
    while (!lines.includes('tidied')) lines = await get(log.add.remote('looked'));
    expect(lines).to.include('tidied');
  });

  it('never runs when its reader leaves before it has begun', async () => {
    const blocker = stuck.remote();
    const iterator = blocker[Symbol.asyncIterator]();
    await iterator.next();
    const waiting = double.remote(1);
    const needing = count.remote(waiting);
    await needing[Symbol.asyncIterator]().return?.();
    expect(await errorOf(() => get(needing.completed()))).to.be.instanceOf(TaskCancelledError);
    await shutdown();
    await init({ numCpus: 1 });
  });
});

describe('values() of a stream', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 1 }));
  after(() => shutdown());

  it('come as they are yielded, in order, then it completes', async () => {
    expect(await lastValueFrom(values(slow.remote(3)).pipe(toArray()))).to.deep.equal([1, 2, 3]);
  });

  it('fail with what the generator throws, behind the items before', async () => {
    const seen: number[] = [];
    const error = await new Promise((resolve, reject) => {
      values(failing.remote(2)).subscribe({
        next: (value) => seen.push(value),
        error: resolve,
        complete: () => reject(new Error('it completed')),
      });
    });
    expect(seen).to.deep.equal([1, 2]);
    expect(error).to.be.instanceOf(RangeError);
  });

  it('are enough when an operator says so: the task ends', async () => {
    const first = values(endless.remote()).pipe(take(3), toArray());
    expect(await lastValueFrom(first)).to.deep.equal([0, 1, 2]);
    expect(await get(double.remote(2), { timeout: 10_000 })).to.equal(4);
  });

  it('in an actor leave the instance alive when nobody listens any more', async () => {
    class Ticker {
      ticks = 0;
      *run() {
        for (;;) yield (this.ticks += 1);
      }
      seen(): number {
        return this.ticks;
      }
    }
    const ticker = remote(Ticker).remote();
    await lastValueFrom(values(ticker.run.remote()).pipe(take(5)));
    expect(await get(ticker.seen.remote())).to.be.at.least(5);
  });
});
