/** A worker of a `Pool`: an actor that runs whatever function it is given. */
export class PoolWorker {
  readonly #ready: Promise<unknown> | undefined;

  constructor(initializer: (() => unknown) | undefined) {
    const result = initializer?.();
    if (result instanceof Promise) {
      this.#ready = result;
      // Whoever calls next hears of it.
      result.catch(() => {});
    }
  }

  /**
   * Calls a function with each list of arguments, one after another.
   *
   * @param place comes back with the results
   */
  async run<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    argLists: readonly A[],
    place: number,
  ): Promise<readonly [place: number, results: Awaited<R>[]]> {
    await this.#ready;
    const results: Awaited<R>[] = [];
    for (const args of argLists) results.push(await fn(...args));
    return [place, results];
  }
}
