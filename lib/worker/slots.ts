/**
 * How many calls may be under way at once behind one mailbox, which takes no further message while
 * the promise that a handler answered with is pending.
 */
export class Slots {
  private taken = 0;
  private release: (() => void) | undefined;

  constructor(private readonly limit: number) {}

  /**
   * What the mailbox is to wait for.
   *
   * @param running the call that was just started; nothing when it has ended
   */
  hold(running: void | Promise<void>): void | Promise<void> {
    if (running === undefined || this.limit === 1) return running;
    this.taken += 1;
    void running.then(() => this.leave());
    if (this.taken < this.limit) return undefined;
    return new Promise((resolve) => {
      this.release = resolve;
    });
  }

  private leave(): void {
    this.taken -= 1;
    this.release?.();
    this.release = undefined;
  }
}
