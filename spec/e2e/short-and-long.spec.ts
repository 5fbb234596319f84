import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { get, getSync, init, type ObjectRef, remote, shutdown, wait } from 'rayx';
import { lit, makeBeacon, signForEach } from './beacon';

const MANY = 200;

/** Spins until the sign is given, where one is named: such a call hears nothing meanwhile. */
const work = remote((path = '') => {
  while (path !== '' && !existsSync(path));
});

/** Another function. */
const other = remote((x: number) => x + 1);

/** Waits and keeps its CPU, as one that waits for the network. */
const asleep = remote(async (path = '') => {
  while (path !== '' && !existsSync(path)) await sleep(5);
});

/** Stands still until the other has ended. */
const blocked = remote((refs: ObjectRef<void>[] = []) => {
  getSync(refs);
});

/** Calls by which a function becomes known to be short, so that its calls lie in the hands of workers. */
const warmUp = (call: () => ObjectRef<unknown>) => get(Array.from({ length: 500 }, call));

const times = (count: number, call: () => ObjectRef<unknown>) =>
  Array.from({ length: count }, call);

/*
 * Each of these would wait for ever if the short calls stood behind the long one: it does not end
 * before the sign is given, and that is given when they have ended.
 */
describe('a long task, while a CPU is free,', function () {
  this.timeout(20_000);
  const sign = signForEach();
  beforeEach(() => init({ numCpus: 2 }));
  afterEach(() => shutdown());

  /** The short ones end first, then the long ones. */
  async function inOrder(long: ObjectRef<unknown>[], short: ObjectRef<unknown>[]): Promise<void> {
    await get(short);
    expect(await wait(long, { timeout: 0 })).to.deep.equal([[], long]);
    sign.give();
    await get(long);
  }

  async function delaysItsOwn(fn: typeof work | typeof asleep): Promise<void> {
    await warmUp(() => fn.remote());
    const long = fn.remote(sign.path);
    await inOrder(
      [long],
      times(MANY, () => fn.remote()),
    );
  }

  it('delays no short ones of the same function', () => delaysItsOwn(work));

  it('delays none that lie before and behind it in many hands', async () => {
    await warmUp(() => work.remote());
    const before = times(MANY, () => work.remote());
    const long = work.remote(sign.path);
    await inOrder([long], [...before, ...times(MANY, () => work.remote())]);
  });

  it('delays none of other functions, known or not', async () => {
    await Promise.all([warmUp(() => work.remote()), warmUp(() => other.remote(1))]);
    const long = work.remote(sign.path);
    const fresh = remote((x: number) => 2 * x);
    const short = times(MANY, () => other.remote(1)).concat(times(MANY, () => fresh.remote(1)));
    await inOrder([long], short);
  });

  it('delays none when it is the first call there is', async () => {
    const long = work.remote(sign.path);
    await inOrder(
      [long],
      times(MANY, () => work.remote()),
    );
  });

  it('delays none that come when it has begun', async () => {
    const beacon = await makeBeacon();
    const begin = remote((path = '') => {
      if (path === '') return;
      beacon.light.remote('begun');
      while (!existsSync(path));
    });
    await warmUp(() => begin.remote());
    const long = begin.remote(sign.path);
    await lit(beacon, 'begun');
    await inOrder(
      [long],
      times(MANY, () => begin.remote()),
    );
  });

  it('delays none when it waits for something else than a ref', () => delaysItsOwn(asleep));

  it('delays none when it stands still in getSync()', async () => {
    await warmUp(() => blocked.remote());
    const gate = work.remote(sign.path);
    const long = blocked.remote([gate]);
    await inOrder(
      [gate, long],
      times(MANY, () => blocked.remote()),
    );
  });

  it('delays none that the driver waits for in getSync()', async () => {
    await warmUp(() => work.remote());
    const long = work.remote(sign.path);
    getSync(times(MANY, () => work.remote()));
    await inOrder([long], []);
  });

  it('delays none beside it in the task that made both', async () => {
    await warmUp(() => work.remote());
    const parent = remote(async (path: string) => {
      const long = work.remote(path);
      await get(times(MANY, () => work.remote()));
      return [long];
    });
    await inOrder(await get(parent.remote(sign.path)), []);
  });

  it('delays none that a task waits for in getSync()', async () => {
    await warmUp(() => work.remote());
    const long = work.remote(sign.path);
    const parent = remote(() => getSync(times(MANY, () => work.remote())).length);
    await inOrder(
      [long],
      times(4, () => parent.remote()),
    );
  });

  it('delays none when all CPUs but one have such a task', async () => {
    await shutdown();
    await init({ numCpus: 3 });
    await warmUp(() => work.remote());
    const long = times(2, () => work.remote(sign.path));
    await inOrder(
      long,
      times(MANY, () => work.remote()),
    );
  });

  it('delays no calls of an actor, however many CPUs have such a task', async () => {
    class Counter {
      #count = 0;
      add(): number {
        return (this.#count += 1);
      }
    }
    const counter = remote(Counter).remote();
    await get(counter.add.remote());
    const long = times(2, () => work.remote(sign.path));
    await inOrder(
      long,
      times(MANY, () => counter.add.remote()),
    );
  });
});
