import { expect } from 'chai';
import { getHeapStatistics } from 'node:v8';
import {
  type ActorHandle,
  cancel,
  get,
  getRuntimeContext,
  init,
  OutOfMemoryError,
  remote,
  shutdown,
  WorkerCrashedError,
} from 'rayx';
import { type Beacon, cpusFree, lit, makeBeacon } from './beacon';
import { errorOf } from './timing';

/** Reaches the heap limit, little by little. */
function fillHeap(): never {
  const kept: number[][] = [];
  for (;;) kept.push(new Array<number>(1000).fill(kept.length));
}

describe('a thread that ends under its tasks', function () {
  this.timeout(60_000);
  let beacon: ActorHandle<Beacon>;
  afterEach(() => shutdown());

  const start = async (options: { numCpus?: number; maxThreads?: number } = {}): Promise<void> => {
    const usual = { numCpus: 1, workerHeapMb: 64, logToDriver: false };
    // Refs that a lost thread held are gone, and their failures with them.
    await init({ ...usual, ...options, onUnhandledError: () => {} });
    beacon = await makeBeacon();
  };

  const hog = remote(function hog(to: ActorHandle<Beacon>): number {
    to.light.remote(`attempt ${getRuntimeContext().attempt}`);
    console.log('first words');
    console.log('last words');
    return fillHeap();
  });

  it('for its heap limit fails the task with its name, the reason and its last lines', async () => {
    await start();
    const error = await errorOf(() => get(hog.options({ maxRetries: 0 }).remote(beacon)));
    expect(error).to.be.instanceOf(OutOfMemoryError).and.include({
      code: 'OUT_OF_MEMORY',
      taskName: 'hog',
      reason: 'its thread reached its heap limit of 64 MB',
    });
    expect((error as OutOfMemoryError).lastLines).to.deep.equal(['first words', 'last words']);
    expect(error.message).to.include('hog').and.include('workerHeapMb');
  });

  it('runs its task again three times, unless told otherwise', async () => {
    await start();
    const quit = remote(function quit(to: ActorHandle<Beacon>): void {
      to.light.remote(`attempt ${getRuntimeContext().attempt}`);
      process.exit(1);
    });
    expect(await errorOf(() => get(quit.remote(beacon)))).to.be.instanceOf(WorkerCrashedError);
    const attempts = [1, 2, 3, 4].map((attempt) => `attempt ${attempt}`);
    expect(await get(beacon.seen.remote())).to.deep.equal(attempts);
  });

  it('charges the culprit a retry each time', async () => {
    await start();
    const error = await errorOf(() => get(hog.options({ maxRetries: 2 }).remote(beacon)));
    expect(error).to.be.instanceOf(OutOfMemoryError);
    const attempts = ['attempt 1', 'attempt 2', 'attempt 3'];
    expect(await get(beacon.seen.remote())).to.deep.equal(attempts);
  });

  it('runs its neighbours again free of charge, or fails them naming the culprit', async () => {
    // With one thread in all, a task shares it with those that wait for it.
    await start({ maxThreads: 1 });
    const frail = remote(
      async function frail(to: ActorHandle<Beacon>): Promise<number> {
        return get(hog.options({ maxRetries: 0 }).remote(to));
      },
      { maxRetries: 0 },
    );
    const sturdy = remote(
      async function sturdy(to: ActorHandle<Beacon>): Promise<string> {
        const { attempt = 0 } = getRuntimeContext();
        if (attempt > 2) return `attempt ${attempt}`;
        const ref = frail.remote(to);
        to.keep.remote([ref]);
        await get(ref);
        return 'not seen';
      },
      { maxRetries: 1 },
    );
    // Twice, though it has one retry: it pays for none of them.
    expect(await get(sturdy.remote(beacon))).to.equal('attempt 3');
    for (const ref of await get(beacon.kept.remote())) {
      const error = await errorOf(() => get(ref));
      expect(error).to.be.instanceOf(WorkerCrashedError).and.include({ taskName: 'frail' });
      expect(error.message).to.include('hog ended it: its thread reached its heap limit');
    }
  });

  it('is replaced, however many of them end and for whatever reason', async () => {
    await start({ numCpus: 2 });
    const spin = remote(function spin(to: ActorHandle<Beacon>, name: string): number {
      to.light.remote(name);
      for (;;);
    });
    const crash = remote(
      async () => {
        setImmediate(() => {
          throw new RangeError('uncaught');
        });
        await new Promise(() => {});
      },
      { maxRetries: 0 },
    );
    for (let round = 0; round < 3; round += 1) {
      const ref = spin.remote(beacon, `round ${round}`);
      await lit(beacon, `round ${round}`);
      cancel(ref, { force: true });
      await errorOf(() => get(crash.remote()));
      await errorOf(() => get(hog.options({ maxRetries: 0 }).remote(beacon)));
    }
    await cpusFree(2);
    // Two tasks that need each other: both CPUs have a thread that works.
    const meet = remote(async function meet(to: ActorHandle<Beacon>, own: string, other: string) {
      to.light.remote(own);
      while (!(await get(to.seen.remote())).includes(other));
      return getRuntimeContext().workerId;
    });
    const refs = [meet.remote(beacon, 'left', 'right'), meet.remote(beacon, 'right', 'left')];
    expect(new Set(await get(refs)).size).to.equal(2);
  });
});

describe('a thread without a heap limit of its own', () => {
  after(() => shutdown());

  it("keeps below Node's own, at which the whole process would end", async () => {
    const limit = remote(() => getHeapStatistics().heap_size_limit);
    const own = getHeapStatistics().heap_size_limit;
    // Some more than its old generation counts, and less than all.
    expect(await get(limit.remote())).to.be.within(0.85 * own, 0.97 * own);
  });
});
