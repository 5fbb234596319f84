import type { Clock } from '../base/clock';
import type { Channel } from '../protocol/channel';
import type { WorkerReport } from './tools';

/** How long a result may lie unsent before user code is entered, in milliseconds. */
const MAX_DELAY = 0.2;

/** The worker's reports on their way out: batched, but never held back by the user code behind them. */
export class Outbox {
  private oldest: number | undefined;

  constructor(
    private readonly channel: Pick<Channel<WorkerReport, never>, 'post' | 'flush' | 'unsent'>,
    private readonly clock: Clock,
  ) {}

  /** Adds a report to the current batch. */
  post(report: WorkerReport): void {
    if (this.channel.unsent === 0) this.oldest = undefined;
    this.oldest ??= this.clock.now();
    this.channel.post(report);
  }

  /** Sends everything now, what the client on this thread has posted included. */
  flush(): void {
    this.oldest = undefined;
    this.channel.flush();
  }

  /** Called before every entry into user code, which may hold the thread for long. */
  beforeUserCode(now: number): void {
    if (this.oldest !== undefined && now - this.oldest > MAX_DELAY) this.flush();
  }
}
