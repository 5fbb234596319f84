import type { Observable } from 'rxjs';
import { LONGEST_DELAY } from '../../base/clock';
import { rxjs } from './rxjs';

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
