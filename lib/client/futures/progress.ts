import type { Observable } from 'rxjs';
import { inThisContext } from '../../base/async-context';
import { hasFailed, type StoredObject } from '../objects';
import type { ProgressListener, ProgressValue } from '../progress';
import { answer } from './answer';
import type { FutureHost } from './host';
import { rxjs } from './rxjs';
import { readyValue } from './values';

export interface ProgressHost extends FutureHost {
  follow(object: StoredObject, listener: ProgressListener): () => void;
}

/** In the place of a value: the call has ended. */
const ENDED = Symbol('ended');

/**
 * What a call tells of its progress, in order with its result: it completes when the call ends well,
 * and fails with its error. In a task it is a wait for the result.
 */
export function progressOf(host: ProgressHost, object: StoredObject): Observable<unknown> {
  const { concatMap, defer, finalize, map, merge, of, takeWhile } = rxjs();
  return defer(() => {
    const letGo = host.retain([object]);
    const told = new (rxjs().Observable)<ProgressValue>((subscriber) =>
      host.follow(
        object,
        inThisContext((value: ProgressValue) => subscriber.next(value)),
      ),
    );
    const ended = answer(host, { objects: [object], count: 1, failFast: true });
    const failureOrEnd = (): Observable<unknown> =>
      hasFailed(object) ? readyValue(host, object) : of(ENDED);
    return merge(told, ended.pipe(map((): typeof ENDED => ENDED))).pipe(
      concatMap((step) =>
        step === ENDED
          ? failureOrEnd()
          : readyValue(host, step.object).pipe(finalize(() => step.drop())),
      ),
      takeWhile((value) => value !== ENDED),
      finalize(letGo),
    );
  });
}
