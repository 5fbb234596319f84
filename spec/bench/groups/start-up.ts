import { pools } from '../contenders/pools';
import type { Group } from '../harness/case';

export const group: Group = {
  title: 'Start-up',
  cases: [
    {
      kind: 'whole',
      name: 'import to first result',
      unit: 'ms',
      what: 'in a fresh process: load the package, start 2 workers, one call, its result',
      contenders: pools.map(({ name, yardstick, settings, start }) => ({
        name,
        ...(yardstick && { yardstick }),
        settings: settings('one by one'),
        async run() {
          const begin = performance.now();
          const pool = start(settings('one by one'));
          const value = await pool.run('echo', 1);
          const ms = performance.now() - begin;
          if (value !== 1) throw new Error('a wrong result');
          return ms;
        },
      })),
    },
  ],
};
