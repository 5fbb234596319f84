import type { Observable } from 'rxjs';
import { inThisContext } from '../../base/async-context';
import type { RayError } from '../../base/errors';
import type { Gate } from '../../protocol/host';
import { hasFailed, isSettled, unwatch, watch, type StoredObject } from '../objects';
import { isAnswered, type WaitFor } from '../waiting';
import type { FutureHost } from './host';
import { rxjs } from './rxjs';

/**
 * The client's stream of settlements, narrowed to the wanted objects: each pending one is given
 * once, when it settles. One subscription, however many objects. Subscribers are called in the async
 * context in which they subscribed, not in that of the message that brought the news.
 */
export function settlements(objects: readonly StoredObject[]): Observable<StoredObject> {
  return new (rxjs().Observable)((subscriber) => {
    const watcher = inThisContext((object: StoredObject): void => subscriber.next(object));
    watch(objects, watcher);
    return () => unwatch(objects, watcher);
  });
}

/**
 * Gives one signal as soon as what is waited for is here and, in a task, its CPU granted again. It
 * keeps the driver's process alive while it is subscribed to. Fails where the task would wait for ever.
 */
export function answer(host: FutureHost, what: WaitFor): Observable<unknown> {
  const { defer, filter, finalize, of, take } = rxjs();
  return defer(() => {
    if (isAnswered(what)) return of(undefined);
    const pending = what.objects.filter((object) => !isSettled(object));
    const missing = what.count - (what.objects.length - pending.length);
    const enough = settlements(pending).pipe(
      filter((object, at) => at + 1 >= missing || (what.failFast && hasFailed(object))),
      take(1),
    );
    host.want(pending);
    host.flush();
    const release = host.hold();
    const gate = host.enterWait(what);
    const all: Observable<unknown> = gate ? rxjs().forkJoin([enough, opening(gate)]) : enough;
    return all.pipe(
      finalize(() => {
        gate?.close();
        release();
      }),
    );
  });
}

function opening(gate: Gate): Observable<void> {
  return new (rxjs().Observable)((subscriber) => {
    const open = (refusal?: RayError): void => {
      if (refusal) return subscriber.error(refusal);
      subscriber.next();
      subscriber.complete();
    };
    gate.onOpen(inThisContext(open));
  });
}
