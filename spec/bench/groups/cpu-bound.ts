import { poolContenders } from '../contenders/pools';
import { RawWorkers } from '../contenders/raw';
import { check } from '../contenders/rayx';
import { burn, stepsOf } from '../contenders/work';
import { scaled, workers, type Group, type SampledContender } from '../harness/case';
import { slice } from '../harness/slice';

/** The same for everybody: work of about 10 ms, so that cores that are slower or shared show. */
const steps = stepsOf(10);
const result = burn(steps);
const tasks = 20 * workers;

/** What one thread does alone, doubled. */
const oneCore: SampledContender = {
  name: '2 × one core',
  yardstick: true,
  settings: { workers: 1 },
  async start(size) {
    const raw = new RawWorkers(1);
    const count = scaled(tasks, size);
    const run = async () => {
      for (let i = 0; i < count; i += 1) check((await raw.run('burn', steps)) === result);
    };
    return (ms) => slice({ amount: count * workers, run }, ms);
  },
};

export const group: Group = {
  title: 'CPU-bound tasks',
  cases: [
    {
      kind: 'sampled',
      name: '10 ms CPU-bound tasks on 2 cores',
      unit: 'tasks/s',
      what: '40 calls of a function that computes for about 10 ms, then waiting for all results',
      contenders: [
        ...poolContenders('computing', (pool, size) => {
          const list = Array.from({ length: scaled(tasks, size) }, () => steps);
          return {
            amount: list.length,
            async run() {
              const values = await pool.runAll('burn', list);
              check(values.every((value) => value === result));
            },
          };
        }),
        oneCore,
      ],
    },
  ],
};
