import { inThisContext } from '../base/async-context';
import { currentClient } from '../client/current';
import { untilSettled } from '../client/futures/wait';
import { openRefs } from '../client/open-refs';
import { isSettled, watch } from '../client/objects';
import { openRef, type ObjectRef } from '../client/refs';

/*
 * For utilities that must know when results are there, without being those who look at them: an
 * error that nobody reads is to be reported all the same.
 */

/** Calls back once the ref has settled, in a turn of its own. Keeps no process alive meanwhile. */
export function onSettled(ref: ObjectRef<unknown>, callback: () => void): void {
  const { client, objects } = openRefs([ref]);
  if (objects.every(isSettled)) return queueMicrotask(inThisContext(callback));
  client.want(objects);
  watch(objects, inThisContext(callback));
}

/** Nobody is to hear of its error, whenever that comes. */
export function ignore(ref: ObjectRef<unknown>): void {
  const { object, host } = openRef(ref);
  const client = currentClient();
  if (host === client) client.look([object]);
}

/**
 * Waits until one of the refs has settled, or until the time is over or the signal aborted; answers
 * whether one has. In a task it gives the CPU back while it waits.
 */
export function oneSettled(
  refs: readonly ObjectRef<unknown>[],
  timeout: number | undefined,
  signal?: AbortSignal,
): Promise<boolean> {
  const { client, objects } = openRefs(refs);
  return untilSettled(client, objects, 1, timeout, signal);
}
