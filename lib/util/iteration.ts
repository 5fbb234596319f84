/**
 * Makes an iterable of what `next` answers with, until it answers `done`. Unlike a generator it
 * outlives an error: whoever asks again gets what comes after it.
 *
 * @param end is called when the iteration is given up
 */
export function iteration<T>(
  next: () => Promise<IteratorResult<T, undefined>>,
  end: () => void,
): AsyncIterableIterator<T, undefined> {
  let ended = false;
  return {
    next: () => (ended ? Promise.resolve(done) : next()),
    return() {
      if (!ended) end();
      ended = true;
      return Promise.resolve(done);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

export const done = { done: true, value: undefined } as const;
