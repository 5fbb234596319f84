import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { get, init, remote, shutdown, type TaskOptions, wait } from 'rayx';
import { duration } from './timing';

/** Short when warmed up with 0, and long for once when told so. */
const work = remote((milliseconds: number) => {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
});

const warmUp = () => get(Array.from({ length: 500 }, () => work.remote(0)));

class Log {
  readonly #entries: string[] = [];
  add(entry: string): void {
    this.#entries.push(entry);
  }
  entries(): string[] {
    return this.#entries;
  }
}

describe('the road of a call', function () {
  this.timeout(20_000);
  afterEach(() => shutdown());

  it('does not need the driver: calls run while it spins', async () => {
    await init({ numCpus: 2 });
    await get(work.remote(0));
    const stamp = remote(() => Date.now());
    await get(stamp.remote());
    const refs = [stamp.remote(), stamp.remote()];
    const before = Date.now();
    const end = performance.now() + 2000;
    while (performance.now() < end);
    for (const ran of await get(refs)) expect(ran - before).to.be.below(1000);
  });

  it('does not hold a short result back for the long call behind it', async () => {
    await init({ numCpus: 1 });
    await warmUp();
    const short = Array.from({ length: 20 }, () => work.remote(0));
    const long = work.remote(2000);
    expect(await duration(() => get(short))).to.be.below(1000);
    await get(long);
  });

  it('takes short calls away from behind a long one', async () => {
    await init({ numCpus: 2 });
    await warmUp();
    const long = work.remote(2000);
    const short = Array.from({ length: 63 }, () => work.remote(0));
    expect(await duration(() => get(short))).to.be.below(1000);
    await get(long);
  });

  it('takes resumed tasks first, then the deepest, then the oldest', async () => {
    await init({ numCpus: 1 });
    const log = remote(Log).remote();
    await get(log.entries.remote());
    const child = remote((name: string) => {
      log.add.remote(`child of ${name}`);
    });
    const parent = remote(async (name: string) => {
      log.add.remote(`${name} starts`);
      await get(child.remote(name));
      log.add.remote(`${name} ends`);
    });
    await get([parent.remote('a'), parent.remote('b')]);
    expect(await get(log.entries.remote())).to.deep.equal([
      'a starts',
      'child of a',
      'a ends',
      'b starts',
      'child of b',
      'b ends',
    ]);
  });

  it('goes on past a call that asks for more than there is', async () => {
    await init({ numCpus: 2, logToDriver: false });
    for (const options of [{ numCpus: 64 }, { resources: { licence: 1 } }]) {
      const never = work.options(options).remote(0);
      expect(await wait([never], { timeout: 100 })).to.deep.equal([[], [never]]);
      await get(work.remote(0), { timeout: 5000 });
      await get(remote(Log).remote().entries.remote(), { timeout: 5000 });
    }
  });

  it('does not start more tasks than their CPUs and resources fit in', async () => {
    await init({ numCpus: 4, resources: { licence: 2 } });
    const nap = remote(async () => {
      await sleep(500);
    });
    const calls = (options: TaskOptions) =>
      get([1, 2, 3, 4].map(() => nap.options(options).remote()));
    await calls({});
    expect(await duration(() => calls({ numCpus: 0.5 }))).to.be.below(950);
    expect(await duration(() => calls({ numCpus: 2 }))).to.be.within(950, 1900);
    expect(await duration(() => calls({ resources: { licence: 1 } }))).to.be.within(950, 1900);
  });

  it('brings a time-out to a waiting task in time, though its CPU is taken', async () => {
    await init({ numCpus: 1 });
    const nap = remote(async () => {
      await sleep(2500);
    });
    const patient = remote(async () => {
      const start = performance.now();
      const ref = nap.remote();
      try {
        await get(ref, { timeout: 300 });
      } catch {
        return performance.now() - start;
      }
      return Infinity;
    });
    const waited = patient.remote();
    const spinner = work.remote(1500);
    expect(await get(waited)).to.be.within(290, 1200);
    await get(spinner);
  });

  it('settles a long chain of dependent calls', async () => {
    await init({ numCpus: 2 });
    const add = remote((x: number) => x + 1);
    let ref = add.remote(0);
    for (let i = 1; i < 20_000; i++) ref = add.remote(ref);
    expect(await get(ref)).to.equal(20_000);
  });

  it('keeps the CPU of a task that awaits something else than a ref', async () => {
    await init({ numCpus: 1 });
    const nap = remote(async () => {
      await sleep(500);
    });
    expect(await duration(() => get([nap.remote(), nap.remote()]))).to.be.at.least(950);
  });
});
