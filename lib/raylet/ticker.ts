import type { Clock } from '../base/clock';

/** Wakes the scheduler when it asked to be: of several wishes the earliest counts. */
export class Ticker {
  private due = Infinity;
  private cancel: () => void = () => {};

  constructor(
    private readonly clock: Clock,
    private readonly tick: () => void,
  ) {}

  after(delay: number): void {
    const due = this.clock.now() + delay;
    if (due >= this.due) return;
    this.cancel();
    this.due = due;
    this.cancel = this.clock.after(delay, () => {
      this.due = Infinity;
      this.tick();
    });
  }

  stop(): void {
    this.cancel();
    this.due = Infinity;
  }
}
