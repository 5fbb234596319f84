import { inspect } from 'node:util';
import { InvalidArgumentError } from '../base/errors';
import { isRef, type ObjectRef } from '../client/refs';

/** A list of refs as given, checked. */
export function checkRefs(refs: unknown, where: string): readonly ObjectRef<unknown>[] {
  if (!Array.isArray(refs)) throw notRefs(where, refs);
  const wrong = refs.findIndex((ref) => !isRef(ref));
  if (wrong >= 0) throw notRefs(where, refs[wrong], `element ${wrong} is`);
  return refs as ObjectRef<unknown>[];
}

function notRefs(where: string, value: unknown, what = 'this is'): InvalidArgumentError {
  return new InvalidArgumentError(
    `${where}; ${what} ${inspect(value, { depth: 0, breakLength: Infinity })}`,
  );
}
