import { setTimeout as sleep } from 'node:timers/promises';

/** How long something that is bound to happen may take on a busy machine, in milliseconds. */
const PATIENCE = 15_000;

/** Looks again and again until `look` finds what it looks for; fails, saying what it saw last. */
export async function eventually<T>(look: () => T, found: (seen: T) => boolean): Promise<T> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const seen = look();
    if (found(seen)) return seen;
    if (performance.now() > deadline) {
      throw new Error(`still ${JSON.stringify(seen)} after ${PATIENCE} ms`);
    }
    await sleep(5);
  }
}
