/**
 * Holds user code back while its thread is blocked in `getSync`: arriving messages then change
 * tables only, and whatever would call a subscriber runs in a fresh turn afterwards, in order.
 */
export class Quiet {
  private depth = 0;
  private held: (() => void)[] = [];

  /** Whether the thread is blocked. */
  get isBlocking(): boolean {
    return this.depth > 0;
  }

  /** Runs an action that may reach user code: now, or after what is held back already. */
  run(action: () => void): void {
    if (this.depth === 0 && this.held.length === 0) action();
    else this.held.push(action);
  }

  /** Runs `body`, which blocks the thread. */
  during<T>(body: () => T): T {
    this.depth += 1;
    try {
      return body();
    } finally {
      this.depth -= 1;
      if (this.depth === 0 && this.held.length > 0) setImmediate(() => this.speak());
    }
  }

  /** One action that throws, a user's callback say, must not cost the others. */
  private speak(): void {
    if (this.depth > 0) return;
    let done = 0;
    try {
      for (; done < this.held.length && this.depth === 0; done += 1) this.held[done]?.();
    } catch (error) {
      done += 1;
      throw error;
    } finally {
      this.held.splice(0, done);
      if (this.held.length > 0) setImmediate(() => this.speak());
    }
  }
}
