import type { Clock } from '../base/clock';
import type { ToWorker } from '../protocol/messages';

export type Invoke = Extract<ToWorker, { type: 'invoke' }>;

/** Most calls that one message of a mailbox stands for. */
const MOST_AT_ONCE = 16;
/** Milliseconds after which no more of them begin: others on the thread are to have their turns. */
const LONGEST = 1;

export interface CallsInTurnOptions {
  /** Puts a message into the mailbox: calls wait to be begun. Its handler is `handle`. */
  readonly post: () => void;
  /** Begins a call; a promise while no other may begin. */
  readonly start: (call: Invoke) => void | Promise<void>;
  /** Runs an action when all that the one before has set off is done. */
  readonly soon: (action: () => void) => void;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * The calls to one mailbox, in order. An actor takes one message in a turn of the event loop, and a turn
 * costs more than a small call: so a message stands for as many calls as have come, each still begun
 * when the one before, with its microtasks, is over. Where calls take long it stands for one.
 */
export class CallsInTurn {
  private readonly waiting: Invoke[] = [];
  /** Calls that the next message may stand for. */
  private most = 1;
  private posted = false;
  private closed = false;

  constructor(private readonly options: CallsInTurnOptions) {}

  add(call: Invoke): void {
    if (this.closed) return;
    this.waiting.push(call);
    if (this.posted) return;
    this.posted = true;
    this.options.post();
  }

  /** Begins nothing more. */
  close(): void {
    this.closed = true;
    this.waiting.length = 0;
  }

  /** What the mailbox's message stands for; a promise while the mailbox is to hand out no other. */
  handle(): void | Promise<void> {
    const count = Math.min(this.most, this.waiting.length);
    if (count > 1) return this.handleSeveral(count).finally(() => this.goOn());
    let pending: void | Promise<void> = undefined;
    try {
      pending = this.startNext();
    } finally {
      if (pending === undefined) this.goOn();
    }
    return pending?.finally(() => this.goOn());
  }

  private handleSeveral(count: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let pending: void | Promise<void>;
      let left = count;
      const { clock, soon } = this.options;
      const end = clock.now() + LONGEST;
      const step = (): void => {
        left -= 1;
        try {
          const isFirst = left === count - 1;
          // Behind one that goes on nothing begins: its end is the end of the message.
          if (pending === undefined) {
            if (isFirst || clock.now() < end) pending = this.startNext();
            else this.most = 1;
          }
          if (left === 0) resolve(pending);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      for (let at = 0; at < count; at += 1) soon(step);
    });
  }

  private startNext(): void | Promise<void> {
    const call = this.waiting.shift();
    const pending = call && this.options.start(call);
    this.most = pending === undefined ? Math.min(MOST_AT_ONCE, this.most * 2) : 1;
    return pending;
  }

  private goOn(): void {
    this.posted = this.waiting.length > 0;
    if (this.posted) this.options.post();
  }
}
