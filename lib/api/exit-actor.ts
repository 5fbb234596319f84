import { InvalidCallError } from '../base/errors';
import { currentClient } from '../client/current';
import { callContext } from '../protocol/context';

/**
 * Ends the actor whose method or constructor calls it, at once and for ever: this call, those in
 * progress beside it and those queued reject with `ActorDiedError`, and `maxRestarts` does not bring
 * it back. It throws, so that no code behind it runs; to catch what it throws changes nothing.
 *
 * @example
 * class Worker {
 *   stop() {
 *     exitActor();
 *   }
 * }
 *
 * @throws InvalidCallError outside an actor
 */
export function exitActor(): never {
  const client = currentClient();
  if (client === undefined || callContext.getStore()?.actor === undefined) {
    throw new InvalidCallError(
      'exitActor() ends the actor whose method calls it: call it in a method or a constructor, ' +
        'and kill(handle) elsewhere',
    );
  }
  return client.exitActor();
}
