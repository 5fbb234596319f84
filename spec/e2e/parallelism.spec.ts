import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { get, init, remote, shutdown } from 'rayx';
import { duration } from './timing';

const asleep = remote(async (milliseconds: number) => {
  await sleep(milliseconds);
});

const busy = remote((milliseconds: number) => {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
});

describe('parallelism', function () {
  this.timeout(20_000);
  afterEach(() => shutdown());

  for (const [what, task] of Object.entries({ asleep, busy })) {
    it(`runs two calls of 2 s, ${what}, side by side on two CPUs`, async () => {
      await init({ numCpus: 2 });
      const took = await duration(() => get([task.remote(2000), task.remote(2000)]));
      expect(took).to.be.within(1950, 3300);
    });

    it(`runs two calls of 2 s, ${what}, one after another on one CPU`, async () => {
      await init({ numCpus: 1 });
      const took = await duration(() => get([task.remote(2000), task.remote(2000)]));
      expect(took).to.be.at.least(3950);
    });
  }

  it('goes on while the driver itself is busy', async () => {
    await init({ numCpus: 2 });
    const took = await duration(async () => {
      const ref = busy.remote(2000);
      const end = performance.now() + 2000;
      while (performance.now() < end);
      await get(ref);
    });
    expect(took).to.be.below(3500);
  });
});
