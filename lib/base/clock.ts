/** Time as the runtime sees it: injected, so that specs can hold it still. All figures in milliseconds. */
export interface Clock {
  /** Monotonic milliseconds with a fraction; only differences mean anything. */
  now(): number;
  /**
   * Runs `callback` once after `delay`, or earlier where no timer is that long; the answer cancels it.
   * Does not keep the process alive.
   */
  after(delay: number, callback: () => void): () => void;
}

/** The longest delay a timer can have, 24.8 days: Node makes a longer one a millisecond. */
export const LONGEST_DELAY = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delay, callback) {
    const timer = setTimeout(callback, Math.min(delay, LONGEST_DELAY));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
