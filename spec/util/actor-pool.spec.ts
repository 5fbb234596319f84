import { expect } from 'chai';
import {
  ActorDiedError,
  ActorPool,
  get,
  GetTimeoutError,
  init,
  InvalidArgumentError,
  InvalidCallError,
  InvalidOptionError,
  type ObjectRef,
  put,
  remote,
  shutdown,
  TaskError,
  type ActorHandle,
} from 'rayx';
import { collect, rejection } from '../api/support';
import { ScriptFolder } from '../e2e/script';

class Worker {
  #calls = 0;

  double(x: number): number {
    this.#calls += 1;
    return 2 * x;
  }

  async nap(ms: number): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return ms;
  }

  /** Ends when it is released: when there is a one in this memory. */
  async hold(memory: Int32Array): Promise<string> {
    while (Atomics.load(memory, 0) === 0) await new Promise(setImmediate);
    return 'held';
  }

  refuse(x: number): number {
    if (x % 2 === 1) throw new RangeError(`${x} is odd`);
    return x;
  }

  halves(x: number): [number, number] {
    if (x < 0) throw new RangeError(`${x} is negative`);
    return [Math.floor(x / 2), Math.ceil(x / 2)];
  }

  calls(): number {
    return this.#calls;
  }
}

type Handle = ActorHandle<Worker>;

const RemoteWorker = remote(Worker);
const double = (worker: Handle, x: number) => worker.double.remote(x);
const nap = (worker: Handle, ms: number) => worker.nap.remote(ms);
const hold = (worker: Handle, memory: Int32Array) => worker.hold.remote(memory);
const release = (memory: Int32Array): void => void Atomics.store(memory, 0, 1);
const refuse = (worker: Handle, x: number) => worker.refuse.remote(x);
const workers = (count: number): Handle[] =>
  Array.from({ length: count }, () => RemoteWorker.remote());

