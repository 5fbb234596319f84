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

/** Gives one signal after `timeout` milliseconds; never without a timeout, or one beyond all timers. */
export function elapsed(timeout: number | undefined): Observable<unknown> {
  const { NEVER, timer } = rxjs();
  return timeout === undefined || timeout > LONGEST_DELAY ? NEVER : timer(timeout);
}

/** Fails with the signal's reason when it is aborted. */
export function aborted(signal: AbortSignal | undefined): Observable<never> {
  const { Observable, NEVER } = rxjs();
  if (!signal) return NEVER;
  return new Observable((subscriber) => {
    const fail = (): void => subscriber.error(signal.reason);
    if (signal.aborted) fail();
    signal.addEventListener('abort', fail, { once: true });
    return () => signal.removeEventListener('abort', fail);
  });
}
