import { inspect } from 'node:util';
import type { Observable } from 'rxjs';
import { InvalidArgumentError } from '../base/errors';
import { rxjs } from '../client/futures/rxjs';
import { streamValues } from '../client/futures/stream-values';
import { isStream, openStream, type StreamRef } from '../client/streams';

/**
 * The values of a stream as an observable: each as soon as it was yielded, in order. It completes
 * behind the last, and fails with the error of the generator. Whoever unsubscribes before that leaves
 * the stream: the task is cancelled.
 *
 * A stream is read once, so subscribe once. What is emitted counts as taken; use `for await` where
 * slow steps are to hold a generator with `backpressure` back.
 *
 * @example
 * const count = remote(function* (to: number) {
 *   for (let i = 1; i <= to; i++) yield i;
 * });
 * values(count.remote(3)).subscribe(console.log); // 1, 2, 3
 *
 * @throws InvalidArgumentError for anything but a stream
 */
export function values<T>(stream: StreamRef<T>): Observable<T> {
  if (!isStream(stream)) {
    throw new InvalidArgumentError(
      `values() takes the stream of a generator, not ${inspect(stream, { depth: 0 })}`,
    );
  }
  const { feed, host } = openStream(stream);
  return rxjs().defer(() => streamValues(host, feed, stream) as Observable<T>);
}
