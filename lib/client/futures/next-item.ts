import { isSettled, type StoredObject } from '../objects';
import type { ObjectRef } from '../refs';
import type { StreamFeed } from '../stream-feed';
import { answer } from './answer';
import type { FutureHost } from './host';
import { rxjs } from './rxjs';

/** What streams ask of the client they belong to. */
export interface StreamHost extends FutureHost {
  /** The ref of an object that the caller has held so far. */
  refOf(object: StoredObject): ObjectRef<unknown>;
  drop(object: StoredObject): void;
}

/**
 * Takes the next item of a stream as soon as it is there; undefined behind the last. The caller holds
 * it from then on.
 *
 * @param stream what must not be collected meanwhile
 * @throws ShutdownError when the runtime has ended
 */
export async function nextItem(
  host: StreamHost,
  feed: StreamFeed,
  stream: object,
): Promise<StoredObject | undefined> {
  host.checkOpen();
  feed.beginReading();
  // Others who wait for the same item may take it first.
  for (let { next } = feed; !isSettled(next); { next } = feed) await settled(host, feed, stream);
  host.checkOpen();
  return feed.take();
}

async function settled(host: StreamHost, feed: StreamFeed, stream: object): Promise<void> {
  const objects = [feed.next];
  const endUse = feed.use(stream);
  const letGo = host.retain(objects);
  try {
    await rxjs().firstValueFrom(answer(host, { objects, count: 1, failFast: false }));
  } finally {
    letGo();
    endUse();
  }
}
