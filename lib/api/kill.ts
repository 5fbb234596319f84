import { inspect } from 'node:util';
import { InvalidArgumentError } from '../base/errors';
import { validateOptions } from '../base/options/validate';
import { isHandle, openHandle } from '../client/handles';
import type { ActorHandle } from '../client/types';

/** Options of `kill`. */
export interface KillOptions {
  /** The actor is gone for ever; with false it may be restarted as after a crash. @defaultValue true */
  readonly noRestart?: boolean;
}

/**
 * Ends an actor at once, whatever it does: its calls, running and queued, reject with
 * `ActorDiedError`, and its name is free. To let it finish its calls first, drop all its handles
 * instead, or let a method of it call `exitActor()`. Killing a dead actor does nothing.
 *
 * @example
 * kill(counter);
 * kill(counter, { noRestart: false }); // made anew, if its maxRestarts allow
 *
 * @throws InvalidArgumentError for anything but the handle of an actor
 * @throws InvalidOptionError for unknown or ill-typed options
 * @throws ShutdownError when the runtime ended
 */
export function kill(handle: ActorHandle<unknown>, options?: KillOptions): void {
  if (!isHandle(handle)) {
    const what = inspect(handle, { depth: 0, breakLength: Infinity });
    throw new InvalidArgumentError(`kill() takes the handle of an actor, not ${what}`);
  }
  validateOptions('kill', options, 'kill()');
  const state = openHandle(handle);
  state.host.killActor(state, options?.noRestart === false);
}
