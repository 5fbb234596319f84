import type { Clock } from './clock';

/** Milliseconds between two collections, at least. */
const LEAST_PAUSE = 100;

/** Collections of one thread's garbage, and when there may be the next. */
export class CollectionPace {
  private endedAt = -Infinity;
  private took = 0;

  constructor(
    private readonly clock: Clock,
    private readonly collect: () => void,
  ) {}

  run(): void {
    const start = this.clock.now();
    this.collect();
    this.endedAt = this.clock.now();
    this.took = this.endedAt - start;
  }

  /** When the next is due, where the pause between is so many times as long as the last one took. */
  dueAfter(times: number, least = LEAST_PAUSE): number {
    return this.endedAt + Math.max(least, times * this.took);
  }
}
