import { ShutdownError } from '../base/errors';
import type { Client } from './contract';
import { currentClient, requireClient } from './current';
import type { StoredObject } from './objects';
import { isRef, openRef, type ObjectRef } from './refs';
import type { StreamFeed } from './stream-feed';
import { isStream, openStream, type StreamRef } from './streams';

/** What stands behind a list of refs, and the client they are of. */
export interface OpenedRefs {
  readonly client: Client;
  readonly objects: readonly StoredObject[];
}

type RefOrStream = ObjectRef<unknown> | StreamRef<unknown>;

/**
 * Opens refs of the runtime that runs; for a stream stands its next item. Only an empty list starts
 * one: where there are refs, there was one.
 *
 * @throws ShutdownError for refs of a runtime that has ended
 */
export function openRefs(refs: readonly RefOrStream[]): OpenedRefs {
  return open(refs, (feed) => {
    feed.beginReading();
    return feed.next;
  });
}

/** The same, but for a stream stands its call. That is no wait for its end. */
export function openCalls(refs: readonly RefOrStream[]): OpenedRefs {
  return open(refs, (feed) => feed.completion);
}

function open(
  refs: readonly RefOrStream[],
  objectOf: (feed: StreamFeed) => StoredObject,
): OpenedRefs {
  const client = refs.length === 0 ? requireClient() : currentClient();
  const objects = refs.map((ref) => {
    const { object, host } = isRef(ref) || !isStream(ref) ? openRef(ref) : opened(ref, objectOf);
    if (host !== client) throw new ShutdownError('the runtime of this ref');
    return object;
  });
  if (!client) throw new ShutdownError();
  return { client, objects };
}

function opened(
  stream: StreamRef<unknown>,
  objectOf: (feed: StreamFeed) => StoredObject,
): { readonly object: StoredObject; readonly host: object } {
  const { feed, host } = openStream(stream);
  return { object: objectOf(feed), host };
}
