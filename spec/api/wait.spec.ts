import { expect } from 'chai';
import {
  get,
  init,
  InvalidArgumentError,
  InvalidOptionError,
  put,
  remote,
  shutdown,
  wait,
  type ObjectRef,
  type WaitOptions,
} from 'rayx';
import { rejection } from './support';

const sleep = remote(
  (tenths: number) => new Promise<number>((resolve) => setTimeout(resolve, tenths * 100, tenths)),
  { numCpus: 0 },
);
/** Answers 30 when the gate is open. */
const gated = remote(
  async (gate: Int32Array) => {
    while (Atomics.load(gate, 0) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    return 30;
  },
  { numCpus: 0 },
);
const fail = remote((): never => {
  throw new Error('boom');
});

describe('wait', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('splits the list into ready and pending, both in its order', async () => {
    const open = new Int32Array(new SharedArrayBuffer(4));
    const [ready, pending] = await wait([sleep.remote(3), gated.remote(open), sleep.remote(1)], {
      numReturns: 2,
    });
    Atomics.store(open, 0, 1);
    expect(await get(ready)).to.deep.equal([3, 1]);
    expect(await get(pending)).to.deep.equal([30]);
  });

  it('answers with exactly as many ready ones as asked for, one by default', async () => {
    const refs = [put(1), put(2), put(3)];
    const [ready, pending] = await wait(refs);
    expect(ready).to.deep.equal([refs[0]]);
    expect(pending).to.deep.equal([refs[1], refs[2]]);
  });

  it('answers with fewer after its timeout, without an error', async () => {
    const slow = sleep.remote(20);
    const quick = put('here');
    expect(await wait([slow, quick], { numReturns: 2, timeout: 10 })).to.deep.equal([
      [quick],
      [slow],
    ]);
    expect(await wait([slow], { timeout: 0 })).to.deep.equal([[], [slow]]);
  });

  it('counts a failed ref as ready, and throws nothing', async () => {
    const failed = fail.remote();
    const [ready] = await wait([failed, sleep.remote(20)]);
    expect(ready).to.deep.equal([failed]);
    expect(await rejection(get(failed))).to.match(/boom/);
  });

  it('drains a thousand refs one by one', async () => {
    const echo = remote((x: number) => x);
    let pending = Array.from({ length: 1000 }, (_, x) => echo.remote(x));
    const seen = new Set<number>();
    while (pending.length > 0) {
      const [ready, rest] = await wait(pending);
      expect(ready).to.have.length(1);
      for (const value of await get(ready)) seen.add(value);
      pending = rest;
    }
    expect(seen.size).to.equal(1000);
  });

  it('looks through a list of ready refs in less time than a set of their ids is made', async () => {
    const refs = Array.from({ length: 10_000 }, () => put(1));
    const waits: number[] = [];
    const sets: number[] = [];
    for (let round = 0; round < 100; round += 1) {
      const start = performance.now();
      await wait(refs);
      const middle = performance.now();
      expect(new Set(refs.map(({ id }) => id)).size).to.equal(refs.length);
      waits.push(middle - start);
      sets.push(performance.now() - middle);
    }
    expect(Math.min(...waits)).to.be.below(Math.min(...sets));
  });

  describe('checks, in this order,', () => {
    const a = (): ObjectRef<number> => put(1);
    const errorOf = (refs: unknown, options?: unknown): Promise<Error> =>
      rejection(wait(refs as ObjectRef<unknown>[], options as WaitOptions));

    it('that it has a list', async () => {
      expect(await errorOf(a(), { timeout: -1 })).to.be.instanceOf(InvalidArgumentError);
      expect(await errorOf(5)).to.be.instanceOf(InvalidArgumentError);
    });

    it('that the timeout is not negative', async () => {
      expect(await errorOf([5], { timeout: -1 })).to.be.instanceOf(InvalidOptionError);
    });

    it('that its options are an object', async () => {
      for (const options of [5, null, 'slow', [1]]) {
        const error = await errorOf([a()], options);
        expect(error).to.be.instanceOf(InvalidOptionError);
        expect(error.message).to.contain('takes its options as an object');
      }
    });

    it('that the elements are refs', async () => {
      const error = await errorOf([a(), 5], { numReturns: 0 });
      expect(error).to.be.instanceOf(InvalidArgumentError);
      expect(error.message).to.contain('element 1 is 5');
    });

    it('the empty list, whatever is asked of it', async () => {
      expect(await wait([], { numReturns: 7 })).to.deep.equal([[], []]);
      expect(await wait([], { numReturns: -7 })).to.deep.equal([[], []]);
    });

    it('that the refs are distinct', async () => {
      const ref = a();
      const error = await errorOf([ref, a(), ref], { numReturns: 0 });
      expect(error).to.be.instanceOf(InvalidArgumentError);
      expect(error.message).to.contain('elements 0 and 2');
    });

    it('that numReturns is positive, and not more than there are', async () => {
      expect(await errorOf([a()], { numReturns: 0 })).to.be.instanceOf(InvalidOptionError);
      expect(await errorOf([a()], { numReturns: 1.5 })).to.be.instanceOf(InvalidOptionError);
      expect(await errorOf([a()], { numReturns: 2 })).to.be.instanceOf(InvalidArgumentError);
    });
  });
});
