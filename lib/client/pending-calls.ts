import { PendingCallsLimitExceededError } from '../base/errors';
import type { ActorId, CallId } from '../base/ids';
import type { ActorShape } from './shapes';

/**
 * Calls of this client that have not settled at actors which limit them. The raylet tells a client
 * of each call that it made, once, whether it still has refs to it or not.
 */
export class PendingCalls {
  private readonly actorOf = new Map<CallId, ActorId>();
  private readonly counts = new Map<ActorId, number>();

  /** @throws PendingCallsLimitExceededError when the actor takes no further call of this client */
  check(actor: ActorId, { name, maxPendingCalls }: ActorShape): void {
    if (maxPendingCalls === undefined || (this.counts.get(actor) ?? 0) < maxPendingCalls) return;
    throw new PendingCallsLimitExceededError(name, maxPendingCalls);
  }

  made(call: CallId, actor: ActorId, { maxPendingCalls }: ActorShape): void {
    if (maxPendingCalls === undefined) return;
    this.actorOf.set(call, actor);
    this.counts.set(actor, (this.counts.get(actor) ?? 0) + 1);
  }

  settled(call: CallId): void {
    if (this.actorOf.size === 0) return;
    const actor = this.actorOf.get(call);
    if (actor === undefined) return;
    this.actorOf.delete(call);
    const left = (this.counts.get(actor) ?? 1) - 1;
    if (left > 0) this.counts.set(actor, left);
    else this.counts.delete(actor);
  }
}
