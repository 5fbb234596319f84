import { InvalidArgumentError } from '../base/errors';
import { requireClient } from '../client/current';
import { isRef, type ObjectRef } from '../client/refs';
import { isStream } from '../client/streams';

/**
 * Stores a value and answers at once with a ref to the copy, which all threads share: give the ref to
 * as many calls as you like, and large binary data is read in place. Later changes of the original
 * are not seen.
 *
 * @example
 * const table = put(new Float64Array(1e7));
 * await get([sum.remote(table), max.remote(table)]);
 *
 * @throws SerializationError for a value that cannot travel, with the path inside it
 * @throws InvalidArgumentError for a ref: it names a stored value already
 */
export function put<T>(value: T extends ObjectRef<unknown> ? never : T): ObjectRef<T> {
  if (isRef(value)) {
    throw new InvalidArgumentError(
      'put() was given a ref, which names a stored value already: use it as it is, or put [ref]',
    );
  }
  if (isStream(value)) {
    throw new InvalidArgumentError(
      'put() was given a stream, which is read where it was made: put its refs, or the values',
    );
  }
  return requireClient().put(value, put) as ObjectRef<T>;
}
