/** Time as the runtime sees it: injected, so that specs can hold it still. All figures in milliseconds. */
export interface Clock {
  /** Monotonic milliseconds with a fraction; only differences mean anything. */
  now(): number;
  /** Runs `callback` once after `delay`; the answer cancels it. Does not keep the process alive. */
  after(delay: number, callback: () => void): () => void;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delay, callback) {
    const timer = setTimeout(callback, delay);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
