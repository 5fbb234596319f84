/*
 * Dependencies. A future may be an argument: the call waits, not the caller, and the function sees
 * the value. So a whole graph of calls is written down first and waited for once.
 *
 * `addOne(double(x))` over four numbers is eight calls of a second; they take two. Inside a list or
 * an object a future stays a future. Prints:
 *
 *   [ 3, 5, 7, 9 ]
 *   eight calls of one second: 2.0s
 *   2 of 3 arrived as futures
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { get, init, type ObjectRef, remote } from 'rayx';

// #region declare
const double = remote(async (x: number) => {
  await sleep(1000);
  return 2 * x;
});

const addOne = remote(async (x: number) => {
  await sleep(1000);
  return x + 1;
});
// #endregion

// #region nested-refs
const countFutures = remote((numbers: (number | ObjectRef<number>)[]) => {
  const futures = numbers.filter((entry) => typeof entry !== 'number');
  return `${futures.length} of ${numbers.length} arrived as futures`;
});
// #endregion

export async function dependencies(): Promise<void> {
  console.time('eight calls of one second');
  // #region chain
  const refs = [1, 2, 3, 4].map((x) => addOne.remote(double.remote(x)));
  console.log(await get(refs)); // [ 3, 5, 7, 9 ]
  // #endregion
  console.timeEnd('eight calls of one second');

  // #region call-nested-refs
  console.log(await get(countFutures.remote([...refs.slice(0, 2), 7])));
  // #endregion
}

// When run by itself, not as a part of the tutorial.
if (require.main === module) {
  void init({ numCpus: 4 }).then(dependencies);
}
