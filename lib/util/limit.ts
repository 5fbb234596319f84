import { LONGEST_DELAY } from '../base/clock';
import { GetTimeoutError } from '../base/errors';

/** The time that one call may wait. */
export class Limit {
  readonly #deadline: number;
  #error: GetTimeoutError | undefined;

  /** @param who waits, for errors: `getNext()` */
  constructor(
    readonly who: string,
    private readonly timeout = Infinity,
  ) {
    this.#deadline = performance.now() + timeout;
  }

  /** Milliseconds from now. */
  get left(): number {
    return Math.max(0, this.#deadline - performance.now());
  }

  /** Whether the promise resolves in time. */
  async within(promise: Promise<unknown>): Promise<boolean> {
    const { left } = this;
    if (left > LONGEST_DELAY) return promise.then(() => true);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => (timer = setTimeout(resolve, left, false)));
    try {
      return await Promise.race([promise.then(() => true), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** @param pending ids of the refs that were waited for, which the user need not have seen */
  error(pending: readonly string[]): GetTimeoutError {
    const message =
      `${this.who} waited ${this.timeout} ms for a result of the pool; ` +
      'its calls go on, so ask again or raise the timeout';
    return (this.#error = new GetTimeoutError(this.timeout, pending, message));
  }

  /** Whether the error says that this time is over, and is not one of what was waited for. */
  made(error: unknown): boolean {
    return this.#error !== undefined && error === this.#error;
  }
}
