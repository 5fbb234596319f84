import type { Clock } from '../base/clock';
import { CollectionPace } from '../base/collection-pace';

/** Handles that have to come to a busy thread before its garbage is collected for them. */
const MANY = 16;
/** Times that memory has to be wanted until it is not waited for a pause: a busy machine makes those long. */
const URGENT = 3;
/** Milliseconds without the end of a call after which a thread of tasks counts as idle. */
const QUIET = 50;
/**
 * How many times as long as a collection the pause behind it is: on a busy thread, on one that writes
 * large values without end, and on an idle one.
 */
const BUSY_PAUSE = 20;
const MEMORY_PAUSE = 2;
const IDLE_PAUSE = 2;

/**
 * Sees that handles and refs nobody has any more are noticed, and views. A handle may keep a thread of
 * 10 MB, a ref or a view any amount of shared memory, of which V8 knows nothing: left to itself it may
 * not look for minutes, and on an idle thread never.
 */
export class Sweeper {
  /** Handles that came since the last collection. */
  private came = 0;
  /** When the next look is planned. */
  private planned = Infinity;
  /** Others wait for some to go. */
  private isWanted = false;
  /** How often it was said that much shared memory is kept, perhaps for nobody. */
  private timesFull = 0;
  /** Infinity until one has: in the driver there are none. */
  private callEndedAt = Infinity;
  private readonly pace: CollectionPace;

  constructor(
    private readonly clock: Clock,
    collect: () => void,
    /** Tells what memory is gone by a collection that was made for it. */
    private readonly onMemorySwept: () => void,
  ) {
    this.pace = new CollectionPace(clock, collect);
  }

  /** A handle came to be on this thread. */
  handleCame(): void {
    this.came += 1;
    if (this.came >= MANY) this.plan();
  }

  /** A task or a method has ended: what it had is garbage, unless it was kept somewhere. */
  callEnded(): void {
    if (this.came === 0) return;
    this.callEndedAt = this.clock.now();
    this.plan();
  }

  /** Others want what is kept for handles of this thread, of whatever age. */
  wanted(): void {
    this.isWanted = true;
    this.plan();
  }

  /** Much shared memory is kept: for refs and views of this thread, perhaps, that are garbage. */
  memoryWanted(): void {
    this.timesFull += 1;
    if (this.isOverdue) this.sweep();
    else this.plan();
  }

  /** Collects garbage whatever the thread is at. */
  collectMemory(): void {
    this.timesFull = 1;
    this.sweep();
  }

  private plan(): void {
    const { due } = this;
    if (this.planned <= due) return;
    this.planned = due;
    this.clock.after(Math.max(0, due - this.clock.now()), () => {
      // An earlier one was planned meanwhile.
      if (this.planned !== due) return;
      this.planned = Infinity;
      // Calls have ended since: the thread is not idle yet.
      if (this.clock.now() < this.due) this.plan();
      else this.sweep();
    });
  }

  /** What is planned should have come: the thread has not been at its timers since. */
  private get isOverdue(): boolean {
    const now = this.clock.now();
    return this.planned <= now && this.due <= now;
  }

  private get due(): number {
    const { pace } = this;
    const busy = this.came >= MANY || this.isWanted ? pace.dueAfter(BUSY_PAUSE) : Infinity;
    const pause = this.timesFull < URGENT ? MEMORY_PAUSE : 0;
    const full = this.timesFull > 0 ? pace.dueAfter(pause, 0) : Infinity;
    const idle = Math.max(this.callEndedAt + QUIET, pace.dueAfter(IDLE_PAUSE));
    return Math.min(busy, full, idle);
  }

  private sweep(): void {
    this.came = 0;
    this.isWanted = false;
    const forMemory = this.timesFull > 0;
    this.timesFull = 0;
    this.pace.run();
    if (forMemory) this.onMemorySwept();
  }
}
