import type { Clock } from '../base/clock';
import { CollectionPace } from '../base/collection-pace';

/** Bytes of shared memory that may be garbage on this thread before it is collected. */
const MOST_GARBAGE = 64 * 2 ** 20;
/** How many times as long as a collection the pause behind it is: the thread has much to do. */
const PAUSE = 20;

/** Gives shared memory back that was dropped: the engine does not know that its objects are large. */
export class Collector {
  private garbage = 0;
  private planned = false;
  private readonly pace: CollectionPace;

  constructor(
    private readonly clock: Clock,
    collect: () => void,
  ) {
    this.pace = new CollectionPace(clock, collect);
  }

  dropped(bytes: number): void {
    this.garbage += bytes;
    if (this.garbage < MOST_GARBAGE || this.planned) return;
    this.planned = true;
    const due = this.pace.dueAfter(PAUSE);
    this.clock.after(Math.max(0, due - this.clock.now()), () => this.sweep());
  }

  private sweep(): void {
    this.planned = false;
    this.garbage = 0;
    this.pace.run();
  }
}
