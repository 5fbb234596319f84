import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { threadId } from 'node:worker_threads';
import { get, remote } from 'rayx';

/** Collects the garbage of one thread; answers which, and what its heap holds then. */
const collectHere = remote((milliseconds: number): readonly [thread: number, heap: number] => {
  const end = performance.now() + milliseconds;
  collectOwn();
  // Others of this turn go to other threads meanwhile.
  while (performance.now() < end);
  return [threadId, process.memoryUsage().heapUsed];
});

/** Twice: what was read from a message is kept by V8's reader, which the first round takes. */
export function collectOwn(): void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  gc();
  gc();
}

/** In a function of its own: nothing of it is left on the stack when the driver collects. */
async function collectOnSome(threads: number, heaps: Map<number, number>): Promise<void> {
  const calls = Array.from({ length: threads }, () => collectHere.remote(10));
  for (const [thread, heap] of await get(calls)) heaps.set(thread, heap);
}

/**
 * Collects the garbage of the driver and of all threads for tasks that are idle, and lets what
 * follows from it happen. Answers the heaps of those threads, in bytes.
 */
export async function collectEverywhere(threads: number): Promise<ReadonlyMap<number, number>> {
  const heaps = new Map<number, number>();
  for (let tries = 0; heaps.size < threads && tries < 20; tries += 1) {
    await collectOnSome(threads, heaps);
  }
  collectOwn();
  await sleep(10);
  return heaps;
}
