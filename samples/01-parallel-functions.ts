/*
 * Parallel functions. `remote` turns a function into one whose calls run side by side: `.remote()`
 * answers at once with a future, an `ObjectRef`, and `get` waits for its value.
 *
 * Four calls that each take a second finish after one second, and so do two calls that each keep
 * a CPU busy for a second. Prints:
 *
 *   [ 2, 4, 6, 8 ]
 *   four calls of one second: 1.0s
 *   [ 'done', 'done' ]
 *   two busy seconds: 1.0s
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { get, init, remote } from 'rayx';

// #region declare
const double = remote(async (x: number) => {
  await sleep(1000); // stands for a second of work
  return 2 * x;
});
// #endregion

// #region busy
const busy = remote((milliseconds: number) => {
  const end = performance.now() + milliseconds;
  while (performance.now() < end); // on the main thread, nothing else would run meanwhile
  return 'done';
});
// #endregion

export async function parallelFunctions(): Promise<void> {
  console.time('four calls of one second');
  // #region call
  const refs = [1, 2, 3, 4].map((x) => double.remote(x)); // at once: nothing is awaited here
  console.log(await get(refs)); // [ 2, 4, 6, 8 ]
  // #endregion
  console.timeEnd('four calls of one second');

  console.time('two busy seconds');
  // #region call-busy
  console.log(await get([busy.remote(1000), busy.remote(1000)]));
  // #endregion
  console.timeEnd('two busy seconds');
}

// When run by itself, not as a part of the tutorial.
if (require.main === module) {
  void init({ numCpus: 4 }).then(parallelFunctions);
}
