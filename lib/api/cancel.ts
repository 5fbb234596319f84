import { InvalidArgumentError } from '../base/errors';
import { validateOptions } from '../base/options/validate';
import { isHandle } from '../client/handles';
import { openCalls } from '../client/open-refs';
import { isRef, type ObjectRef } from '../client/refs';
import { isStream, type StreamRef } from '../client/streams';
import { checkRefsOrStreams, notRefs } from './refs';

/** Options of `cancel`. */
export interface CancelOptions {
  /**
   * Ends the thread of a task that runs, whatever it does; other tasks on that thread run again where
   * their `maxRetries` allow it. Not for calls of actors. @defaultValue false
   */
  readonly force?: boolean;
  /** Cancels the calls that the task has made, too, and those they have made. @defaultValue true */
  readonly recursive?: boolean;
}

/** A call that can be cancelled: by the ref of its result, or by its stream. */
export type Cancellable = ObjectRef<unknown> | StreamRef<unknown>;

/**
 * Cancels the calls that make these refs, or streams. A call that has not started never runs. One that runs has
 * its `getRuntimeContext().signal` aborted, and whatever it waits for in `get`, `getSync` or `wait`
 * fails, so that it can end soon; its resources are free when it has. Either way the ref rejects with
 * `TaskCancelledError` at once, what depends on it fails, and it is not retried. Of a stream that is
 * the last ref, behind the items that are there. Calls that have ended and refs of `put` are left alone.
 *
 * @example
 * const ref = search.remote(query);
 * cancel(ref);
 * await get(ref); // throws TaskCancelledError
 *
 * cancel(busyLoop, { force: true }); // looks at no signal: its thread is ended and replaced
 *
 * @throws InvalidArgumentError for anything but refs, and for `force` with a call of an actor
 * @throws InvalidOptionError for unknown or ill-typed options
 * @throws ShutdownError when the runtime ended
 */
export function cancel(
  refs: Cancellable | readonly Cancellable[],
  options: CancelOptions = {},
): void {
  if (isHandle(refs)) {
    throw new InvalidArgumentError(
      'cancel() takes a ref or a list of refs, not the handle of an actor: end that with kill()',
    );
  }
  const list = isRef(refs) || isStream(refs) ? [refs] : refs;
  if (!Array.isArray(list)) throw notRefs(TAKES, list);
  checkRefsOrStreams(list, TAKES);
  validateOptions('cancel', options, 'cancel()');
  const { client, objects } = openCalls(list);
  const { force = false, recursive = true } = options;
  if (force && objects.some(({ ofActor }) => ofActor)) {
    throw new InvalidArgumentError(
      'cancel() cannot force a call of an actor to end, since the actor would end with it: ' +
        'leave force out, or end the actor with kill()',
    );
  }
  client.cancel(objects, { force, recursive });
}

const TAKES = 'cancel() takes a ref or a list of refs';
