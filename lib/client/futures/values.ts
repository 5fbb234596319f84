import type { Observable } from 'rxjs';
import { isSettled, type StoredObject } from '../objects';
import { answer, settlements } from './answer';
import type { FutureHost } from './host';
import { rxjs } from './rxjs';

/** The value of one object, once, or its error. */
export function valueOf(host: FutureHost, object: StoredObject): Observable<unknown> {
  const { defer, finalize, switchMap } = rxjs();
  const what = { objects: [object], count: 1, failFast: true };
  return defer(() => {
    const letGo = host.retain(what.objects);
    return answer(host, what).pipe(
      switchMap(() => readyValue(host, object)),
      finalize(letGo),
    );
  });
}

/**
 * The values of many objects in the order in which they settle, as often as they are given. The
 * first failure ends it.
 */
export function valuesAsSettled(
  host: FutureHost,
  objects: readonly StoredObject[],
): Observable<unknown> {
  const { concatMap, defer, finalize, from, merge, mergeMap, repeat, take } = rxjs();
  return defer(() => {
    const settled = objects.filter(isSettled);
    const pending = objects.filter((object) => !isSettled(object));
    const early = from(settled).pipe(concatMap((object) => readyValue(host, object)));
    // A task is granted its CPU anew for each value, so each is a wait of its own.
    if (host.waitsForGrants()) {
      return merge(early, from(pending).pipe(mergeMap((object) => valueOf(host, object))));
    }
    const times = occurrences(pending);
    host.want([...times.keys()]);
    host.flush();
    const release = host.hold();
    const letGo = host.retain(objects);
    const late = settlements([...times.keys()]).pipe(
      take(times.size),
      concatMap((object) => readyValue(host, object).pipe(repeat(times.get(object) ?? 1))),
    );
    return merge(early, late).pipe(finalize(release), finalize(letGo));
  });
}

function occurrences(objects: readonly StoredObject[]): Map<StoredObject, number> {
  const times = new Map<StoredObject, number>();
  for (const object of objects) times.set(object, (times.get(object) ?? 0) + 1);
  return times;
}

export function readyValue(host: FutureHost, object: StoredObject): Observable<unknown> {
  const { defer, from, map, of } = rxjs();
  return defer(() => {
    const preparing = host.prepare([object]);
    return preparing ? from(preparing).pipe(map(() => host.read(object))) : of(host.read(object));
  });
}
