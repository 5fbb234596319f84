/** Milliseconds of work a worker is given ahead. */
const AHEAD = 1;
/** Most calls in one hand: enough to fill a batch. */
const MOST_IN_HAND = 64;
/** A call at least this long, in milliseconds, is on record: a busy machine alone adds up to 15. */
const LONG = 20;
/** What a single call counts for in the average at most: one hiccup is made up for by a few calls. */
const MOST_COUNTED = 5;
/** Short calls in a row after which a long one is off the record: by then it was the machine. */
const FORGIVEN_AFTER = 1000;
/** Weight of the newest call in the average. */
const NEWEST = 0.2;

/** What was learnt of a function from its calls that ended. Times in milliseconds without waiting. */
export class Profile {
  average = 0;
  /** It has blocked its thread, or its source says that it may. */
  blocking: boolean;
  private count = 0;
  private shortInARow = FORGIVEN_AFTER;

  constructor(blocking: boolean) {
    this.blocking = blocking;
  }

  /** @param cold it was the first on its thread, which had to take in the code */
  ended(took: number, blocked: boolean, cold: boolean): void {
    this.blocking ||= blocked;
    if (cold && took > AHEAD) return;
    this.count += 1;
    this.shortInARow = took >= LONG ? 0 : this.shortInARow + 1;
    const counted = Math.min(took, MOST_COUNTED);
    this.average = this.count === 1 ? counted : this.average + NEWEST * (counted - this.average);
  }

  /** None of its calls has ended, and nothing else speaks for or against it. */
  get unknown(): boolean {
    return this.count === 0 && !this.blocking;
  }

  /** Known to be short: on average, and no long call or blocking is on record. */
  get short(): boolean {
    if (this.count === 0 || this.blocking) return false;
    return this.shortInARow >= FORGIVEN_AFTER && this.average <= AHEAD;
  }

  /** Whether a call of it may be put behind `count` calls that have `work` milliseconds to do. */
  fitsBehind(count: number, work: number): boolean {
    return this.short && count < MOST_IN_HAND && work + this.average <= AHEAD;
  }
}
