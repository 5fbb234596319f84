import type { BufferId, CallId, ObjectId, ParcelId } from '../base/ids';
import type { FromClient } from '../protocol/messages';

/**
 * What the raylet is to be told in passing: errors that were seen, refs that are gone, buffers that
 * nothing shows any more, code of which nothing lives, and how far streams are read. Many come at once,
 * from a collection of garbage say, and go in one message.
 */
export class Ledger {
  private looked: ObjectId[] = [];
  private released: (readonly [ObjectId, received: number])[] = [];
  private gone: (readonly [BufferId, received: number])[] = [];
  private parcels: (readonly [ParcelId, received: number])[] = [];
  private readonly taken = new Map<CallId, number>();
  private postingSoon = false;

  /** @param flush is called at the end of the turn, and should call `postAll` */
  constructor(
    private readonly post: (message: FromClient) => void,
    private readonly flush: () => void,
  ) {}

  look(ids: readonly ObjectId[]): void {
    for (const id of ids) this.looked.push(id);
    this.soon();
  }

  release(id: ObjectId, received: number): void {
    this.released.push([id, received]);
    this.soon();
  }

  /** Nothing on this thread shows the buffer any more. */
  bufferGone(id: BufferId, received: number): void {
    this.gone.push([id, received]);
    this.soon();
  }

  /** Nothing lives on this thread of code that it was sent so often. */
  parcelGone(id: ParcelId, received: number): void {
    this.parcels.push([id, received]);
    this.soon();
  }

  /** So many items of the stream altogether. */
  take(stream: CallId, count: number): void {
    this.taken.set(stream, count);
    this.soon();
  }

  /** What was looked at goes before what is released: the other way round it would be reported. */
  postAll(): void {
    if (this.looked.length > 0) this.post({ type: 'looked', ids: this.looked });
    this.looked = [];
    if (this.released.length > 0) this.post({ type: 'release', ids: this.released });
    this.released = [];
    if (this.gone.length > 0) this.post({ type: 'gone', buffers: this.gone });
    this.gone = [];
    if (this.parcels.length > 0) this.post({ type: 'parcelsGone', parcels: this.parcels });
    this.parcels = [];
    if (this.taken.size === 0) return;
    for (const [stream, count] of this.taken) this.post({ type: 'taken', stream, count });
    this.taken.clear();
  }

  private soon(): void {
    if (this.postingSoon) return;
    this.postingSoon = true;
    queueMicrotask(() => {
      this.postingSoon = false;
      this.flush();
    });
  }
}
