import type { Clock } from '../base/clock';
import type { Channel } from '../protocol/channel';
import type { FromClient, ToClient } from '../protocol/messages';

/** Calls per batch, and how old its first message may get, in milliseconds. */
const MAX_CALLS = 64;
const MAX_AGE = 0.5;

/**
 * A client's messages on their way out. The first calls of a turn leave at once, so that they run
 * while the caller goes on computing; the rest leaves in batches bounded in number and time.
 */
export class Outbox {
  private callsOfTurn = 0;
  private callsInBatch = 0;
  private oldest = 0;
  private turnEndsSoon = false;

  /** @param eager how many calls of a turn leave at once */
  constructor(
    private readonly channel: Channel<FromClient, ToClient>,
    private readonly clock: Clock,
    private readonly eager: number,
  ) {}

  /** A message that leaves at the end of the turn at the latest. */
  post(message: FromClient): void {
    if (this.channel.unsent === 0) this.oldest = this.clock.now();
    this.channel.post(message);
    this.atEndOfTurn();
  }

  /** A call: it leaves at once when it is one of the first, else soon. */
  submit(message: FromClient): void {
    this.post(message);
    this.callsOfTurn += 1;
    this.callsInBatch += 1;
    const eager = this.callsOfTurn <= this.eager;
    const full = this.callsInBatch >= MAX_CALLS;
    if (eager || full || this.clock.now() - this.oldest >= MAX_AGE) this.flush();
  }

  flush(): void {
    this.callsInBatch = 0;
    if (this.channel.unsent > 0) this.channel.flush();
  }

  private atEndOfTurn(): void {
    if (this.turnEndsSoon) return;
    this.turnEndsSoon = true;
    queueMicrotask(() => {
      this.turnEndsSoon = false;
      this.callsOfTurn = 0;
      this.flush();
    });
  }
}
