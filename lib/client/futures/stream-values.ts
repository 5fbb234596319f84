import type { Observable, Subscriber } from 'rxjs';
import type { StreamFeed } from '../stream-feed';
import { nextItem, type StreamHost } from './next-item';
import { readWhenReady } from './ready';
import { rxjs } from './rxjs';

/** The values of a stream as they come. Whoever unsubscribes before the end leaves the stream. */
export function streamValues(
  host: StreamHost,
  feed: StreamFeed,
  stream: object,
): Observable<unknown> {
  return new (rxjs().Observable)((subscriber) => {
    const endUse = feed.use(stream);
    emitAll(host, feed, stream, subscriber).catch((error: unknown) => subscriber.error(error));
    return () => {
      feed.leave();
      endUse();
    };
  });
}

async function emitAll(
  host: StreamHost,
  feed: StreamFeed,
  stream: object,
  subscriber: Subscriber<unknown>,
): Promise<void> {
  for (;;) {
    const item = await nextItem(host, feed, stream);
    if (item === undefined) return subscriber.complete();
    try {
      await readWhenReady(host, [item], () => {
        if (!subscriber.closed) subscriber.next(host.read(item));
      });
      if (subscriber.closed) return;
    } finally {
      host.drop(item);
    }
  }
}
