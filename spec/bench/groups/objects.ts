import { free, get, put, remote, wait, type ObjectRef } from 'rayx';
import { setTimeout } from 'node:timers/promises';
import { check, rayx, turn, wholeRayx } from '../contenders/rayx';
import { scaled, type Group, type WholeContender } from '../harness/case';

const smallValue = remote(() => 'ok');

const putSmall = remote((count: number) => {
  for (let i = 0; i < count; i += 1) put(0);
});

const putLarge = remote((count: number, length: number) => {
  for (let i = 0; i < count; i += 1) put(new Float64Array(length));
});

const refsInside = remote((count: number) => Array.from({ length: count }, () => put(1)));

const ends = remote((array: Float64Array) => (array[0] ?? NaN) + (array.at(-1) ?? NaN));

const megabyte = 1e6;
const bytesOf = (megabytes: number, size: number): number => scaled(megabytes * megabyte, size);

/** Numbers that are not zero: memory that was never written to would not count. */
const numbers = (bytes: number): Float64Array => new Float64Array(bytes / 8).fill(1);

/** How long it takes to copy 800 MB, in GB/s; `prepare` makes ready what is not timed. */
async function copySpeed(
  size: number,
  prepare: (source: Float64Array) => Promise<() => ObjectRef<Float64Array> | void>,
): Promise<number> {
  const source = numbers(bytesOf(800, size));
  const copy = await prepare(source);
  const start = performance.now();
  const ref = copy();
  const seconds = (performance.now() - start) / 1000;
  if (ref) check((await get(ref)).at(-1) === 1);
  return source.byteLength / 1e9 / seconds;
}

function byHand(name: string, prepare: (source: Float64Array) => () => unknown): WholeContender {
  const run = (size: number) =>
    copySpeed(size, async (source) => {
      const copy = prepare(source);
      return () => void copy();
    });
  return { name, yardstick: true, run };
}

export const group: Group = {
  title: 'Objects',
  cases: [
    {
      kind: 'sampled',
      name: 'single client get calls',
      unit: 'gets/s',
      what: 'get of a ref to a small stored value, one after another',
      contenders: [
        rayx((size) => {
          const amount = scaled(1000, size);
          const value = put(0);
          return {
            amount,
            async run() {
              for (let i = 0; i < amount; i += 1) check((await get(value)) === 0);
              await turn();
            },
          };
        }),
      ],
    },
    {
      kind: 'sampled',
      name: 'single client put calls',
      unit: 'puts/s',
      what: 'put of a small value, whose ref is dropped; a turn of the event loop after 1,000',
      contenders: [
        rayx((size) => {
          const amount = scaled(1000, size);
          return {
            amount,
            async run() {
              for (let i = 0; i < amount; i += 1) put(0);
              await turn();
            },
          };
        }),
      ],
    },
    {
      kind: 'sampled',
      name: 'multi client put calls',
      unit: 'puts/s',
      what: '10 tasks that put 100 small values each',
      contenders: [
        rayx((size) => {
          const each = scaled(100, size);
          return {
            amount: 10 * each,
            run: async () => {
              await get(Array.from({ length: 10 }, () => putSmall.remote(each)));
            },
          };
        }),
      ],
    },
    {
      kind: 'sampled',
      name: 'single client get object containing 10k refs',
      unit: 'gets/s',
      what: 'get of a ref to a list of 10,000 refs that a task made',
      contenders: [
        rayx((size) => {
          const count = scaled(10_000, size);
          const list = refsInside.remote(count);
          return { amount: 1, run: async () => check((await get(list)).length === count) };
        }),
      ],
    },
    {
      kind: 'sampled',
      name: 'single client wait 1k refs',
      unit: 'rounds/s',
      what: '1,000 tasks, whose refs are taken out one by one by 1,000 calls of wait',
      contenders: [
        rayx((size) => {
          const count = scaled(1000, size);
          return {
            amount: 1,
            async run() {
              let rest = Array.from({ length: count }, () => smallValue.remote());
              for (let i = 0; i < count; i += 1) {
                const [ready, others] = await wait(rest);
                check(ready.length === 1);
                rest = others;
              }
              check(rest.length === 0);
            },
          };
        }),
      ],
    },
    {
      kind: 'whole',
      name: 'single client put gigabytes',
      unit: 'GB/s',
      what: 'put of an 800 MB array in a fresh process, beside copies of it by hand',
      contenders: [
        wholeRayx((size) => copySpeed(size, async (source) => () => put(source))),
        byHand('source.slice()', (source) => () => source.slice()),
      ],
    },
    {
      kind: 'whole',
      name: 'put into recycled memory',
      unit: 'GB/s',
      what: 'put of an 800 MB array after another was freed, beside a copy by hand into memory that was written before',
      contenders: [
        wholeRayx((size) =>
          copySpeed(size, async (source) => {
            free([put(source)]);
            // Its memory comes back with what the raylet says next.
            await setTimeout(100);
            return () => put(source);
          }),
        ),
        byHand('warm.set(source)', (source) => {
          const warm = numbers(source.byteLength);
          return () => warm.set(source);
        }),
      ],
    },
    {
      kind: 'whole',
      name: 'multi client put gigabytes',
      unit: 'GB/s',
      what: '10 tasks that make and put 10 arrays of 80 MB each',
      repetitions: 3,
      peakMemory: true,
      contenders: [
        wholeRayx(async (size) => {
          await get([putLarge.remote(1, 1), putLarge.remote(1, 1)]);
          const length = bytesOf(80, size) / 8;
          const start = performance.now();
          await get(Array.from({ length: 10 }, () => putLarge.remote(10, length)));
          return (100 * 8 * length) / 1e6 / (performance.now() - start);
        }),
      ],
    },
    {
      kind: 'sampled',
      name: 'task reading a 100 MB ref',
      unit: 'tasks/s',
      what: 'a task that reads the ends of a stored array, and get of its ref, one after another',
      contenders: [
        rayx((size) => readEnds(bytesOf(100, size))),
        { ...rayx(() => readEnds(1024)), name: 'the same on 1 KB', yardstick: true },
      ],
    },
  ],
};

function readEnds(bytes: number): { amount: number; run(): Promise<void> } {
  const array = put(numbers(bytes));
  return { amount: 1, run: async () => check((await get(ends.remote(array))) === 2) };
}
