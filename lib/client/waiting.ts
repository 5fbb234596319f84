import type { RayError } from '../base/errors';
import type { CallId } from '../base/ids';
import type { CallContext } from '../protocol/context';
import type { Gate } from '../protocol/host';
import type { FromClient, PendingWait } from '../protocol/messages';
import type { Deadlock } from '../protocol/payload';
import { hasFailed, isSettled, type StoredObject } from './objects';
import type { Quiet } from './quiet';

/** What is waited for. */
export interface WaitFor {
  readonly objects: readonly StoredObject[];
  /** Answered when this many are settled … */
  readonly count: number;
  /** … or one has failed. */
  readonly failFast: boolean;
  /** A generator pauses until so many of its items are taken; there are no objects then. */
  readonly taken?: number;
  /** A time-out or a signal ends it in any case. */
  readonly limited?: boolean;
}

type OnOpen = (refusal?: RayError) => void;

/** Whether what is waited for is here. */
export function isAnswered({ objects, count, failFast }: WaitFor): boolean {
  let missing = count;
  if (missing <= 0) return true;
  for (const object of objects) {
    if (!isSettled(object)) continue;
    missing -= 1;
    if (missing === 0 || (failFast && hasFailed(object))) return true;
  }
  return false;
}

interface Wait {
  readonly id: number;
  readonly what: WaitFor;
  /** The raylet knows of it. */
  posted: boolean;
  open: boolean;
  refusal: RayError | undefined;
  readonly callbacks: OnOpen[];
}

/** The waits of one task, and whether it runs or waits. */
interface Waiter {
  readonly context: CallContext;
  readonly waits: Map<number, Wait>;
  waiting: boolean;
  atTurnEnd: boolean;
}

export interface WaitingDeskOptions {
  readonly post: (message: FromClient) => void;
  readonly flush: () => void;
  readonly quiet: Quiet;
  readonly toError: (failure: Deadlock) => RayError;
}

/**
 * Tells the raylet when a task waits, so that its CPU goes to others, and holds answers back until
 * the raylet has granted the CPU again.
 */
export class WaitingDesk {
  private readonly waiters = new Map<CallId, Waiter>();
  private nextId = 1;

  constructor(private readonly options: WaitingDeskOptions) {}

  /**
   * Registers a wait of a task. The raylet hears of it at the end of the synchronous turn, or at
   * once when the thread is going to stand still.
   */
  enter(context: CallContext, what: WaitFor, blocking = false): Gate {
    const { abortedBy } = context;
    if (abortedBy) return refusedGate(abortedBy);
    const waiter = this.waiterOf(context);
    const wait: Wait = {
      id: this.nextId++,
      what,
      posted: false,
      open: false,
      refusal: undefined,
      callbacks: [],
    };
    waiter.waits.set(wait.id, wait);
    if (blocking) this.postWaiting(waiter, this.freshWaits(waiter), true);
    else this.atEndOfTurn(waiter);
    return {
      get open() {
        return wait.open;
      },
      get refusal() {
        return wait.refusal;
      },
      onOpen: (callback) => {
        if (wait.open || wait.refusal) callback(wait.refusal);
        else wait.callbacks.push(callback);
      },
      close: () => this.leave(waiter, wait),
    };
  }

  /** The raylet has answered these waits and given the task its CPU. */
  granted(task: CallId, ids: readonly number[]): void {
    const waiter = this.waiters.get(task);
    if (!waiter) return;
    waiter.waiting = false;
    for (const id of ids) {
      const wait = waiter.waits.get(id);
      if (wait) this.release(waiter, wait);
    }
    this.checkAfterTurn(waiter);
  }

  /** The raylet has found that these waits would last for ever. */
  refused(task: CallId, ids: readonly number[], failure: Deadlock): void {
    const waiter = this.waiters.get(task);
    if (!waiter) return;
    waiter.waiting = false;
    const error = this.options.toError(failure);
    waiter.context.refused = { error, failure };
    for (const id of ids) {
      const wait = waiter.waits.get(id);
      if (wait) this.release(waiter, wait, error);
    }
    this.checkAfterTurn(waiter);
  }

