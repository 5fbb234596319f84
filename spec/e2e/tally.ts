import { setTimeout as sleep } from 'node:timers/promises';

const INSIDE = 0;
const MOST = 1;

/** How many tasks are inside at once, counted in memory that all threads share. */
export class Tally {
  /** What tasks are given of it. */
  readonly memory = new SharedArrayBuffer(8);

  /** How many were ever inside together. */
  get most(): number {
    return Atomics.load(new Int32Array(this.memory), MOST);
  }
}

/** Goes inside, stays until so many have been there together, and a little longer. Keeps its CPU. */
export async function stay(memory: SharedArrayBuffer, together: number): Promise<void> {
  const counts = new Int32Array(memory);
  const inside = Atomics.add(counts, INSIDE, 1) + 1;
  for (let most = Atomics.load(counts, MOST); most < inside; most = Atomics.load(counts, MOST)) {
    Atomics.compareExchange(counts, MOST, most, inside);
  }
  do await sleep(20);
  while (Atomics.load(counts, MOST) < together);
  Atomics.sub(counts, INSIDE, 1);
}
