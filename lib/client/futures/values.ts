import type { Observable } from 'rxjs';
import { isSettled, type StoredObject } from '../objects';
import { answer, settlements } from './answer';
import type { FutureHost } from './host';
import { readWhenReady } from './ready';
import { rxjs } from './rxjs';

/** The value of one object, once, or its error. */
export function valueOf(host: FutureHost, object: StoredObject): Observable<unknown> {
  const { switchMap } = rxjs();
  const value = settled(host, object).pipe(switchMap(() => readyValue(host, object)));
  return retaining(host, [object], value);
}

/**
 * The values of many objects in the order in which they settle, as often as they are given. The
 * first failure ends it.
 */
export function valuesAsSettled(
  host: FutureHost,
  objects: readonly StoredObject[],
): Observable<unknown> {
  const { concatMap } = rxjs();
  const values = asSettled(host, objects).pipe(concatMap((object) => readyValue(host, object)));
  return retaining(host, objects, values);
}

/**
 * Many objects in the order in which they settle, well or not, as often as they are given. Whoever
 * subscribes holds them.
 */
export function asSettled(
  host: FutureHost,
  objects: readonly StoredObject[],
): Observable<StoredObject> {
  const { defer, finalize, from, merge, mergeMap, of, repeat, take } = rxjs();
  return defer(() => {
    const early = from(objects.filter(isSettled));
    const pending = objects.filter((object) => !isSettled(object));
    // A task is granted its CPU anew for each object, so each is a wait of its own.
    if (host.waitsForGrants()) {
      return merge(early, from(pending).pipe(mergeMap((object) => settled(host, object))));
    }
    const times = occurrences(pending);
    host.want([...times.keys()]);
    host.flush();
    const release = host.hold();
    const late = settlements([...times.keys()]).pipe(
      take(times.size),
      mergeMap((object) => of(object).pipe(repeat(times.get(object) ?? 1))),
    );
    return merge(early, late).pipe(finalize(release));
  });
}

function settled(host: FutureHost, object: StoredObject): Observable<StoredObject> {
  return answer(host, { objects: [object], count: 1, failFast: true }).pipe(
    rxjs().map(() => object),
  );
}

function retaining<T>(
  host: FutureHost,
  objects: readonly StoredObject[],
  values: Observable<T>,
): Observable<T> {
  const { defer, finalize } = rxjs();
  return defer(() => values.pipe(finalize(host.retain(objects))));
}

function occurrences(objects: readonly StoredObject[]): Map<StoredObject, number> {
  const times = new Map<StoredObject, number>();
  for (const object of objects) times.set(object, (times.get(object) ?? 0) + 1);
  return times;
}

export function readyValue(host: FutureHost, object: StoredObject): Observable<unknown> {
  const { defer, from, of } = rxjs();
  return defer(() => {
    const read = (): unknown => host.read(object);
    return host.prepare([object]) ? from(readWhenReady(host, [object], read)) : of(read());
  });
}
