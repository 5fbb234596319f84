/*
 * Reactive pipelines. A future is an observable that gives its value once, so remote calls are
 * steps of an RxJS pipeline like any other.
 *
 * Prints:
 *
 *   [ 'short', 'medium', 'long' ]
 *   three naps, three seconds together: 1.5s
 *   short, then medium, then long
 *   sum of squares: 120
 *   eight calls of half a second, in two steps: 1.5s
 *   slept well: short
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { completed, fromRef, init, mapRemote, remote } from 'rayx';
import { from, lastValueFrom, map, mergeMap, reduce, toArray } from 'rxjs';

// #region nap
const naps = { short: 500, medium: 1000, long: 1500 };

const nap = remote(async (name: keyof typeof naps) => {
  await sleep(naps[name]);
  return name;
});
// #endregion

// #region steps
const double = remote(async (x: number) => {
  await sleep(500);
  return 2 * x;
});

const square = remote(async (x: number) => {
  await sleep(500);
  return x * x;
});
// #endregion

export async function reactivePipelines(): Promise<void> {
  console.time('three naps, three seconds together');
  // #region merge-map
  const names = ['long', 'short', 'medium'] as const;
  const ended$ = from(names).pipe(
    mergeMap((name) => nap.remote(name)), // in parallel; each value as soon as it is there
    toArray(),
  );
  console.log(await lastValueFrom(ended$)); // [ 'short', 'medium', 'long' ]
  // #endregion
  console.timeEnd('three naps, three seconds together');

  // #region completed
  const refs = names.map((name) => nap.remote(name));
  const inOrderOfEnd$ = completed(refs).pipe(toArray());
  console.log((await lastValueFrom(inOrderOfEnd$)).join(', then '));
  // #endregion

  console.time('eight calls of half a second, in two steps');
  // #region map-remote
  const sum$ = from([1, 2, 3, 4]).pipe(
    mapRemote(double, 2), // at most two calls at a time
    mapRemote(square), // begins with the first double, not after the last
    reduce((sum, x) => sum + x),
  );
  console.log('sum of squares:', await lastValueFrom(sum$)); // 120
  // #endregion
  console.timeEnd('eight calls of half a second, in two steps');

  // #region from-ref
  const report$ = fromRef(nap.remote('short')).pipe(map((name) => `slept well: ${name}`));
  console.log(await lastValueFrom(report$));
  // #endregion
}

// When run by itself, not as a part of the tutorial.
if (require.main === module) {
  void init({ numCpus: 4 }).then(reactivePipelines);
}