describe('ActorPool', function () {
  this.timeout(30_000);
  let gate: Int32Array;
  before(() => init({ numCpus: 2 }));
  beforeEach(() => (gate = new Int32Array(new SharedArrayBuffer(4))));
  after(() => shutdown());

  it('gives results in the order of submission', async () => {
    const pool = new ActorPool<Handle, number>(workers(2));
    for (const ms of [60, 1, 30, 2]) pool.submit(nap, ms);
    const results = [];
    while (pool.hasNext()) results.push(await pool.getNext());
    expect(results).to.deep.equal([60, 1, 30, 2]);
  });

  it('gives a list for a call with several returns, and one error when it fails', async () => {
    const pool = new ActorPool(workers(2));
    const halves = (worker: Handle, x: number) =>
      worker.halves.options({ numReturns: 2 }).remote(x);
    const all = await collect(pool.map(halves, [3, 8]));
    expect(all).to.deep.equal([
      [1, 2],
      [4, 4],
    ]);
    pool.submit(halves, -1);
    expect(await rejection(pool.getNext())).to.be.instanceOf(RangeError);
    expect(pool.hasFree()).to.equal(true);
  });

  it('gives results in the order in which calls end', async () => {
    const pool = new ActorPool<Handle, number | string>(workers(2));
    pool.submit(hold, gate);
    for (const x of [1, 2]) pool.submit(double, x);
    expect(await pool.getNextUnordered()).to.equal(2);
    expect(await pool.getNextUnordered()).to.equal(4);
    release(gate);
    expect(await pool.getNextUnordered()).to.equal('held');
    expect(pool.hasNext()).to.equal(false);
  });

  it('gives each actor one call at a time, and the next although nobody reads', async () => {
    const [first, second] = workers(2) as [Handle, Handle];
    const pool = new ActorPool<Handle, number>([first, second]);
    for (let x = 0; x < 20; x += 1) pool.submit(double, x);
    expect(pool.hasFree()).to.equal(false);
    let calls = 0;
    while (calls < 20) {
      const made = await get([first.calls.remote(), second.calls.remote()]);
      calls = made[0] + made[1];
    }
    while (!pool.hasFree()) await get(put(1));
    expect(await pool.getNext()).to.equal(0);
  });

  it('answers any number of questions asked at once', async () => {
    const pool = new ActorPool<Handle, number>(workers(2));
    const values = Array.from({ length: 2000 }, (_, at) => at);
    for (const x of values) pool.submit(double, x);
    const ordered = values.slice(0, 1000).map(() => pool.getNext());
    const rest = values.slice(1000).map(() => pool.getNextUnordered());
    expect(pool.hasNext()).to.equal(false);
    expect(await Promise.all(ordered)).to.deep.equal(values.slice(0, 1000).map((x) => 2 * x));
    const unordered = (await Promise.all(rest)).sort((a, b) => a - b);
    expect(unordered).to.deep.equal(values.slice(1000).map((x) => 2 * x));
  });

  it('goes on with the first that was not read, where both orders are mixed', async () => {
    const pool = new ActorPool<Handle, number | string>(workers(2));
    pool.submit(hold, gate);
    for (const x of [1, 2]) pool.submit(double, x);
    expect(await pool.getNextUnordered()).to.equal(2);
    release(gate);
    expect(await pool.getNext()).to.equal('held');
    expect(await pool.getNext()).to.equal(4);
  });

  it('gives up after a timeout, and has the result later', async () => {
    const pool = new ActorPool<Handle, number | string>(workers(1));
    pool.submit(hold, gate);
    pool.submit(double, 4);
    for (const ask of ['getNext', 'getNextUnordered'] as const) {
      const error = await rejection(pool[ask]({ timeout: 5 }));
      expect(error).to.be.instanceOf(GetTimeoutError).and.include({ timeout: 5 });
      expect(error.message).to.equal(
        `${ask}() waited 5 ms for a result of the pool; ` +
          'its calls go on, so ask again or raise the timeout',
      );
      expect(await pool[ask]({ timeout: 0, ignoreIfTimedOut: true })).to.equal(undefined);
    }
    release(gate);
    expect(await pool.getNext()).to.equal('held');
    expect(await pool.getNext({ timeout: 10_000 })).to.equal(8);
  });

  it('gives up waiting for a call that has not begun, too', async () => {
    const pool = new ActorPool<Handle, number | string>(workers(1));
    pool.submit(hold, gate);
    pool.submit(double, 4);
    const first = pool.getNext();
    expect(await rejection(pool.getNext({ timeout: 5 }))).to.be.instanceOf(GetTimeoutError);
    release(gate);
    expect(await Promise.all([first, pool.getNext()])).to.deep.equal(['held', 8]);
  });

  it('throws the error of a failed call where its result is read, and goes on', async () => {
    const pool = new ActorPool<Handle, number>(workers(1));
    for (const x of [2, 3, 4]) pool.submit(refuse, x);
    expect(await pool.getNext()).to.equal(2);
    const error = await rejection(pool.getNext());
    expect(error).to.be.instanceOf(TaskError).and.instanceOf(RangeError);
    expect(await pool.getNext()).to.equal(4);
    expect(pool.hasFree()).to.equal(true);
  });

  it('does not take a timeout thrown by a call for its own', async () => {
    const slow = remote(() => new Promise<number>(() => {})).remote();
    class Asker {
      ask(): Promise<number> {
        return get(slow, { timeout: 1 });
      }
    }
    const pool = new ActorPool<ActorHandle<Asker>, number>([remote(Asker).remote()]);
    pool.submit((asker) => asker.ask.remote(), undefined);
    const error = await rejection(pool.getNext({ timeout: 10_000, ignoreIfTimedOut: true }));
    expect(error).to.be.instanceOf(TaskError);
  });

  it('throws what the function throws, or a word on what it should answer with', async () => {
    const pool = new ActorPool<Handle, number>(workers(1));
    pool.submit(() => {
      throw new RangeError('not today');
    }, 1);
    pool.submit((() => 5) as never, 1);
    pool.submit(double, 1);
    expect(await rejection(pool.getNext())).to.be.instanceOf(RangeError);
    const error = await rejection(pool.getNext());
    expect(error).to.be.instanceOf(InvalidArgumentError);
    expect(error.message).to.match(/must answer with the ref of the call it makes.* with 5$/);
    expect(await pool.getNext()).to.equal(2);
  });

  it('takes refs that are settled already, however many', async () => {
    const pool = new ActorPool<Handle, number>(workers(1));
    const ref = put(7);
    for (let n = 0; n < 5000; n += 1) pool.submit(() => ref, n);
    let sum = 0;
    while (pool.hasNext()) sum += await pool.getNext();
    expect(sum).to.equal(35_000);
  });

  it('maps values in their order, submitting at once', async () => {
    const pool = new ActorPool(workers(2));
    const given: number[] = [];
    const results = pool.map(
      (worker, ms: number) => {
        given.push(ms);
        return worker.nap.remote(ms);
      },
      new Set([60, 1, 30]),
    );
    expect(given).to.deep.equal([60, 1]);
    expect(await collect(results)).to.deep.equal([60, 1, 30]);
    expect(given).to.deep.equal([60, 1, 30]);
    expect(await collect(pool.map(double, []))).to.deep.equal([]);
  });

  it('maps values as calls end', async () => {
    const pool = new ActorPool(workers(2));
    const step = (worker: Handle, x: number): ObjectRef<number | string> =>
      x === 0 ? hold(worker, gate) : double(worker, x);
    const seen: unknown[] = [];
    for await (const result of pool.mapUnordered(step, [0, 1, 2])) {
      if (seen.push(result) === 2) release(gate);
    }
    expect(seen).to.deep.equal([2, 4, 'held']);
  });

  it('skips results of earlier submits when it maps', async () => {
    const pool = new ActorPool<Handle, number>(workers(2));
    pool.submit(double, 100);
    const results = pool.map(double, [1, 2]);
    expect(pool.hasNext()).to.equal(false);
    expect(await collect(results)).to.deep.equal([2, 4]);
  });

  it('keeps the results of two mappings apart', async () => {
    const pool = new ActorPool(workers(2));
    const [odd, even] = [pool.map(double, [1, 3, 5]), pool.mapUnordered(double, [2])];
    expect(await Promise.all([collect(odd), collect(even)])).to.deep.equal([[2, 6, 10], [4]]);
  });

  it('throws at the failed value of a mapping, and gives the rest to who iterates on', async () => {
    const pool = new ActorPool(workers(2));
    const results = pool.map(refuse, [0, 1, 2]);
    const seen: number[] = [];
    const run = async (): Promise<void> => {
      for await (const result of results) seen.push(result);
    };
    expect(await rejection(run())).to.be.instanceOf(RangeError);
    await run();
    expect(seen).to.deep.equal([0, 2]);
  });

  it('lets free actors go, and takes new ones, which begin with what waits', async () => {
    const [first, second] = workers(2) as [Handle, Handle];
    const pool = new ActorPool<Handle, number>([first]);
    expect(pool.popIdle()).to.equal(first);
    expect(pool.popIdle()).to.equal(undefined);
    pool.submit(double, 1);
    const error = await rejection(pool.getNext());
    expect(error).to.be.instanceOf(InvalidCallError);
    expect(error.message).to.match(/no actor in the pool.*push\(\) one first/);
    pool.push(second);
    expect(pool.hasFree()).to.equal(false);
    expect(await pool.getNext()).to.equal(2);
    pool.push(first);
    expect(await collect(pool.map(double, [1, 2, 3]))).to.deep.equal([2, 4, 6]);
  });

  it('hears of a new actor while it waits for a slow one', async () => {
    const [slow, fast] = workers(2) as [Handle, Handle];
    const pool = new ActorPool<Handle, number>([slow]);
    pool.submit(nap, 1000);
    pool.submit(double, 3);
    const next = pool.getNextUnordered();
    await get(fast.double.remote(0));
    pool.push(fast);
    expect(await next).to.equal(6);
  });

  it('lets a dead actor go, which would have all work fail', async () => {
    class Mortal {
      work(x: number): number {
        if (x === 1) process.exit(1);
        return x;
      }
    }
    const RemoteMortal = remote(Mortal);
    const pool = new ActorPool([RemoteMortal.remote(), RemoteMortal.remote()]);
    const work = (mortal: ActorHandle<Mortal>, x: number) => mortal.work.remote(x);
    const results = pool.map(work, [0, 1, 2, 3, 4, 5, 6]);
    expect((await results.next()).value).to.equal(0);
    expect(await rejection(results.next())).to.be.instanceOf(ActorDiedError);
    expect(await collect(results)).to.deep.equal([2, 3, 4, 5, 6]);
    const rest = pool.map(work, [1, 2]);
    for (let left = 2; left > 0; left -= 1) {
      expect(await rejection(rest.next())).to.be.instanceOf(ActorDiedError);
    }
  });

  it('knows an actor again by another handle', async () => {
    const [worker] = workers(1) as [Handle];
    const again = await get<Handle>(put<Handle>(worker));
    expect(again).not.to.equal(worker);
    const pool = new ActorPool([worker]);
    for (const same of [worker, again]) {
      expect(() => pool.push(same)).to.throw(InvalidArgumentError, 'is in the pool already');
    }
    expect(() => new ActorPool([worker, again])).to.throw(InvalidArgumentError);
  });

  it('refuses what it cannot use', async () => {
    const pool = new ActorPool<Handle, number>(workers(1));
    expect(() => new ActorPool(5 as never)).to.throw(
      InvalidArgumentError,
      'takes a list of actors',
    );
    expect(() => new ActorPool([{}])).to.throw(InvalidArgumentError, 'takes handles of actors');
    expect(() => pool.submit('double' as never, 1)).to.throw(InvalidArgumentError, 'a function');
    expect(() => pool.map(double, 5 as never)).to.throw(InvalidArgumentError, 'an iterable');
    const empty = await rejection(pool.getNext());
    expect(empty).to.be.instanceOf(InvalidCallError);
    expect(empty.message).to.match(/^getNext\(\) has nothing to wait for/);
    expect(await rejection(pool.getNextUnordered())).to.be.instanceOf(InvalidCallError);
    const misspelt = await rejection(pool.getNext({ timeOut: 5 } as never));
    expect(misspelt).to.be.instanceOf(InvalidOptionError);
    expect(misspelt.message).to.include('Did you mean timeout?');
    expect(await rejection(pool.getNext({ timeout: -1 }))).to.be.instanceOf(InvalidOptionError);
  });

  it('works in a task, whose CPU its actors may use meanwhile', async () => {
    class Caller {
      async call(x: number): Promise<number> {
        return get(remote((y: number) => y + 1).remote(x));
      }
    }
    const RemoteCaller = remote(Caller);
    const work = remote(async (x: number) => {
      const pool = new ActorPool([RemoteCaller.remote()]);
      let sum = 0;
      for await (const y of pool.map(
        (caller, value: number) => caller.call.remote(value),
        [x, 1, 2],
      ))
        sum += y;
      for await (const y of pool.mapUnordered(
        (caller, value: number) => caller.call.remote(value),
        [3],
      ))
        sum += y;
      return sum;
    });
    expect(await get([work.remote(10), work.remote(20), work.remote(30)])).to.deep.equal([
      20, 30, 40,
    ]);
  });
});

