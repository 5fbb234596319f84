import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { cancel, get, getSync, init, type ObjectRef, put, remote, shutdown, wait } from 'rayx';
import { signForEach } from './beacon';
import { duration } from './timing';

const FEW = 1000;
const MANY = 100_000;
/** A look at each queued call would cost 100 times as much. */
const NOTICEABLE = 12;

const work = remote((path = '') => {
  while (path !== '' && !existsSync(path));
});

class Counter {
  #count = 0;

  add(): number {
    return (this.#count += 1);
  }
}

describe('a long queue of tasks', function () {
  this.timeout(60_000);
  const sign = signForEach();
  afterEach(() => shutdown());

  it('slows down nothing that need not wait for it', async () => {
    await init({ numCpus: 2 });
    const counter = remote(Counter).remote();
    const light = work.options({ numCpus: 0 });
    const refs: ObjectRef<void>[] = [work.remote(sign.path), work.remote(sign.path)];

    const acts: Record<string, () => Promise<unknown>> = {
      'a call of an actor': () => get(counter.add.remote()),
      'a task that takes no CPU': () => get(light.remote()),
      'a task that is cancelled': () => {
        const ref = work.remote();
        cancel(ref);
        return get(ref).catch(() => undefined);
      },
      'getSync()': async () => getSync(counter.add.remote()),
      'put() and get()': () => get(put(1)),
      'wait() for some of them': () => wait(refs.slice(-10), { timeout: 0 }),
    };

    /** Milliseconds of each, the least of many, with so many calls queued. */
    const behind = async (count: number): Promise<Record<string, number>> => {
      while (refs.length < count) refs.push(work.remote());
      await get(light.remote()); // and all of them are there
      const least: Record<string, number> = {};
      for (const [what, act] of Object.entries(acts)) {
        const times: number[] = [];
        while (times.length < 50) times.push(await duration(act));
        least[what] = Math.min(...times);
      }
      return least;
    };

    const short = await behind(FEW);
    const long = await behind(MANY);
    for (const [what, took] of Object.entries(long)) {
      expect(took / (short[what] ?? 0), `times as long for ${what}`).to.be.below(NOTICEABLE);
    }
    sign.give();
    await get(refs);
  });
});