  /** The call ended: what it left pending is answered without the raylet. */
  ended(context: CallContext): void {
    const waiter = this.waiters.get(context.call);
    if (waiter?.context === context) this.releaseAll(waiter);
  }

  /** The call was told to end: its pending waits fail, and the raylet expects no word of them. */
  aborted(context: CallContext): void {
    const waiter = this.waiters.get(context.call);
    if (waiter?.context === context) this.releaseAll(waiter, context.abortedBy);
  }

  /** Opens every gate, for a client that ends. */
  openAll(): void {
    for (const waiter of [...this.waiters.values()]) this.releaseAll(waiter);
  }

  private waiterOf(context: CallContext): Waiter {
    let waiter = this.waiters.get(context.call);
    if (waiter?.context !== context) {
      waiter = { context, waits: new Map(), waiting: false, atTurnEnd: false };
      this.waiters.set(context.call, waiter);
    }
    return waiter;
  }

  private atEndOfTurn(waiter: Waiter): void {
    if (waiter.atTurnEnd) return;
    waiter.atTurnEnd = true;
    queueMicrotask(() => {
      waiter.atTurnEnd = false;
      const fresh = this.freshWaits(waiter);
      if (fresh.length > 0) this.postWaiting(waiter, fresh, false);
    });
  }

  /** After a grant the task runs; when the turn leaves other waits pending, it waits again. */
  private checkAfterTurn(waiter: Waiter): void {
    if (waiter.waits.size === 0) return;
    setImmediate(() => {
      if (waiter.waits.size === 0 || waiter.waiting || waiter.atTurnEnd) return;
      this.postWaiting(waiter, this.freshWaits(waiter), false);
    });
  }

  /** The waits the raylet does not know of. Those whose answer is here need no raylet. */
  private freshWaits(waiter: Waiter): Wait[] {
    const fresh = [...waiter.waits.values()].filter((wait) => !wait.posted);
    for (const wait of fresh) if (isAnswered(wait.what)) this.release(waiter, wait);
    return fresh.filter((wait) => !wait.open);
  }

  private postWaiting(waiter: Waiter, fresh: readonly Wait[], blocking: boolean): void {
    for (const wait of fresh) wait.posted = true;
    waiter.waiting = true;
    this.options.post({
      type: 'waiting',
      task: waiter.context.call,
      waits: fresh.map(toMessage),
      blocking,
    });
    this.options.flush();
  }

  private leave(waiter: Waiter, wait: Wait): void {
    if (!waiter.waits.delete(wait.id)) return;
    this.forgetIfEmpty(waiter);
    if (!wait.posted) return;
    this.options.post({ type: 'unwait', task: waiter.context.call, waits: [wait.id] });
    this.options.flush();
    waiter.waiting = false;
    this.checkAfterTurn(waiter);
  }

  private release(waiter: Waiter, wait: Wait, refusal?: RayError): void {
    waiter.waits.delete(wait.id);
    this.forgetIfEmpty(waiter);
    wait.open = refusal === undefined;
    wait.refusal = refusal;
    for (const callback of wait.callbacks) this.options.quiet.run(() => callback(refusal));
  }

  private releaseAll(waiter: Waiter, refusal?: RayError): void {
    for (const wait of [...waiter.waits.values()]) this.release(waiter, wait, refusal);
  }

  private forgetIfEmpty(waiter: Waiter): void {
    const current = this.waiters.get(waiter.context.call) === waiter;
    if (current && waiter.waits.size === 0) this.waiters.delete(waiter.context.call);
  }
}

function toMessage({ id, what }: Wait): PendingWait {
  const pending = what.objects.filter((object) => !isSettled(object));
  const settled = what.objects.length - pending.length;
  return {
    id,
    refs: pending.map((object) => object.id),
    count: what.count - settled,
    failFast: what.failFast,
    ...(what.taken !== undefined && { taken: what.taken }),
    ...(what.limited === true && { limited: true }),
  };
}

const refusedGate = (refusal: RayError): Gate => ({
  open: false,
  refusal,
  onOpen: (callback) => callback(refusal),
  close: () => {},
});
