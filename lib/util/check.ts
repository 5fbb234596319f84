import { inspect } from 'node:util';
import { InvalidArgumentError } from '../base/errors';

/** @throws InvalidArgumentError for anything but a function */
export function checkFunction(fn: unknown, where: string): void {
  if (typeof fn === 'function') return;
  throw new InvalidArgumentError(`${where} takes a function, not ${inspect(fn, { depth: 0 })}`);
}

/**
 * The items of an iterable.
 *
 * @param what for the error: `map() takes an iterable of values`
 * @throws InvalidArgumentError for anything else
 */
export function listOf<T>(items: Iterable<T>, what: string): T[] {
  const isIterable =
    typeof (items as Partial<Iterable<T>> | null)?.[Symbol.iterator] === 'function';
  if (!isIterable) {
    throw new InvalidArgumentError(`${what}, not ${inspect(items, { depth: 0 })}`);
  }
  return [...items];
}
