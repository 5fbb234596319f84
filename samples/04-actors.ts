/*
 * Actors. `remote` around a class makes instances that live on threads of their own and keep
 * their state between calls. One instance does one call at a time, in the order they were made;
 * two instances work side by side.
 *
 * Six increments of a second on two counters take three seconds. Prints:
 *
 *   [ 1, 101, 2, 102, 3, 103 ]
 *   six increments of one second: 3.0s
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { get, init, type ObjectRef, remote } from 'rayx';

// #region class
class Counter {
  #value: number;

  constructor(start: number) {
    this.#value = start;
  }

  async increment(): Promise<number> {
    await sleep(1000);
    return ++this.#value;
  }
}

const RemoteCounter = remote(Counter);
// #endregion

export async function actors(): Promise<void> {
  console.time('six increments of one second');
  // #region calls
  const low = RemoteCounter.remote(0); // a handle, at once; the constructor runs over there
  const high = RemoteCounter.remote(100);

  const refs: ObjectRef<number>[] = [];
  for (let i = 0; i < 3; i++) {
    refs.push(low.increment.remote(), high.increment.remote());
  }
  console.log(await get(refs)); // [ 1, 101, 2, 102, 3, 103 ]
  // #endregion
  console.timeEnd('six increments of one second');
}

// When run by itself, not as a part of the tutorial.
if (require.main === module) {
  void init({ numCpus: 4 }).then(actors);
}
