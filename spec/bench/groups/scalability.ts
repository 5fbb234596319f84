import { get, put, remote, type ObjectRef } from 'rayx';
import { check, wholeRayx } from '../contenders/rayx';
import { scaled, type Group, type WholeCase } from '../harness/case';

/** Ray's objects of these cases are lists of so many numbers. */
const length = 10_000;

const sumOfSums = remote((...lists: number[][]) => {
  let sum = 0;
  for (const list of lists) for (const number of list) sum += number;
  return sum;
});

const sum = remote((...numbers: number[]) => numbers.reduce((total, number) => total + number, 0));

const count = remote((lists: number, listLength: number) =>
  Array.from({ length: lists }, () => upTo(listLength)),
);

const nothing = remote(() => {});

function upTo(end: number): number[] {
  return Array.from({ length: end }, (_, i) => i);
}

export const group: Group = {
  title: 'Scalability',
  cases: [
    once('10,000 arguments to a task', 'a task with 10,000 numbers as arguments', async (size) => {
      const numbers = upTo(scaled(10_000, size));
      return async () => {
        check((await get(sum.remote(...numbers))) === (numbers.length * (numbers.length - 1)) / 2);
      };
    }),
    once(
      '10,000 lists as arguments to a task',
      'the same with a list of 10,000 numbers for each, as in Ray’s record',
      async (size) => {
        const lists = Array.from({ length: scaled(10_000, size) }, () =>
          Array<number>(length).fill(1),
        );
        return async () => {
          check((await get(sumOfSums.remote(...lists))) === lists.length * length);
        };
      },
    ),
    once(
      '3,000 returns',
      'a task with numReturns 3,000, each a short list, and get of all',
      (size) => returns(scaled(3000, size), 1),
    ),
    once(
      '3,000 lists as returns',
      'the same with a list of 10,000 numbers for each, as in Ray’s record',
      (size) => returns(scaled(3000, size), length),
    ),
    once('get of 10,000 objects', 'put of 10,000 short lists, and one get of all', (size) =>
      gets(scaled(10_000, size), () => [1]),
    ),
    once(
      'get of 10,000 lists and 10,000 arrays',
      'the same with lists of 10,000 numbers and then with typed arrays, as in Ray’s record',
      async (size) => {
        const objects = scaled(10_000, size);
        const lists = await gets(objects, () => upTo(length));
        const arrays = await gets(objects, () => new Float64Array(length).fill(1));
        return async () => {
          await lists();
          await arrays();
        };
      },
    ),
    {
      ...once(
        '1,000,000 queued tasks',
        '1,000,000 tasks started in one loop, then get of one ref after another',
        async (size) => {
          const tasks = scaled(1_000_000, size);
          return async () => {
            const refs = Array.from({ length: tasks }, () => nothing.remote());
            for (const ref of refs) check((await get(ref)) === undefined);
          };
        },
      ),
      peakMemory: true,
    },
  ],
};

/** A case of one contender that is timed once, in a fresh process whose workers are ready. */
function once(
  name: string,
  what: string,
  prepare: (size: number) => Promise<() => Promise<void>>,
): WholeCase {
  return {
    kind: 'whole',
    name,
    unit: 's',
    what,
    repetitions: 3,
    contenders: [
      wholeRayx(async (size) => {
        const work = await prepare(size);
        await get([nothing.remote(), nothing.remote()]);
        const start = performance.now();
        await work();
        return (performance.now() - start) / 1000;
      }),
    ],
  };
}

/** TypeScript knows how many refs there are only for a number that stands in the program. */
type Returns = ObjectRef<number[]>[];

async function returns(lists: number, listLength: number): Promise<() => Promise<void>> {
  return async () => {
    const refs = count.options({ numReturns: lists }).remote(lists, listLength) as Returns;
    const values = await get(refs);
    check(values.length === lists && values.every((list) => list.length === listLength));
  };
}

async function gets(objects: number, make: () => ArrayLike<number>): Promise<() => Promise<void>> {
  return async () => {
    const refs = Array.from({ length: objects }, () => put(make()));
    const values = await get(refs);
    check(values.length === objects && values.every((value) => value.length > 0));
  };
}
