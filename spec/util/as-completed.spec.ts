import { expect } from 'chai';
import {
  asCompleted,
  get,
  init,
  InvalidArgumentError,
  put,
  remote,
  shutdown,
  TaskError,
  type ObjectRef,
} from 'rayx';
import { collect, rejection } from '../api/support';
import { ScriptFolder } from '../e2e/script';

const nap = remote((ms: number) => new Promise<number>((resolve) => setTimeout(resolve, ms, ms)));
const same = remote((x: number) => x);
/** Cannot run before the other call has ended. */
const behind = remote((x: number, other: number) => Math.max(x, other));
const fail = remote((x: number): number => {
  throw new RangeError(`no ${x}`);
});

describe('asCompleted', function () {
  this.timeout(60_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('gives values in the order in which they are completed', async () => {
    const first = nap.remote(10);
    const refs = [behind.remote(30, first), put(7), first];
    expect(await collect(asCompleted(refs))).to.deep.equal([7, 10, 30]);
    expect(await collect(asCompleted([]))).to.deep.equal([]);
  });

  it('gives one value for each ref, the same ref twice', async () => {
    const late = nap.remote(20);
    expect(await collect(asCompleted([late, late]))).to.deep.equal([20, 20]);
  });

  it('throws the error of a failed one at its turn, and gives the rest to who iterates on', async () => {
    const results = asCompleted([same.remote(1), fail.remote(2), nap.remote(50)]);
    const seen: number[] = [];
    const run = async (): Promise<void> => {
      for await (const result of results) seen.push(result);
    };
    const error = await rejection(run());
    expect(error).to.be.instanceOf(TaskError).and.instanceOf(RangeError);
    await run();
    expect(seen).to.deep.equal([1, 50]);
    await run();
    expect(seen).to.deep.equal([1, 50]);
  });

  it('answers several questions asked at once, and ends for all who ask too much', async () => {
    const first = nap.remote(1);
    const results = asCompleted([behind.remote(30, first), first]);
    const answers = await Promise.all([results.next(), results.next(), results.next()]);
    expect(answers.map(({ value }) => value)).to.deep.equal([1, 30, undefined]);
    const given = asCompleted([remote(() => new Promise(() => {})).remote()]);
    const asked = given.next();
    await given.return?.();
    expect(await asked).to.deep.equal({ done: true, value: undefined });
  });

  it('takes time in proportion to the number of refs', async () => {
    const run = async (count: number): Promise<number> => {
      const refs = Array.from({ length: count }, (_, x) => same.remote(x));
      const start = performance.now();
      const values = await collect(asCompleted(refs));
      expect(values.sort((a, b) => a - b)).to.deep.equal(refs.map((_, x) => x));
      return performance.now() - start;
    };
    await run(1000);
    const [few, many] = [await run(1000), await run(10_000)];
    // Ten times as many; quadratic would be a hundred times as long.
    expect(many).to.be.below(50 * few);
  });

  it('gives the CPU of a task to the tasks it waits for', async () => {
    const sum = remote(async (count: number) => {
      const refs = Array.from({ length: count }, (_, x) => same.remote(x));
      let total = 0;
      for await (const value of asCompleted(refs)) total += value;
      return total;
    });
    expect(await get([sum.remote(10), sum.remote(100), sum.remote(1000)])).to.deep.equal([
      45, 4950, 499_500,
    ]);
  });

  it('refuses anything but refs', () => {
    const wrong: unknown[] = [5, [5], same.remote(1), 'refs'];
    for (const refs of wrong) {
      expect(() => asCompleted(refs as ObjectRef<number>[])).to.throw(
        InvalidArgumentError,
        'asCompleted() takes a list of refs',
      );
    }
  });
});

describe('asCompleted at the end of a script', function () {
  this.timeout(30_000);
  const folder = new ScriptFolder();
  after(() => folder.remove());

  it('holds the process until the loop has ended, and no longer', async () => {
    const { status, stdout, took } = await folder.run(`
      const { asCompleted, init, remote } = require('rayx');
      const nap = remote((ms) => new Promise((resolve) => setTimeout(resolve, ms, ms)));
      init({ numCpus: 2 });
      (async () => {
        for await (const ms of asCompleted([nap.remote(100), nap.remote(15000)])) {
          console.log(ms);
          break;
        }
      })();`);
    expect({ status, stdout }).to.deep.equal({ status: 0, stdout: '100\n' });
    expect(took).to.be.below(12_000);
  });
});
