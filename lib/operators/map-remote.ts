import { inspect } from 'node:util';
import type { ObservableInput, OperatorFunction } from 'rxjs';
import { InvalidArgumentError } from '../base/errors';
import { rxjs } from '../client/futures/rxjs';
import type { ObjectRef } from '../client/refs';
import type { Arg } from '../client/types';

/** What `mapRemote` runs: a remote function, or a method of a handle, of one argument. */
export interface RemoteMapper<T, R> {
  remote(value: Arg<T>): ObjectRef<R>;
}

/**
 * Runs a remote function over each value of a stream and gives the results as they come, like
 * `mergeMap`. With `concurrency`, at most so many calls are under way at once and the source is
 * held in a queue behind them.
 *
 * @param concurrency a positive integer @defaultValue no limit
 *
 * @example
 * from([1, 2, 3]).pipe(mapRemote(square, 2), toArray()).subscribe(console.log); // [1, 4, 9]
 *
 * @throws InvalidArgumentError for anything but a remote function, or a wrong concurrency
 */
export function mapRemote<T, R>(
  mapper: RemoteMapper<T, R>,
  concurrency = Infinity,
): OperatorFunction<Arg<T>, R> {
  if (typeof (mapper as Partial<typeof mapper> | undefined)?.remote !== 'function') {
    throw new InvalidArgumentError(
      `mapRemote() takes a remote function, not ${inspect(mapper, { depth: 0 })}`,
    );
  }
  if (concurrency !== Infinity && !(Number.isSafeInteger(concurrency) && concurrency > 0)) {
    throw new InvalidArgumentError(
      `mapRemote() takes a positive integer as concurrency, not ${inspect(concurrency)}`,
    );
  }
  return rxjs().mergeMap(
    (value) => mapper.remote(value) as unknown as ObservableInput<R>,
    concurrency,
  );
}
