/*
 * Wait. `wait` answers as soon as some of the calls are done, with those that are and those that
 * are not, both in the order given. It never throws what a call threw: that is for `get`.
 *
 * Of naps of three, five and two seconds the first two are over after three seconds, the last
 * after five. Prints:
 *
 *   after 0.5 s: 0 done
 *   two done: [ 3, 2 ]
 *   until two are done: 3.0s
 *   the other: [ 5 ]
 *   until all are done: 5.0s
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { get, init, remote, wait } from 'rayx';

// #region declare
const nap = remote(async (seconds: number) => {
  await sleep(1000 * seconds);
  return seconds;
});
// #endregion

export async function waiting(): Promise<void> {
  console.time('until two are done');
  console.time('until all are done');
  // #region wait
  const naps = [nap.remote(3), nap.remote(5), nap.remote(2)];

  const [early] = await wait(naps, { timeout: 500 }); // milliseconds
  console.log(`after 0.5 s: ${early.length} done`);

  const [ready, pending] = await wait(naps, { numReturns: 2 });
  console.log('two done:', await get(ready)); // [ 3, 2 ]
  // #endregion
  console.timeEnd('until two are done');
  // #region rest
  console.log('the other:', await get(pending)); // [ 5 ]
  // #endregion
  console.timeEnd('until all are done');
}

// When run by itself, not as a part of the tutorial.
if (require.main === module) {
  void init({ numCpus: 4 }).then(waiting);
}
