import type { Clock } from '../base/clock';

/** Bytes of shared memory that may be garbage on this thread before it is collected. */
const MOST_GARBAGE = 64 * 2 ** 20;
/** Milliseconds between two collections, at least, … */
const LEAST_PAUSE = 100;
/** … and how many times as long as a collection the pause behind it is: the thread has much to do. */
const PAUSE = 20;

/** Gives shared memory back that was dropped: the engine does not know that its objects are large. */
export class Collector {
  private garbage = 0;
  private planned = false;
  private dueAt = -Infinity;

  constructor(
    private readonly clock: Clock,
    private readonly collect: () => void,
  ) {}

  dropped(bytes: number): void {
    this.garbage += bytes;
    if (this.garbage < MOST_GARBAGE || this.planned) return;
    this.planned = true;
    this.clock.after(Math.max(0, this.dueAt - this.clock.now()), () => this.sweep());
  }

  private sweep(): void {
    const start = this.clock.now();
    this.planned = false;
    this.garbage = 0;
    this.collect();
    const end = this.clock.now();
    this.dueAt = end + Math.max(LEAST_PAUSE, PAUSE * (end - start));
  }
}
