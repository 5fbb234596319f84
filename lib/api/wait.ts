import { InvalidArgumentError } from '../base/errors';
import { validateOptions } from '../base/options/validate';
import { waitFor } from '../client/futures/wait';
import { firstRepeated, type StoredObject } from '../client/objects';
import { openRefs } from '../client/open-refs';
import type { ObjectRef } from '../client/refs';
import type { StreamRef } from '../client/streams';
import { checkRefs, checkRefsOrStreams } from './refs';

/** Options of `wait`. */
export interface WaitOptions {
  /** How many refs must be ready. @defaultValue 1 */
  readonly numReturns?: number;
  /** Milliseconds after which fewer are enough; 0 looks without waiting. @defaultValue no limit */
  readonly timeout?: number;
  /**
   * Whether ready values are brought to this machine; a ref can be ready while its value is on
   * another one. On one machine it makes no difference. @defaultValue true
   */
  readonly fetchLocal?: boolean;
}

/**
 * Waits until some of the refs are ready and splits the list in two, both in its order: at most
 * `numReturns` ready ones, and the rest. A failed ref is ready too; nothing is thrown for it. After
 * `timeout` it answers with what is ready then, without an error. A stream is ready when its next item
 * is there, or it has ended; nothing is taken from it.
 *
 * @example
 * let pending = [sleep.remote(3), sleep.remote(1), sleep.remote(2)];
 * while (pending.length > 0) {
 *   const [ready, rest] = await wait(pending);
 *   console.log(await get(ready)); // [1], then [2], then [3]
 *   pending = rest;
 * }
 *
 * @throws InvalidArgumentError for anything but a list of distinct refs, or too large `numReturns`
 * @throws InvalidOptionError for unknown or ill-typed options
 */
export async function wait<R extends ObjectRef<unknown> | StreamRef<unknown>>(
  refs: readonly R[],
  options: WaitOptions = {},
): Promise<[ready: R[], pending: R[]]> {
  if (!Array.isArray(refs)) checkRefs(refs, 'wait() takes a list of refs');
  // What numReturns may be depends on the list, and for an empty list it does not matter.
  const isObject = typeof options === 'object' && options !== null && !Array.isArray(options);
  validateOptions('wait', isObject ? { ...options, numReturns: undefined } : options, 'wait()');
  const { numReturns = 1 } = options;
  checkRefsOrStreams(refs, 'wait() takes a list of refs');
  const { client, objects } = openRefs(refs);
  if (refs.length === 0) return [[], []];
  checkDistinct(objects);
  validateOptions('wait', { numReturns }, 'wait()');
  if (numReturns > refs.length) {
    throw new InvalidArgumentError(
      `wait() was asked for ${numReturns} ready refs of only ${refs.length}: lower numReturns`,
    );
  }
  const ready = await waitFor(client, objects, numReturns, options.timeout);
  return [ready.map((at) => refs[at] as R), without(refs, ready)];
}

function checkDistinct(objects: readonly StoredObject[]): void {
  const at = firstRepeated(objects);
  if (at < 0) return;
  const first = objects.indexOf(objects[at] as StoredObject);
  throw new InvalidArgumentError(
    `wait() takes distinct refs: elements ${first} and ${at} are the same`,
  );
}

/** The list without the elements at these places, which are in order. */
function without<T>(list: readonly T[], places: readonly number[]): T[] {
  const [first] = places;
  // Lists are drained one by one, and to move the rest of one as a block is ten times as fast.
  if (first !== undefined && places.length === 1) return list.toSpliced(first, 1);
  let next = 0;
  return list.filter((_, at) => {
    if (at !== places[next]) return true;
    next += 1;
    return false;
  });
}
