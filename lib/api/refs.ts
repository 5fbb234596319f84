import { inspect } from 'node:util';
import { InvalidArgumentError, ShutdownError } from '../base/errors';
import type { Client } from '../client/contract';
import type { StoredObject } from '../client/objects';
import { isRef, openRef, type ObjectRef } from '../client/refs';

/** A list of refs as given, checked. */
export function checkRefs(refs: unknown, where: string): readonly ObjectRef<unknown>[] {
  if (!Array.isArray(refs)) throw notRefs(where, refs);
  const wrong = refs.findIndex((ref) => !isRef(ref));
  if (wrong >= 0) throw notRefs(where, refs[wrong], `element ${wrong} is`);
  return refs as ObjectRef<unknown>[];
}

/**
 * What stands behind refs, all of the runtime that runs.
 *
 * @throws ShutdownError for refs of a runtime that has ended
 */
export function openRefs(client: Client, refs: readonly ObjectRef<unknown>[]): StoredObject[] {
  return refs.map((ref) => {
    const { object, host } = openRef(ref);
    if (host !== client) throw new ShutdownError('the runtime of this ref');
    return object;
  });
}

export function notRefs(where: string, value: unknown, what = 'this is'): InvalidArgumentError {
  return new InvalidArgumentError(
    `${where}; ${what} ${inspect(value, { depth: 0, breakLength: Infinity })}`,
  );
}
