import { expect } from 'chai';
import { threadId } from 'node:worker_threads';
import {
  ActorDiedError,
  get,
  getRuntimeContext,
  init,
  InvalidArgumentError,
  InvalidCallError,
  InvalidOptionError,
  Pool,
  remote,
  shutdown,
  TaskCancelledError,
  TaskError,
} from 'rayx';
import { collect, rejection } from '../api/support';
import { ScriptFolder } from '../e2e/script';
import { stay, Tally } from '../e2e/tally';

const square = (x: number): number => x * x;
const nap = (ms: number): Promise<number> => new Promise((resolve) => setTimeout(resolve, ms, ms));
const refuseOdd = (x: number): number => {
  if (x % 2 === 1) throw new RangeError(`${x} is odd`);
  return x;
};
const numbers = (count: number): number[] => Array.from({ length: count }, (_, x) => x);

describe('Pool', function () {
  this.timeout(30_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('has as many workers as there are CPUs, or as it is asked for', async () => {
    await using pool = new Pool();
    await using three = new Pool(3);
    expect([pool.size, three.size]).to.deep.equal([2, 3]);
    const { memory } = new Tally();
    // Each stays until three are there.
    const where = async () => (await stay(memory, 3), getRuntimeContext().workerId);
    const threads = new Set(await three.map(where, numbers(9)));
    expect(threads.size).to.equal(3);
  });

  it('maps items in order, whatever their number and the size of chunks', async () => {
    await using pool = new Pool(2);
    for (const count of [0, 1, 7, 8, 9, 100]) {
      const expected = numbers(count).map(square);
      expect(await pool.map(square, numbers(count))).to.deep.equal(expected);
      expect(await pool.map(square, new Set(numbers(count)), { chunkSize: 3 })).to.deep.equal(
        expected,
      );
    }
  });

  it('cuts items so that each worker gets four chunks', async () => {
    await using pool = new Pool(2);
    const call = () => getRuntimeContext().taskId;
    const chunks = async (count: number): Promise<number> =>
      new Set(await pool.map(call, numbers(count))).size;
    expect(await chunks(8)).to.equal(8);
    expect(await chunks(80)).to.equal(8);
    expect(await chunks(81)).to.equal(8);
    expect(new Set(await pool.map(call, numbers(80), { chunkSize: 80 })).size).to.equal(1);
    expect(new Set(await collect(pool.imap(call, numbers(5)))).size).to.equal(5);
  });

  it('spreads the arguments of starmap and apply', async () => {
    await using pool = new Pool(2);
    const add = (a: number, b: number): number => a + b;
    expect(
      await pool.starmap(add, [
        [1, 2],
        [3, 4],
      ]),
    ).to.deep.equal([3, 7]);
    expect(
      await pool.starmap(Math.pow, [
        [2, 3],
        [3, 2],
      ]),
    ).to.deep.equal([8, 9]);
    expect(await pool.apply(add, [5, 6])).to.equal(11);
    expect(await pool.apply(() => 'nothing')).to.equal('nothing');
    expect(await pool.apply(async (x: number) => nap(x), [1])).to.equal(1);
  });

  it('gives results as they come: in order by imap, else by imapUnordered', async () => {
    await using pool = new Pool(2);
    await pool.map(nap, [0, 0]);
    expect(await collect(pool.imap(nap, [40, 1, 2]))).to.deep.equal([40, 1, 2]);
    const gate = new Int32Array(new SharedArrayBuffer(4));
    const held = async (x: number) => {
      while (x === 0 && Atomics.load(gate, 0) === 0) await nap(1);
      return x;
    };
    const seen: number[] = [];
    for await (const x of pool.imapUnordered(held, [0, 1, 2])) {
      if (seen.push(x) === 2) Atomics.store(gate, 0, 1);
    }
    expect(seen).to.deep.equal([1, 2, 0]);
    const chunked = pool.imap(square, numbers(10), { chunkSize: 4 });
    const asked = await Promise.all(numbers(11).map(() => chunked.next()));
    expect(asked.map(({ value }) => value)).to.deep.equal([...numbers(10).map(square), undefined]);
  });

  it('takes closures, and runs them with what they use', async () => {
    const factor = 3;
    const scale = (x: number): number => factor * square(x);
    await using pool = new Pool(2);
    expect(await pool.map(scale, [1, 2])).to.deep.equal([3, 12]);
  });

  it('runs on other threads, side by side', async () => {
    await using pool = new Pool(2);
    const here = threadId;
    expect(await pool.map(() => threadId, [1, 2])).not.to.include(here);
    const meet = new Int32Array(new SharedArrayBuffer(4));
    // Each waits for the other, so they end only when both run.
    const both = pool.map(
      (memory: Int32Array) => {
        Atomics.add(memory, 0, 1);
        while (Atomics.load(memory, 0) < 2);
        return true;
      },
      [meet, meet],
    );
    expect(await both).to.deep.equal([true, true]);
  });

  it('rejects with the error of an item, under the name of the function', async () => {
    await using pool = new Pool(2);
    const error = await rejection(pool.map(refuseOdd, [2, 3, 4]));
    expect(error).to.be.instanceOf(TaskError).and.instanceOf(RangeError);
    expect(error).to.include({ task: 'refuseOdd' });
    expect(error.message).to.equal('refuseOdd failed: RangeError: 3 is odd');
    expect(await rejection(pool.apply(refuseOdd, [1]))).to.be.instanceOf(RangeError);
    const results = pool.imap(refuseOdd, [0, 1, 2]);
    const seen: number[] = [];
    const run = async (): Promise<void> => {
      for await (const result of results) seen.push(result);
    };
    expect(await rejection(run())).to.be.instanceOf(RangeError);
    await run();
    expect(seen).to.deep.equal([0, 2]);
  });

  it('rejects with the first error that is known, not waiting for slow items', async () => {
    await using pool = new Pool(2);
    const never = (x: number): Promise<number> | number =>
      x === 0 ? new Promise(() => {}) : refuseOdd(x);
    expect(await rejection(pool.map(never, [0, 1]))).to.be.instanceOf(RangeError);
  });

  it('runs the initializer once in each worker, before all else', async () => {
    const shared = globalThis as { poolValue?: number };
    await using pool = new Pool(2, {
      initializer: async () => {
        await nap(10);
        shared.poolValue = (shared.poolValue ?? 0) + 1;
      },
    });
    const values = await pool.map(async () => (await nap(5), shared.poolValue), numbers(20));
    expect(new Set(values)).to.deep.equal(new Set([1]));
    expect(shared.poolValue).to.equal(undefined);
  });

  it('fails every call when the initializer fails', async () => {
    await using pool = new Pool(1, {
      initializer: async () => Promise.reject(new RangeError('not today')),
    });
    expect(await rejection(pool.apply(square, [1]))).to.be.instanceOf(RangeError);
    expect(await rejection(pool.apply(square, [2]))).to.be.instanceOf(RangeError);
  });

  it('replaces a worker that has had its share of chunks', async () => {
    await using pool = new Pool(1, { maxTasksPerChild: 2 });
    const actors = await pool.map(() => getRuntimeContext().actorId, numbers(6), { chunkSize: 1 });
    expect(new Set(actors).size).to.equal(3);
    expect(actors[0]).to.equal(actors[1]);
  });

  it('replaces a worker that dies, and fails what it was doing', async () => {
    await using pool = new Pool(1, {
      initializer: () => Object.assign(globalThis, { made: true }),
    });
    const risky = (x: number): unknown => {
      if (x === 1) process.exit(1);
      return (globalThis as { made?: boolean }).made;
    };
    const results = pool.imap(risky, [0, 1, 2, 3]);
    expect((await results.next()).value).to.equal(true);
    const error = await rejection(results.next());
    expect(error).to.be.instanceOf(ActorDiedError);
    expect(error.message).to.match(/risky|process\.exit\(1\)/);
    expect(await collect(results)).to.deep.equal([true, true]);
  });

  it('says in stacks where work was submitted, wherever its call was made', async () => {
    await using pool = new Pool(1);
    const line = new Error().stack?.split('\n')[1]?.match(/:(\d+):\d+/)?.[1];
    const waiting = [pool.apply(refuseOdd, [2]), pool.apply(refuseOdd, [1])];
    const error = await rejection(Promise.all(waiting));
    expect(error.stack).to.match(
      new RegExp(`submitted at\\s+at .*pool\\.spec\\.ts:${Number(line) + 1}:`),
    );
    expect(error.stack).not.to.include('rxjs');
  });

  it('takes no more work once closed, and does what it has', async () => {
    const pool = new Pool(2);
    const results = pool.map(nap, [1, 30, 2]);
    const early = await rejection(pool.join());
    expect(early).to.be.instanceOf(InvalidCallError);
    expect(early.message).to.match(
      /takes work still: close\(\) or terminate\(\) it, then join\(\)/,
    );
    pool.close();
    const late = await rejection(pool.map(square, [1]));
    expect(late).to.be.instanceOf(InvalidCallError);
    expect(late.message).to.equal('map(): the pool was closed; make a new one');
    expect(() => pool.imap(square, [1])).to.throw(InvalidCallError);
    await pool.join();
    expect(await results).to.deep.equal([1, 30, 2]);
    await pool.join();
  });

  it('gives up what is not done when it is terminated', async () => {
    const pool = new Pool(1);
    const never = (): Promise<never> => new Promise(() => {});
    const running = rejection(pool.apply(never));
    const waiting = rejection(pool.apply(square, [1]));
    const iterated = rejection(collect(pool.imap(square, [1, 2])));
    pool.terminate();
    for (const error of await Promise.all([running, waiting, iterated])) {
      expect(error).to.be.instanceOf(TaskCancelledError);
    }
    expect((await running).message).to.equal(
      'the task never was cancelled: its pool was terminated',
    );
    await pool.join();
    expect(await rejection(pool.apply(square, [1]))).to.be.instanceOf(InvalidCallError);
  });

  it('works in a task, whose CPU others may use meanwhile', async () => {
    const work = remote(async (x: number) => {
      await using pool = new Pool(1);
      const outer = remote(square);
      return await pool.map((y: number) => get(outer.remote(y)), [x, x + 1]);
    });
    expect(await get([1, 2, 3].map((x) => work.remote(x)))).to.deep.equal([
      [1, 4],
      [4, 9],
      [9, 16],
    ]);
  });

  it('refuses what it cannot use', async () => {
    expect(() => new Pool(0)).to.throw(InvalidArgumentError, 'positive integer as size, not 0');
    expect(() => new Pool(1, { initialiser: square } as never)).to.throw(
      InvalidOptionError,
      'Did you mean initializer?',
    );
    expect(() => new Pool(1, { actorOptions: { maxConcurrency: 2 } as never })).to.throw(
      InvalidOptionError,
      'maxConcurrency cannot be chosen here',
    );
    expect(() => new Pool('2' as never)).to.throw(InvalidArgumentError, "as size, not '2'");
    expect(() => new Pool(2, { actorOptions: { name: 'worker' } as never })).to.throw(
      InvalidOptionError,
      'name cannot be chosen here: the workers of a pool do one thing at a time, and come and go',
    );
    expect(() => new Pool(1, { actorOptions: { cpus: 1 } as never })).to.throw(
      InvalidOptionError,
      'the actorOptions of new Pool() has no option cpus',
    );
    await using pool = new Pool(1);
    expect(await rejection(pool.map('square' as never, [1]))).to.be.instanceOf(
      InvalidArgumentError,
    );
    expect(await rejection(pool.map(square, 5 as never))).to.be.instanceOf(InvalidArgumentError);
    expect(await rejection(pool.starmap(square, [5] as never))).to.be.instanceOf(
      InvalidArgumentError,
    );
    expect(await rejection(pool.map(square, [1], { chunkSize: 0 }))).to.be.instanceOf(
      InvalidOptionError,
    );
  });
});

describe('Pool at the end of a script', function () {
  this.timeout(30_000);
  const folder = new ScriptFolder();
  after(() => folder.remove());

  it('says once what is wrong with an initializer', async () => {
    const { status, stdout, stderr } = await folder.run(`
      const { Pool } = require('rayx');
      const pool = new Pool(1, { initializer() { throw new RangeError('not today'); } });
      const apply = () => pool.apply(Math.abs, [1]).catch((error) => console.log(error.name));
      apply().then(apply);`);
    expect({ status, stdout, stderr }).to.deep.equal({
      status: 0,
      stdout: 'ActorDiedError\nActorDiedError\n',
      stderr: '',
    });
  });

  it('has nothing reported of what was given up', async () => {
    const { status, stdout, stderr } = await folder.run(`
      const { Pool, shutdown } = require('rayx');
      const begun = new Int32Array(new SharedArrayBuffer(4));
      const never = (memory) => (Atomics.add(memory, 0, 1), new Promise(() => {}));
      const pool = new Pool(1);
      const result = pool.apply(never, [begun]);
      const untilBegun = () => {
        if (Atomics.load(begun, 0) === 0) return setImmediate(untilBegun);
        result.catch((error) => console.log(error.name));
        pool.terminate();
        // It fails with its worker, and this thread does not hear of it before it shuts down.
        Atomics.wait(begun, 0, 1, 300);
        shutdown().then(() => console.log('down'));
      };
      untilBegun();`);
    expect({ status, stdout, stderr }).to.deep.equal({
      status: 0,
      stdout: 'TaskCancelledError\ndown\n',
      stderr: '',
    });
  });

  it('has nothing reported of the items whose error came after the first', async () => {
    const { status, stdout, stderr } = await folder.run(`
      const { Pool, shutdown } = require('rayx');
      const pool = new Pool(2);
      const memory = new Int32Array(new SharedArrayBuffer(8));
      const fail = async ([x, memory]) => {
        Atomics.add(memory, 0, 1);
        while (Atomics.load(memory, 0) < 2 || Atomics.load(memory, 1) < x);
        throw new RangeError('not today');
      };
      pool.map(fail, [[0, memory], [1, memory]]).catch((error) => {
        console.log(error.name);
        // The second fails, and this thread does not hear of it before it shuts down.
        Atomics.store(memory, 1, 1);
        Atomics.wait(memory, 0, 2, 300);
        shutdown().then(() => console.log('down'));
      });`);
    expect({ status, stdout, stderr }).to.deep.equal({
      status: 0,
      stdout: 'TaskError\ndown\n',
      stderr: '',
    });
  });

  it('may end after the runtime, with what is under way and what waits', async () => {
    const { status, stdout, stderr } = await folder.run(`
      const { Pool, shutdown } = require('rayx');
      const never = () => new Promise(() => {});
      const name = ({ reason }) => reason.name;
      (async () => {
        const [closed, worn, open] = [new Pool(1), new Pool(1, { maxTasksPerChild: 1 }), new Pool(1)];
        const pools = [closed, worn, open];
        const results = Promise.allSettled(
          pools.flatMap((pool) => [pool.apply(never), pool.apply(never)]),
        );
        closed.close();
        const joined = closed.join();
        await shutdown();
        await joined;
        await open[Symbol.asyncDispose]();
        worn.terminate();
        console.log(new Set((await results).map(name)));
      })();`);
    expect({ status, stdout, stderr }).to.deep.equal({
      status: 0,
      stdout: "Set(1) { 'ShutdownError' }\n",
      stderr: '',
    });
  });

  it('holds the process while something is waited for, and no longer', async () => {
    const { status, stdout, took } = await folder.run(`
      const { Pool } = require('rayx');
      const nap = (ms) => new Promise((resolve) => setTimeout(resolve, ms, ms));
      const pool = new Pool(2);
      pool.apply(nap, [15000]).catch(() => {});
      pool.terminate();
      const closed = new Pool(2);
      const results = closed.map(nap, [100, 200]);
      closed.close();
      closed.join().then(async () => console.log('joined', await results));
      new Pool(1);`);
    expect({ status, stdout }).to.deep.equal({ status: 0, stdout: 'joined [ 100, 200 ]\n' });
    expect(took).to.be.below(12_000);
  });
});
