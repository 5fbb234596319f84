import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { firstValueFrom, filter } from 'rxjs';
import {
  get,
  getRuntimeContext,
  getSync,
  init,
  InvalidOptionError,
  progress,
  remote,
  shutdown,
  type StreamRef,
} from 'rayx';
import { errorOf } from './timing';

/** Tells how far it is before each item. */
const telling = remote(async function* telling(to: number) {
  for (let i = 1; i <= to; i += 1) {
    getRuntimeContext().progress(i);
    yield i;
  }
});
const double = remote((x: number) => 2 * x);

/** What the generator of a stream has begun to make, at any time. */
function follow(stream: StreamRef<unknown>): {
  readonly begun: () => number;
  reaches(item: number): Promise<unknown>;
} {
  let latest = 0;
  progress<number>(stream).subscribe({ next: (item) => (latest = item), error: () => {} });
  return {
    begun: () => latest,
    reaches: (item) =>
      firstValueFrom(progress<number>(stream).pipe(filter((told) => told >= item))),
  };
}

describe('back-pressure of a stream', function () {
  this.timeout(30_000);
  before(() => init({ numCpus: 1 }));
  after(() => shutdown());

  for (const limit of [1, 3]) {
    it(`keeps the generator at most ${limit} ahead of its reader`, async () => {
      const stream = telling.options({ backpressure: limit }).remote(20);
      const made = follow(stream);
      const iterator = stream[Symbol.asyncIterator]();
      for (let taken = 0; taken < 5; taken += 1) {
        await made.reaches(taken + limit);
        await sleep(30);
        expect(made.begun()).to.equal(taken + limit);
        const { value } = await iterator.next();
        expect(value && (await get(value))).to.equal(taken + 1);
      }
      await iterator.return?.();
    });
  }

  it('is none by default, and with -1', async () => {
    for (const stream of [telling.remote(50), telling.options({ backpressure: -1 }).remote(50)]) {
      expect(await get(stream.completed())).to.equal(50);
    }
  });

  it('lends the CPU to the tasks of the reader while the generator pauses', async () => {
    const sums: number[] = [];
    for await (const ref of telling.options({ backpressure: 1 }).remote(10)) {
      // On one CPU: it runs because the generator pauses.
      sums.push(await get(double.remote(ref), { timeout: 10_000 }));
    }
    expect(sums).to.deep.equal([2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
  });

  it('holds between two tasks on one CPU', async () => {
    const reader = remote(async () => {
      let sum = 0;
      for await (const ref of telling.options({ backpressure: 2 }).remote(30)) {
        sum += await get(double.remote(ref));
      }
      return sum;
    });
    expect(await get(reader.remote(), { timeout: 20_000 })).to.equal(930);
  });

  it('holds for methods, whose actor stands still meanwhile', async () => {
    class Source {
      made = 0;
      *items() {
        for (; this.made < 5;) yield (this.made += 1);
      }
      count(): number {
        return this.made;
      }
    }
    // Said for the method once and for all, or with `.options()` for a call.
    const source = remote(Source, { methods: { items: { backpressure: 2 } } }).remote();
    const stream = source.items.remote();
    const count = source.count.remote();
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    const early = await get(count, { timeout: 100 }).catch((error: Error) => error.name);
    expect(early).to.equal('GetTimeoutError');
    for (;;) if ((await iterator.next()).done) break;
    expect(await get(count)).to.equal(5);
  });

  it('ends with a reader that leaves while the generator pauses', async () => {
    const stream = telling.options({ backpressure: 1 }).remote(10);
    for await (const ref of stream) {
      expect(await get(ref)).to.equal(1);
      break;
    }
    expect((await errorOf(() => get(stream.completed()))).name).to.equal('TaskCancelledError');
    expect(await get(double.remote(1), { timeout: 10_000 })).to.equal(2);
  });

  it('goes on where it was when the worker dies', async () => {
    const shaky = remote(
      async function* () {
        for (let i = 0; i < 8; i += 1) {
          if (i === 4 && getRuntimeContext().attempt === 1) process.exit(1);
          yield i;
        }
      },
      { backpressure: 2 },
    );
    const seen: number[] = [];
    for await (const ref of shaky.remote()) seen.push(await get(ref));
    expect(seen).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('is lifted when somebody waits for the end before anybody reads', async () => {
    const ends: Record<string, (stream: StreamRef<number>) => unknown> = {
      get: (stream) => get(stream.completed()),
      getSync: (stream) => getSync(stream.completed()),
      'an argument': (stream) => get(remote((n: number) => n).remote(stream.completed())),
    };
    for (const [name, end] of Object.entries(ends)) {
      const stream = telling.options({ backpressure: 2 }).remote(20);
      expect(await end(stream), name).to.equal(20);
      const items: number[] = [];
      for await (const ref of stream) items.push(await get(ref));
      expect(items, name).to.have.length(20);
    }
  });

  it('is lifted in a task, too', async () => {
    const outer = remote(async () => {
      const stream = telling.options({ backpressure: 2 }).remote(20);
      const end = await get(stream.completed());
      let items = 0;
      for await (const ref of stream) items += (await get(ref)) > 0 ? 1 : 0;
      return [end, items];
    });
    expect(await get(outer.remote())).to.deep.equal([20, 20]);
  });

  it('takes positive numbers and -1 only', () => {
    for (const backpressure of [0, -2, 1.5]) {
      expect(() => telling.options({ backpressure })).to.throw(InvalidOptionError, /backpressure/);
    }
  });
});
