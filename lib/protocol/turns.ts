import { AsyncResource } from 'node:async_hooks';

/** What brings the thread round to its next turn. */
export interface TurnSource {
  /** Has `turn` called once, in a turn of the event loop of its own. */
  soon(turn: () => void): void;
  /** Lets a turn that is to come keep the process alive, or not. New sources do not. */
  ref(): void;
  unref(): void;
  close(): void;
}

/**
 * Everything that is still to be done on one thread which is driver, raylet and workers at once: each
 * action in a turn of its own, in order, or at once where somebody blocks the thread for what comes
 * of it.
 */
export class Turns {
  private actions: (() => void)[] = [];
  private head = 0;
  private asked = false;
  private closed = false;
  /** Whoever has the actions done must not lend them its asynchronous context. */
  private readonly scope = new AsyncResource('rayx');

  constructor(private readonly source: TurnSource) {}

  soon(action: () => void): void {
    if (this.closed) return;
    this.actions.push(action);
    this.ask();
  }

  /** Does the next thing now; false when there is nothing to do. */
  runOne(): boolean {
    const action = this.actions[this.head];
    if (action === undefined) return false;
    this.head += 1;
    // Where something is always left to be done the list is never empty: half of it is enough.
    if (this.head * 2 >= this.actions.length) {
      this.actions = this.actions.slice(this.head);
      this.head = 0;
    }
    this.scope.runInAsyncScope(action);
    return true;
  }

  /** Forgets what is still to be done, and takes nothing more. */
  close(): void {
    this.closed = true;
    this.actions = [];
    this.head = 0;
    this.source.close();
  }

  private ask(): void {
    if (this.asked || this.closed) return;
    this.asked = true;
    this.source.soon(() => {
      this.asked = false;
      // First, so that what throws does not hold up the rest.
      if (this.actions.length - this.head > 1) this.ask();
      this.runOne();
    });
  }
}
