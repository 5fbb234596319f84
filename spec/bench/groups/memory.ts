import { setTimeout } from 'node:timers/promises';
import { pools } from '../contenders/pools';
import type { Group } from '../harness/case';

export const group: Group = {
  title: 'Memory',
  cases: [
    {
      kind: 'whole',
      name: 'memory of an idle runtime with 2 workers',
      unit: 'MB',
      what: 'resident memory above that of the bare process, once each of 2 workers has started',
      contenders: pools.map(({ name, yardstick, settings, start }) => ({
        name,
        ...(yardstick && { yardstick }),
        settings: settings('one by one'),
        async run() {
          const before = await restingMemory();
          const pool = start(settings('one by one'));
          await pool.runAll('echo', [1, 2]);
          return (await restingMemory()) - before;
        },
      })),
    },
  ],
};

/** Resident memory in MB after garbage was collected and everything has come to rest. */
async function restingMemory(): Promise<number> {
  for (let i = 0; i < 3; i += 1) {
    globalThis.gc?.();
    await setTimeout(100);
  }
  return process.memoryUsage.rss() / 2 ** 20;
}
