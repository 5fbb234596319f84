import type { Observable } from 'rxjs';
import { LONGEST_DELAY } from '../../base/clock';
import { rxjs } from './rxjs';

export interface Limits {
  /** Milliseconds. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Whether a wait with these limits ends by itself. */
export const isLimited = ({ timeout, signal }: Limits): boolean =>
  signal !== undefined || (timeout !== undefined && timeout <= LONGEST_DELAY);

/** Gives one signal after `timeout` milliseconds; undefined without a timeout, or one beyond all timers. */
export function elapsed(timeout: number | undefined): Observable<unknown> | undefined {
  return timeout === undefined || timeout > LONGEST_DELAY ? undefined : rxjs().timer(timeout);
}

/** Fails with the signal's reason when it is aborted; undefined without a signal. */
export function aborted(signal: AbortSignal | undefined): Observable<never> | undefined {
  if (!signal) return undefined;
  return new (rxjs().Observable)((subscriber) => {
    const fail = (): void => subscriber.error(signal.reason);
    if (signal.aborted) fail();
    signal.addEventListener('abort', fail, { once: true });
    return () => signal.removeEventListener('abort', fail);
  });
}

/** What is waited for, or what limits the wait, whichever is first. */
export function firstOf(
  answer: Observable<unknown>,
  ...limits: readonly (Observable<unknown> | undefined)[]
): Observable<unknown> {
  const there = limits.filter((limit) => limit !== undefined);
  // Most waits have none: they need neither to load nor to subscribe to more.
  return there.length === 0 ? answer : rxjs().race(answer, ...there);
}
