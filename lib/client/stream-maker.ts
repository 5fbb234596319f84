import { whenCollected } from '../base/garbage';
import type { CallId, ObjectId } from '../base/ids';
import type { FromClient, StreamPolicy } from '../protocol/messages';
import { END_OF_STREAM } from '../protocol/payload';
import type { StreamHost } from './futures/next-item';
import type { Ledger } from './ledger';
import type { ItemListener, ObjectTable, StoredObject } from './objects';
import type { SubmitSite } from './sites';
import { StreamFeed, type FeedHost } from './stream-feed';
import { StreamRef } from './streams';

export interface StreamMakerOptions {
  readonly host: StreamHost & { readonly closed: boolean };
  readonly objects: ObjectTable;
  readonly ledger: Ledger;
  readonly post: (message: FromClient) => void;
}

type Leave = Extract<FromClient, { type: 'leaveStream' }>;

/** Makes the streams of a client, and ends those that are collected. */
export class StreamMaker implements FeedHost {
  constructor(private readonly options: StreamMakerOptions) {}

  /** @param completion the call's own object, held by the caller until now */
  make(completion: StoredObject, site: SubmitSite, policy: StreamPolicy): StreamRef<unknown> {
    const bounded = policy.backpressure !== undefined;
    const feed = new StreamFeed(completion, site, bounded, this);
    const stream = new StreamRef<unknown>(feed, this.options.host);
    whenCollected(stream, () => feed.drop());
    return stream;
  }

  createItem(id: ObjectId, site: SubmitSite, listener: ItemListener): StoredObject {
    return this.options.objects.create(id, site, listener);
  }

  drop(object: StoredObject): void {
    this.options.objects.drop(object);
  }

  endItem({ id }: StoredObject): void {
    this.options.objects.settle(id, END_OF_STREAM, false);
  }

  took(stream: CallId, count: number): void {
    if (!this.options.host.closed) this.options.ledger.take(stream, count);
  }

  lookedAt(stream: CallId): void {
    if (!this.options.host.closed) this.options.ledger.look([stream]);
  }

  leaveStream(stream: CallId, known: number, goesOn: Leave['goesOn']): void {
    const { host, post } = this.options;
    if (!host.closed) post({ type: 'leaveStream', stream, known, goesOn });
  }
}
