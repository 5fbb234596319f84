import { validateOptions } from '../base/options/validate';
import { getValues, getValuesSync } from '../client/futures/get';
import { openRefs, type OpenedRefs } from '../client/open-refs';
import { isRef, type ObjectRef } from '../client/refs';
import type { Values } from '../client/types';
import { checkRefs } from './refs';

/** Options of `get`. */
export interface GetOptions extends GetSyncOptions {
  /** Ends the waiting when aborted: `get` rejects with its reason. The tasks go on. */
  readonly signal?: AbortSignal;
}

/** Options of `getSync`. */
export interface GetSyncOptions {
  /** Milliseconds to wait; 0 takes only what is here. @defaultValue no limit */
  readonly timeout?: number;
  /**
   * Binary in the value is private memory, which may be written and transferred, instead of views of
   * the memory that all threads share. @defaultValue false
   */
  readonly copy?: boolean;
}

/**
 * The value of a ref, or the values of a list of refs in its order, as soon as they are there.
 * Rejects with the error of a failed one as soon as it is known. In a task it gives the CPU back
 * while it waits.
 *
 * @example
 * const sum = await get(add.remote(1, 2)); // 3
 * const [a, b] = await get([add.remote(1, 2), greet.remote('Ray')]); // 3, 'Hello Ray'
 *
 * @throws TaskError what the task threw; also an instance of the thrown class
 * @throws GetTimeoutError after `timeout` milliseconds; the task goes on
 * @throws InvalidArgumentError for anything but refs
 * @throws ShutdownError when the runtime ended
 */
export function get<T>(ref: ObjectRef<T>, options?: GetOptions): Promise<T>;
export function get<const R extends readonly ObjectRef<unknown>[]>(
  refs: R,
  options?: GetOptions,
): Promise<Values<R>>;
export async function get(refs: unknown, options?: GetOptions): Promise<unknown> {
  const { client, objects, single } = open('get', refs, options);
  const values = await getValues(client, objects, options);
  return single ? values[0] : values;
}

/**
 * `get` for code without `await`: it blocks the calling thread, in the driver or in a worker. While it
 * blocks, nothing else runs on the thread.
 *
 * @example
 * console.log(getSync(square.remote(3))); // 9
 *
 * @throws TaskError what the task threw; also an instance of the thrown class
 * @throws GetTimeoutError after `timeout` milliseconds; the task goes on
 * @throws InvalidArgumentError for anything but refs
 * @throws ShutdownError when the runtime ended
 */
export function getSync<T>(ref: ObjectRef<T>, options?: GetSyncOptions): T;
export function getSync<const R extends readonly ObjectRef<unknown>[]>(
  refs: R,
  options?: GetSyncOptions,
): Values<R>;
export function getSync(refs: unknown, options?: GetSyncOptions): unknown {
  const { client, objects, list, single } = open('getSync', refs, options);
  const values = getValuesSync(client, objects, options);
  for (const ref of list) client.watch(ref);
  return single ? values[0] : values;
}

function open(
  place: 'get' | 'getSync',
  refs: unknown,
  options: unknown,
): OpenedRefs & { readonly list: readonly ObjectRef<unknown>[]; readonly single: boolean } {
  const single = isRef(refs);
  const list = single ? [refs] : checkRefs(refs, `${place}() takes a ref or a list of refs`);
  validateOptions(place, options, `${place}()`);
  const { client, objects } = openRefs(list);
  return { client, objects, list, single };
}
