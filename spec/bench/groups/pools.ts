import { poolContenders } from '../contenders/pools';
import { check } from '../contenders/rayx';
import { scaled, type Group } from '../harness/case';

export const group: Group = {
  title: 'Thread pools',
  cases: [
    {
      kind: 'sampled',
      name: 'pools: one call at a time',
      unit: 'calls/s',
      what: 'a call that answers with its argument, a number, one after another',
      contenders: poolContenders('one by one', (pool) => {
        let next = 0;
        return {
          amount: 1,
          async run() {
            const number = (next += 1);
            check((await pool.run('echo', number)) === number);
          },
        };
      }),
    },
    {
      kind: 'sampled',
      name: 'pools: 1,000 calls at once',
      unit: 'calls/s',
      what: '1,000 such calls, then waiting for all results',
      contenders: poolContenders('many', (pool, size) => {
        const numbers = Array.from({ length: scaled(1000, size) }, (_, i) => i);
        return {
          amount: numbers.length,
          async run() {
            const values = await pool.runAll('echo', numbers);
            check(values.every((value, i) => value === i));
          },
        };
      }),
    },
    {
      kind: 'sampled',
      name: 'pools: 1 MB argument',
      unit: 'calls/s',
      what: 'a call with a Uint8Array of 1 MB that the caller keeps, one after another',
      contenders: poolContenders('large', (pool) => {
        const bytes = new Uint8Array(1e6).fill(1);
        return { amount: 1, run: async () => check((await pool.run('ends', bytes)) === 2) };
      }),
    },
  ],
};
