import { inspect } from 'node:util';
import type { Observable } from 'rxjs';
import { InvalidArgumentError } from '../base/errors';
import { progressOf } from '../client/futures/progress';
import { rxjs } from '../client/futures/rxjs';
import { openCalls } from '../client/open-refs';
import { isRef, type ObjectRef } from '../client/refs';
import { isStream, openStream, type StreamRef } from '../client/streams';

/**
 * What a running call tells by `getRuntimeContext().progress(value)`, in order with its result: it
 * completes when the call has ended well, and fails with its error. Whoever comes late gets the latest
 * value first. Of a call that has ended there is nothing to be told.
 *
 * @param of the ref of the call, on whatever thread, or its stream
 *
 * @example
 * const work = remote(() => {
 *   for (let done = 0; done <= 100; done += 10) getRuntimeContext().progress(done);
 * });
 * progress<number>(work.remote()).subscribe((percent) => console.log(`${percent} %`));
 *
 * @throws InvalidArgumentError for anything but a ref or a stream
 */
export function progress<P = unknown>(of: ObjectRef<unknown> | StreamRef<unknown>): Observable<P> {
  if (!isRef(of) && !isStream(of)) {
    throw new InvalidArgumentError(`progress() takes a ref, not ${inspect(of, { depth: 0 })}`);
  }
  const { defer, EMPTY, finalize } = rxjs();
  return defer(() => {
    const { client, objects } = openCalls([of]);
    // A stream that is collected is one that nobody reads any more.
    const letGo = isStream(of) ? openStream(of).feed.use(of) : () => {};
    const [told = EMPTY] = objects.map((object) => progressOf(client, object) as Observable<P>);
    return told.pipe(finalize(letGo));
  });
}
