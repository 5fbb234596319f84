import type { Limit } from './limit';

/** Lets callers in one after another, in the order in which they came. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Runs `work` when all who came before have left; answers undefined when that takes too long. */
  async take<T>(limit: Limit, work: () => Promise<T>): Promise<T | undefined> {
    const before = this.#last;
    let leave = (): void => {};
    this.#last = new Promise((resolve) => (leave = resolve));
    try {
      return (await limit.within(before)) ? await work() : undefined;
    } finally {
      // Who gave up before its turn leaves when it would have come.
      void before.then(leave);
    }
  }
}
