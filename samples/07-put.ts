/*
 * Put. `put` stores a value once, in memory that all threads share, and answers with its future.
 * Calls that are given the future read the one copy in place, however large it is.
 *
 * Four calls of a second share an array of 100 MB. What is stored never changes: a later write to
 * the original is not seen. Prints:
 *
 *   [ 3125000, 3125000, 3125000, 3125000 ]
 *   four calls of one second on one array: 1.2s
 *   the first number is still 1
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { get, init, put, remote } from 'rayx';

// #region sum
const sumQuarter = remote(async (numbers: Float64Array, quarter: number) => {
  await sleep(1000);
  const size = numbers.length / 4;
  let sum = 0;
  for (const x of numbers.subarray(quarter * size, (quarter + 1) * size)) sum += x;
  return sum;
});
// #endregion

// #region first
const first = remote((numbers: Float64Array) => numbers[0]);
// #endregion

export async function putting(): Promise<void> {
  console.time('four calls of one second on one array');
  // #region put
  const numbers = new Float64Array(12_500_000).fill(1);
  const stored = put(numbers); // one copy, for everybody

  const sums = [0, 1, 2, 3].map((quarter) => sumQuarter.remote(stored, quarter));
  console.log(await get(sums));
  // #endregion
  console.timeEnd('four calls of one second on one array');

  // #region immutable
  numbers[0] = 42;
  console.log(`the first number is still ${await get(first.remote(stored))}`);
  // #endregion
}

// When run by itself, not as a part of the tutorial.
if (require.main === module) {
  void init({ numCpus: 4 }).then(putting);
}
