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

interface Timer {
  readonly due: number;
  readonly fire: () => void;
}

/** The machine's clock for a thread that blocks: what is due is to be had then, too. */
export class BlockedClock implements Clock {
  private readonly timers = new Set<Timer>();

  now(): number {
    return systemClock.now();
  }

  after(delay: number, callback: () => void): () => void {
    const cancel = (): void => {
      this.timers.delete(timer);
      stop();
    };
    const fire = (): void => {
      cancel();
      callback();
    };
    const timer: Timer = { due: this.now() + delay, fire };
    const stop = systemClock.after(delay, fire);
    this.timers.add(timer);
    return cancel;
  }

  /** Milliseconds until something is due; Infinity when nothing is planned. */
  get left(): number {
    let due = Infinity;
    for (const timer of this.timers) due = Math.min(due, timer.due);
    return due - this.now();
  }

  /** Does what is due by now. */
  run(): void {
    const now = this.now();
    for (const timer of [...this.timers]) if (timer.due <= now) timer.fire();
  }
}
