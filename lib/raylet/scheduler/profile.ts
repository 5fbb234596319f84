/** Milliseconds of work a worker is given ahead. */
const AHEAD = 1;
/** Most calls in one hand: enough to fill a batch. */
const MOST_IN_HAND = 64;
/** How many times as long as itself a call behind which one more waits may take. */
const ALIKE = 1.5;
/** Milliseconds that a call may run before those behind it are taken back, where that helps or many wait. */
export const PATIENCE = 1.5;
/** A function whose calls take no more than this on average, in milliseconds, can be short. */
const SHORT = 2;
/** A call at least this long, in milliseconds, is on record: a busy machine alone adds up to 15. */
const LONG = 20;
/** Most milliseconds on record, and so the most calls it takes until all is forgotten. */
const MOST_ON_RECORD = 1000;
/** What a call can take for the code it is the first to need on its thread, in milliseconds. */
const WARM_UP = 250;
/** What a single call counts for in the average at most: one hiccup is made up for by a few calls. */
const MOST_COUNTED = 5;
/** Weight of the newest call in the average. */
const NEWEST = 0.2;

/** What was learnt of a function from its calls that ended. Times in milliseconds without waiting. */
export class Profile {
  average = 0;
  /** It has blocked its thread, or its source says that it may. */
  blocking: boolean;
  private count = 0;
  /** Milliseconds that the longest call took; each short call since takes off what it took, one at least. */
  private onRecord = 0;

  constructor(blocking: boolean) {
    this.blocking = blocking;
  }

  /** @param cold it was the first on its thread, which had to take in the code */
  ended(took: number, blocked: boolean, cold: boolean): void {
    this.blocking ||= blocked;
    if (cold && took > AHEAD) return;
    this.count += 1;
    if (took >= LONG) this.onRecord = Math.min(MOST_ON_RECORD, Math.max(this.onRecord, took));
    else this.onRecord = Math.max(0, this.onRecord - Math.max(1, took));
    const counted = Math.min(took, MOST_COUNTED);
    this.average = this.count === 1 ? counted : this.average + NEWEST * (counted - this.average);
  }

  /** Nothing is known of it but what the first calls on a thread may take. */
  get harmless(): boolean {
    return !this.blocking && this.onRecord < WARM_UP;
  }

  /** Known to be short: on average, and no long call or blocking is on record. */
  get short(): boolean {
    return this.steady && this.average <= SHORT;
  }

  /** Known, and with nothing on record that should not have others behind it. */
  get steady(): boolean {
    return this.count > 0 && !this.blocking && this.onRecord === 0;
  }

  /**
   * Whether a call of it may be put behind `count` calls that have `work` milliseconds to do: a
   * millisecond of work in all, or one call behind one like it, so that the thread need not wait for the
   * next one to come.
   */
  fitsBehind(count: number, work: number): boolean {
    if (!this.steady || count >= MOST_IN_HAND) return false;
    return work + this.average <= AHEAD || (count === 1 && work <= ALIKE * this.average);
  }

  /** Milliseconds that a call of it may run until those behind it are taken back in any case. */
  get patience(): number {
    return this.average <= AHEAD ? PATIENCE : LONG;
  }
}
