import { inspect } from 'node:util';
import { InvalidArgumentError } from '../base/errors';
import { shortId, type CallId } from '../base/ids';
import { brand, brandOf } from './brand';
import { nextItem, type StreamHost } from './futures/next-item';
import type { ObjectRef } from './refs';
import type { StreamFeed } from './stream-feed';

declare const item: unique symbol;

interface Insides {
  readonly feed: StreamFeed;
  readonly host: StreamHost;
}

let insidesOf: (stream: StreamRef<unknown>) => Insides;

/** Reads a stream: gives a ref for each item, in order. */
export type StreamIterator<T> = AsyncIterableIterator<ObjectRef<T>, undefined, undefined>;

/**
 * The values of a generator that runs elsewhere, while it runs: each is given as a ref as soon as it
 * was yielded. What the generator throws is the last ref.
 *
 * A stream is read once: all who iterate over it share its items. To leave the loop early cancels the
 * task and drops what was not taken. It cannot be sent to other threads; its refs can.
 *
 * @example
 * const count = remote(function* (to: number) {
 *   for (let i = 1; i <= to; i++) yield i;
 * });
 * for await (const ref of count.remote(3)) console.log(await get(ref)); // 1, 2, 3
 */
export class StreamRef<out T> implements AsyncIterable<ObjectRef<T>, undefined, undefined> {
  declare readonly [item]: T;
  readonly #feed: StreamFeed;
  readonly #host: StreamHost;
  #iterator: StreamIterator<T> | undefined;
  #completed: ObjectRef<number> | undefined;

  static {
    insidesOf = (stream) => ({ feed: stream.#feed, host: stream.#host });
  }

  /** Streams are made by `.remote()` of generator functions. */
  constructor(feed: StreamFeed, host: StreamHost) {
    this.#feed = feed;
    this.#host = host;
  }

  /** Globally unique; that of the call. */
  get id(): CallId {
    return this.#feed.id;
  }

  /**
   * The same iterator each time. Waiting for the next item gives the CPU of a task back.
   *
   * @throws ShutdownError from `next()` when the runtime has ended
   */
  [Symbol.asyncIterator](): StreamIterator<T> {
    return (this.#iterator ??= iterate(this));
  }

  /**
   * The ref of the end: the number of items once the generator has returned, or its error. It does not
   * wait for anybody to take the items: where `backpressure` limits them, whoever waits for the end
   * before anybody has begun to read lifts the limit.
   *
   * @example
   * await get(count.remote(3).completed()); // 3
   */
  completed(): ObjectRef<number> {
    if (this.#completed === undefined) {
      const { completion } = this.#feed;
      // For the ref; it lets go when it is collected.
      this.#host.retain([completion]);
      const feed = this.#feed;
      completion.onAwaited = (blocking) => feed.endAwaited(blocking);
      this.#completed = this.#host.refOf(completion) as ObjectRef<number>;
    }
    return this.#completed;
  }

  toString(): string {
    return `StreamRef(${shortId(this.id)}…)`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
brand(StreamRef.prototype, 'StreamRef');

/** @throws InvalidArgumentError when another copy of rayx made it */
export const isStream = (candidate: unknown): candidate is StreamRef<unknown> =>
  brandOf(candidate) === 'StreamRef';

/**
 * What stands behind a stream.
 *
 * @throws InvalidArgumentError for anything that only looks like one
 */
export function openStream(stream: StreamRef<unknown>): Insides {
  if (!(stream instanceof StreamRef)) {
    throw new InvalidArgumentError(`${inspect(stream)} is no StreamRef`);
  }
  return insidesOf(stream);
}

function iterate<T>(stream: StreamRef<T>): StreamIterator<T> {
  const { feed, host } = openStream(stream);
  return {
    async next() {
      const taken = await nextItem(host, feed, stream);
      if (taken === undefined) return { done: true, value: undefined };
      return { done: false, value: host.refOf(taken) as ObjectRef<T> };
    },
    return() {
      feed.leave();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
