import type { Observable } from 'rxjs';
import { InvalidArgumentError } from '../base/errors';
import { rxjs } from '../client/futures/rxjs';
import { valuesAsSettled } from '../client/futures/values';
import { openRefs } from '../client/open-refs';
import { isRef, type ObjectRef } from '../client/refs';
import type { Values } from '../client/types';

/**
 * The values of many refs in the order in which they are completed, one for each ref given. A failed
 * one ends it with its error.
 *
 * @example
 * completed([sleep.remote(3), sleep.remote(1)]).subscribe(console.log); // 1, then 3
 *
 * @throws InvalidArgumentError for anything but a list of refs
 */
export function completed<R extends ObjectRef<unknown>>(
  refs: readonly R[],
): Observable<Values<readonly R[]>[number]> {
  if (!Array.isArray(refs) || !refs.every(isRef)) {
    throw new InvalidArgumentError('completed() takes a list of refs');
  }
  return rxjs().defer(() => {
    const { client, objects } = openRefs(refs);
    return valuesAsSettled(client, objects) as never;
  });
}
