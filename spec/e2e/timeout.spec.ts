import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import {
  type ActorHandle,
  availableResources,
  cancel,
  get,
  getRuntimeContext,
  getSync,
  init,
  type ObjectRef,
  remote,
  shutdown,
  TaskCancelledError,
  TaskError,
  TaskTimeoutError,
} from 'rayx';
import { type Beacon, cpusFree, lit, makeBeacon, Sign } from './beacon';
import { duration, errorOf } from './timing';

describe('the timeout of a function', function () {
  this.timeout(30_000);
  let beacon: ActorHandle<Beacon>;
  before(() => init({ numCpus: 2 }));
  beforeEach(async () => (beacon = await makeBeacon()));
  // Whatever was too late has ended.
  afterEach(() => cpusFree(2));
  after(() => shutdown());

  /** Longer than any of these specs takes. */
  const LONG = 600_000;

  const patient = remote(async function patient(to: ActorHandle<Beacon>): Promise<void> {
    const signal = getRuntimeContext().signal as AbortSignal;
    to.light.remote('begins');
    await once(signal, 'abort');
    to.light.remote(`ends: ${(signal.reason as Error).name}`);
  });

  const busy = remote(function busy(to: ActorHandle<Beacon>): number {
    to.light.remote(`attempt ${getRuntimeContext().attempt}`);
    for (;;);
  });

  it('rejects its ref and aborts its signal, with the same error', async () => {
    const ref = patient.options({ timeout: 30, graceMs: LONG }).remote(beacon);
    const error = await errorOf(() => get(ref));
    expect(error).to.be.instanceOf(TaskTimeoutError);
    expect(error).to.include({ code: 'TASK_TIMEOUT', taskName: 'patient', timeout: 30 });
    expect(error.stack).to.match(/submitted at\n.*timeout\.spec\.ts/);
    await lit(beacon, 'ends: TaskTimeoutError');
  });

  it('leaves alone what ends in time', async () => {
    const square = remote((x: number) => x * x, { timeout: LONG });
    const numbers = Array.from({ length: 100 }, (_, at) => at);
    expect(await get(numbers.map((x) => square.remote(x)))).to.deep.equal(
      numbers.map((x) => x * x),
    );
  });

  it('ends a busy loop by force after the grace', async () => {
    const ref = busy.options({ timeout: 200, graceMs: 20 }).remote(beacon);
    expect(await errorOf(() => get(ref))).to.be.instanceOf(TaskTimeoutError);
    await cpusFree(2);
    const seen = await get(beacon.seen.remote());
    expect(seen).to.deep.equal(['attempt 1']);
  });

  it('ends what a task waits for, getSync included', async () => {
    const never = patient.remote(beacon);
    await lit(beacon, 'begins');
    const waiters = {
      get: remote(async (refs: ObjectRef<void>[]) => get(refs)),
      getSync: remote((refs: ObjectRef<void>[]) => getSync(refs)),
    };
    for (const waiter of Object.values(waiters)) {
      const ref = waiter.options({ timeout: 20, graceMs: LONG }).remote([never]);
      expect(await errorOf(() => get(ref))).to.be.instanceOf(TaskTimeoutError);
      await cpusFree(1);
    }
    cancel(never);
  });

  it('counts from its start, and not while it is queued', async () => {
    const runners = [patient.remote(beacon), patient.remote(beacon)];
    await cpusFree(0);
    const quick = remote(() => 'in time', { timeout: 300 }).remote();
    await sleep(600);
    cancel(runners);
    expect(await get(quick)).to.equal('in time');
  });

  it('counts while it waits', async () => {
    const waiter = remote(async (to: ActorHandle<Beacon>) => get(patient.remote(to)), {
      timeout: 50,
      graceMs: LONG,
    });
    expect(await errorOf(() => get(waiter.remote(beacon)))).to.be.instanceOf(TaskTimeoutError);
  });

  it('cancels the calls that the task has made', async () => {
    const parent = remote(
      async function parent(to: ActorHandle<Beacon>) {
        const child = patient.remote(to);
        to.keep.remote([child]);
        await get(child);
      },
      { timeout: 500 },
    );
    const ref = parent.remote(beacon);
    await lit(beacon, 'begins');
    expect(await errorOf(() => get(ref))).to.be.instanceOf(TaskTimeoutError);
    await lit(beacon, 'ends: TaskCancelledError');
    const [child] = await get(beacon.kept.remote());
    const error = await errorOf(() => get(child as ObjectRef<unknown>));
    expect(error).to.be.instanceOf(TaskCancelledError);
    expect(error.message).to.include('parent, which made it, ran longer than its timeout');
  });

  it('is not retried, whatever maxRetries says', async () => {
    const ref = busy.options({ timeout: 200, graceMs: 0, maxRetries: 5 }).remote(beacon);
    expect(await errorOf(() => get(ref))).to.be.instanceOf(TaskTimeoutError);
    await cpusFree(2);
    expect(await get(beacon.seen.remote())).to.deep.equal(['attempt 1']);
  });

  it('is retried where retryExceptions says so, each attempt with the whole time', async () => {
    const ref = busy
      .options({ timeout: 200, graceMs: 0, maxRetries: 2, retryExceptions: [TaskTimeoutError] })
      .remote(beacon);
    const took = await duration(() => errorOf(() => get(ref)));
    expect(took).to.be.at.least(600);
    expect(await errorOf(() => get(ref))).to.be.instanceOf(TaskTimeoutError);
    const seen = await get(beacon.seen.remote());
    expect(seen).to.deep.equal(['attempt 1', 'attempt 2', 'attempt 3']);
  });

  it('gives the value of the attempt that ends in time', async () => {
    const slow = remote(
      async function slow() {
        const { attempt, signal } = getRuntimeContext();
        if (attempt === 1) await once(signal as AbortSignal, 'abort');
        return `attempt ${attempt}`;
      },
      { timeout: 1000, retryExceptions: true },
    );
    expect(await get(slow.remote())).to.equal('attempt 2');
  });

  it('fails what depends on it', async () => {
    const late = patient.options({ timeout: 20 }).remote(beacon);
    const next = remote((x: unknown) => x, { name: 'next' }).remote(late);
    const error = await errorOf(() => get(next));
    expect(error).to.be.instanceOf(TaskError).and.include({ dependency: 'patient' });
    expect(error.cause).to.be.instanceOf(TaskTimeoutError);
  });

  it('keeps the CPU until the function has ended', async () => {
    const sign = new Sign();
    const stubborn = remote(
      async function stubborn(path: string) {
        await once(getRuntimeContext().signal as AbortSignal, 'abort');
        while (!existsSync(path));
      },
      { timeout: 20, graceMs: LONG },
    );
    await errorOf(() => get(stubborn.remote(sign.path)));
    expect(availableResources().CPU).to.equal(1);
    sign.give();
    await cpusFree(2);
    sign.remove();
  });
});
