import { openHandle } from '../client/handles';
import { openRef, type ObjectRef } from '../client/refs';

/** Whether a call has failed because its actor is dead. Nobody has looked at it by that. */
export function hasDied(actor: object, ref: ObjectRef<unknown> | undefined): boolean {
  const outcome = ref && openRef(ref).object.outcome;
  if (!outcome || outcome.ok) return false;
  const { failure } = outcome;
  if (failure.kind !== 'system' || failure.code !== 'ACTOR_DIED') return false;
  return failure.actorId === openHandle(actor).actor;
}

/** Whether the runtime of an actor has ended, and the actor with it. */
export const isOver = (actor: object): boolean => openHandle(actor).host.closed;
