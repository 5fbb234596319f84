import type { Parts } from './parts';

/** The one way to complain of a state that cannot be. */
export function must(parts: Parts, right: boolean, id: string, what: string): asserts right {
  if (!right) throw parts.journal.bug(`invalid state: ${what}`, id);
}