describe('ActorPool at the end of a script', function () {
  this.timeout(30_000);
  const folder = new ScriptFolder();
  after(() => folder.remove());

  const script = (rest: string): string => `
    const { ActorPool, init, remote } = require('rayx');
    class Worker {
      nap(ms) { return new Promise((resolve) => setTimeout(resolve, ms, ms)); }
      fail() { throw new RangeError('not today'); }
    }
    init({ numCpus: 1 });
    const pool = new ActorPool([remote(Worker).remote()]);
    ${rest}`;

  it('holds the process while somebody asks', async () => {
    const { status, stdout } = await folder.run(
      script(`pool.submit((worker) => worker.nap.remote(300));
        pool.submit((worker) => worker.nap.remote(30));
        pool.getNext(); pool.getNext().then(console.log);`),
    );
    expect({ status, stdout }).to.deep.equal({ status: 0, stdout: '30\n' });
  });

  it('does not hold it for results that nobody asks for', async () => {
    const { status, took } = await folder.run(
      script(`pool.submit((worker) => worker.nap.remote(15000));
        pool.getNext({ timeout: 10, ignoreIfTimedOut: true }).then(() => console.log('left'));`),
    );
    expect(status).to.equal(0);
    expect(took).to.be.below(12_000);
  });

  it('has failures reported that nobody reads', async () => {
    const { stderr } = await folder.run(
      script(`(async () => {
          pool.submit((worker) => worker.fail.remote());
          await pool.getNext().catch(() => {});
          pool.submit((worker) => worker.fail.remote());
          // The one actor comes to this after that.
          for await (const _ of pool.map((worker) => worker.nap.remote(1), [1]));
        })();`),
    );
    expect(stderr.match(/Worker\.fail failed and nobody looked at its result/g)).to.have.length(1);
  });
});
