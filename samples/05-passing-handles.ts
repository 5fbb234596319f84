/*
 * Passing handles. The handle of an actor travels like any value: to remote functions, to other
 * actors, inside data. All who hold it talk to the same instance.
 *
 * Two tasks, started half a second apart, increment one counter once a second, so their numbers
 * interleave. Prints:
 *
 *   first saw 1, 3, 5
 *   second saw 2, 4, 6
 *   two tasks of three seconds: 3.5s
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ActorHandle, get, init, remote } from 'rayx';

// #region class
class Counter {
  #value = 0;

  increment(): number {
    return ++this.#value;
  }
}

const RemoteCounter = remote(Counter);
// #endregion

// #region incrementer
const incrementer = remote(async (name: string, counter: ActorHandle<Counter>, times: number) => {
  const seen: number[] = [];
  for (let i = 0; i < times; i++) {
    await sleep(1000);
    seen.push(await get(counter.increment.remote()));
  }
  return `${name} saw ${seen.join(', ')}`;
});
// #endregion

export async function passingHandles(): Promise<void> {
  console.time('two tasks of three seconds');
  // #region pass
  const counter = RemoteCounter.remote();
  const first = incrementer.remote('first', counter, 3);
  await sleep(500);
  const second = incrementer.remote('second', counter, 3);
  console.log(await get(first)); // first saw 1, 3, 5
  console.log(await get(second)); // second saw 2, 4, 6
  // #endregion
  console.timeEnd('two tasks of three seconds');
}

// When run by itself, not as a part of the tutorial.
if (require.main === module) {
  void init({ numCpus: 4 }).then(passingHandles);
}
