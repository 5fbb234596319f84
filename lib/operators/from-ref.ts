import type { Observable } from 'rxjs';
import { rxjs } from '../client/futures/rxjs';
import { openRef, type ObjectRef } from '../client/refs';

/**
 * The value of a ref as an observable: it gives the value once and completes, or fails with the
 * task's error. A ref is an interop observable itself, so most operators take it as it is.
 *
 * @example
 * fromRef(square.remote(3)).subscribe(console.log); // 9
 */
export function fromRef<T>(ref: ObjectRef<T>): Observable<T> {
  const { host } = openRef(ref);
  return rxjs().defer(() => host.observe(ref) as Observable<T>);
}
