import { openRefs } from '../client/open-refs';
import { isRef, type ObjectRef } from '../client/refs';
import { checkRefs } from './refs';

/**
 * Forgets the values of refs at once, whoever else has them: every later `get` of one rejects with
 * `ObjectLostError`. Calls that were made with one before still get it, and a thread that has read it
 * keeps what it has. The memory is used again as soon as no thread shows it any more. Of a ref that is
 * pending the value is forgotten when it comes; the call goes on.
 *
 * Refs that nobody has any more are noticed without this, but not at once.
 *
 * @example
 * const table = put(new Float64Array(1e7));
 * await get([sum.remote(table), max.remote(table)]);
 * free(table);
 *
 * @throws InvalidArgumentError for anything but refs
 * @throws ShutdownError when the runtime ended
 */
export function free(refs: ObjectRef<unknown> | readonly ObjectRef<unknown>[]): void {
  const list = isRef(refs) ? [refs] : checkRefs(refs, 'free() takes a ref or a list of refs');
  const { client, objects } = openRefs(list);
  client.free(objects);
}
