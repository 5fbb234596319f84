import { existsSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { get, init, remote, shutdown, type TaskOptions, wait } from 'rayx';
import { signForEach } from './beacon';
import { stay, Tally } from './tally';
import { errorOf } from './timing';

/** Short, unless it is told to be busy until a sign is given. */
const work = remote((path = '') => {
  while (path !== '' && !existsSync(path));
});

const warmUp = () => get(Array.from({ length: 500 }, () => work.remote()));

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
  const sign = signForEach();
  afterEach(() => shutdown());

  it('does not need the driver: calls run while it spins', async () => {
    await init({ numCpus: 2 });
    const give = remote((path: string) => writeFileSync(path, ''));
    const ref = give.remote(sign.path);
    while (!existsSync(sign.path));
    await get(ref);
  });

  it('does not hold a short result back for the long call behind it', async () => {
    await init({ numCpus: 1 });
    await warmUp();
    const short = Array.from({ length: 20 }, () => work.remote());
    const long = work.remote(sign.path);
    await get(short);
    sign.give();
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
      const never = work.options(options).remote();
      expect(await wait([never], { timeout: 100 })).to.deep.equal([[], [never]]);
      await get(work.remote());
      await get(remote(Log).remote().entries.remote());
    }
  });

  it('does not start more tasks than their CPUs and resources fit in', async () => {
    await init({ numCpus: 4, resources: { licence: 2 } });
    const guest = remote(stay);
    const atOnce = async (count: number, options: TaskOptions): Promise<void> => {
      const tally = new Tally();
      const call = () => guest.options(options).remote(tally.memory, count);
      await get(Array.from({ length: 2 * count }, call));
      expect(tally.most).to.equal(count);
    };
    await atOnce(4, {});
    await atOnce(8, { numCpus: 0.5 });
    await atOnce(2, { numCpus: 2 });
    await atOnce(2, { resources: { licence: 1 } });
  });

  it('brings a time-out to a waiting task in time, though its CPU is taken', async () => {
    await init({ numCpus: 1 });
    const patient = remote(async (path: string) => {
      const error = await errorOf(() => get(work.remote(path), { timeout: 300 }));
      return error.name;
    });
    // What it waits for has its CPU, and does not end before it has the time-out.
    expect(await get(patient.remote(sign.path))).to.equal('GetTimeoutError');
    sign.give();
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
    const tally = new Tally();
    const guest = remote(stay);
    await get([1, 2].map(() => guest.remote(tally.memory, 1)));
    expect(tally.most).to.equal(1);
  });
});
