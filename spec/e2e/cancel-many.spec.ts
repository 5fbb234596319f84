import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import {
  cancel,
  get,
  getRuntimeContext,
  init,
  type ObjectRef,
  put,
  remote,
  shutdown,
  ShutdownError,
  TaskCancelledError,
  TaskError,
  wait,
  WorkerCrashedError,
} from 'rayx';
import { cpusFree, lit, makeBeacon } from './beacon';
import { errorOf } from './timing';

describe('cancel in a runtime of its own', function () {
  this.timeout(60_000);
  afterEach(() => shutdown());

  it('of refs of a runtime that has ended says so', async () => {
    await init({ numCpus: 1 });
    const ref = put(1);
    await shutdown();
    expect(await errorOf(() => cancel(ref))).to.be.instanceOf(ShutdownError);
  });

  it('with force runs neighbours on the thread again, or fails them naming the culprit', async () => {
    await init({ numCpus: 1, maxThreads: 1 });
    const beacon = await makeBeacon();
    const spin = remote(function spin(): number {
      beacon.light.remote('spins');
      for (;;);
    });
    // With one thread in all, a task shares it with those that wait for it.
    const frail = remote(
      async function frail(): Promise<number> {
        const ref = spin.remote();
        beacon.keep.remote([ref]);
        return get(ref);
      },
      { maxRetries: 0 },
    );
    const sturdy = remote(
      async function sturdy(): Promise<string> {
        const { attempt } = getRuntimeContext();
        if (attempt !== 1) return `attempt ${attempt}`;
        const ref = frail.remote();
        beacon.keep.remote([ref]);
        await get(ref);
        return 'not seen';
      },
      { maxRetries: 1 },
    );
    const result = sturdy.remote();
    await lit(beacon, 'spins');
    const [failed, culprit] = await get(beacon.kept.remote());
    if (!failed || !culprit) throw new Error('both refs are kept');
    cancel(culprit, { force: true });
    expect(await errorOf(() => get(culprit))).to.be.instanceOf(TaskCancelledError);
    const error = await errorOf(() => get(failed));
    expect(error).to.be.instanceOf(WorkerCrashedError);
    expect(error.message).to.include('spin ended it: it was cancelled with force');
    expect(await get(result)).to.equal('attempt 2');
    await cpusFree(1);
  });

  it('5,000 tasks at random: each gives its value or is cancelled, and nothing hangs', async () => {
    await init({ numCpus: 2 });
    const next = remote(async (x: number) => {
      if (x % 7 === 0) await sleep(1);
      return x + 1;
    });
    let state = 42;
    const random = (): number => (state = (state * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
    const refs: ObjectRef<number>[] = [];
    const expected: number[] = [];
    for (let count = 0; count < 5000; count += 1) {
      const from = random() < 0.3 ? Math.floor(random() * refs.length) : -1;
      const source = refs[from];
      refs.push(next.remote(source ?? count));
      expected.push((source === undefined ? count : (expected[from] ?? NaN)) + 1);
      const victim = refs[Math.floor(random() * refs.length)];
      if (random() < 0.4 && victim !== undefined) cancel(victim, { force: random() < 0.02 });
      if (count % 100 === 0) await wait(refs.slice(-50), { timeout: 5 });
    }
    const ends = { value: 0, cancelled: 0 };
    const results = await Promise.allSettled(refs.map((ref) => get(ref)));
    results.forEach((result, at) => {
      if (result.status === 'fulfilled') {
        ends.value += 1;
        return expect(result.value).to.equal(expected[at]);
      }
      ends.cancelled += 1;
      let error = result.reason as Error;
      while (error instanceof TaskError) error = error.cause as Error;
      return expect(error).to.be.instanceOf(TaskCancelledError);
    });
    expect(ends.value).to.be.above(500);
    expect(ends.cancelled).to.be.above(500);
    await cpusFree(2);
    expect(await get(next.remote(1))).to.equal(2);
  });
});
