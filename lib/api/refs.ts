import { inspect } from 'node:util';
import { InvalidArgumentError } from '../base/errors';
import { isRef, type ObjectRef } from '../client/refs';
import { isStream, type StreamRef } from '../client/streams';

/** A list of refs as given, checked. */
export function checkRefs(refs: unknown, where: string): readonly ObjectRef<unknown>[] {
  if (!Array.isArray(refs)) throw notRefs(where, refs);
  const wrong = refs.findIndex((ref) => !isRef(ref));
  if (wrong >= 0) throw notRefs(where, refs[wrong], `element ${wrong} is`);
  return refs as ObjectRef<unknown>[];
}

/** The same, where the next item of a stream will do. */
export function checkRefsOrStreams(
  refs: readonly unknown[],
  where: string,
): asserts refs is readonly (ObjectRef<unknown> | StreamRef<unknown>)[] {
  const wrong = refs.findIndex((ref) => !isRef(ref) && !isStream(ref));
  if (wrong >= 0) throw notRefs(where, refs[wrong], `element ${wrong} is`);
}

/** What is thrown for anything but refs. */
export function notRefs(where: string, value: unknown, what = 'this is'): InvalidArgumentError {
  if (isStream(value)) {
    return new InvalidArgumentError(
      `${where}; ${what} a stream: iterate over its refs with for await, or use values(stream)`,
    );
  }
  return new InvalidArgumentError(
    `${where}; ${what} ${inspect(value, { depth: 0, breakLength: Infinity })}`,
  );
}
