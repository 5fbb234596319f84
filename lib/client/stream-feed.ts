import type { CallId, ObjectId } from '../base/ids';
import { itemId, type FromClient } from '../protocol/messages';
import { END_OF_STREAM } from '../protocol/payload';
import { blankObject, isSettled, type ItemListener, type StoredObject } from './objects';
import type { SubmitSite } from './sites';

type GoesOn = Extract<FromClient, { type: 'leaveStream' }>['goesOn'];

/** What a feed asks of the client it belongs to. */
export interface FeedHost {
  /** A new object of this client's own making, held by the caller. */
  createItem(id: ObjectId, site: SubmitSite, listener: ItemListener): StoredObject;
  drop(object: StoredObject): void;
  /** There is no such item, as far as this client is concerned. */
  endItem(item: StoredObject): void;
  /** So many items of a stream with a limit have been taken. */
  took(stream: CallId, count: number): void;
  /** Nobody reads on; of items from `known` on the client has not heard. */
  leaveStream(stream: CallId, known: number, goesOn: GoesOn): void;
  /** A failure of the stream is not to be reported. */
  lookedAt(stream: CallId): void;
}

/**
 * The reader's end of a stream: the items that are here, in order, and the pending one behind them. It
 * must not lead to the `StreamRef`, whose collection ends it.
 */
export class StreamFeed implements ItemListener {
  /** Keeps the stream from being collected while somebody waits for its next item. */
  private user: object | undefined;
  private users = 0;
  private items: StoredObject[] = [];
  private head = 0;
  private known = 0;
  private taken = 0;
  /** Somebody takes the items, or waits for one. */
  private reading = false;
  /** No further item comes. */
  private over = false;
  private left = false;
  /** Stands for the next item when there is none. */
  private readonly end: StoredObject;

  constructor(
    /** The object that tells how the call ended; held by the caller until now, by the feed from now on. */
    readonly completion: StoredObject,
    private readonly site: SubmitSite,
    /** The generator pauses when nobody takes its items. */
    private bounded: boolean,
    private readonly host: FeedHost,
  ) {
    this.end = blankObject(completion.id, true);
    this.end.holders = 1;
    this.end.outcome = END_OF_STREAM;
    this.add();
  }

  get id(): CallId {
    return this.completion.id;
  }

  /** The next item, settled or pending; behind the last one, something settled. */
  get next(): StoredObject {
    return this.items[this.head] ?? this.end;
  }

  beginReading(): void {
    this.reading = true;
  }

  /**
   * Somebody waits for the end. With nobody who takes the items it would never come, so the generator
   * pauses no more; only whoever begins to read in this turn keeps it to its limit.
   */
  endAwaited(blocking: boolean): void {
    if (!this.bounded) return;
    if (blocking) this.unbind();
    else queueMicrotask(() => this.unbind());
  }

  private unbind(): void {
    if (this.reading || this.over || this.left) return;
    this.bounded = false;
    this.host.took(this.id, Infinity);
  }

  /** Takes the next item, which must be settled; the caller holds it from now on. */
  take(): StoredObject | undefined {
    const item = this.items[this.head];
    if (item === undefined) return undefined;
    this.head += 1;
    this.taken += 1;
    if (this.bounded && !this.over) this.host.took(this.id, this.taken);
    // Cut off what is used up when it is half of the list: constant cost per item.
    if (this.head > 64 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }

  /** Keeps the stream in use until the answer is called. */
  use(stream: object): () => void {
    this.users += 1;
    this.user = stream;
    return () => {
      this.users -= 1;
      if (this.users === 0) this.user = undefined;
    };
  }

  itemSettled({ outcome }: StoredObject): void {
    if (this.left) return;
    if (outcome?.ok === true && outcome.end !== true) return this.add();
    this.over = true;
    const last = outcome?.ok === true ? this.items.pop() : undefined;
    if (last !== undefined) this.host.drop(last);
  }

  /** The error of the last item is the call's own. */
  itemLookedAt(): void {
    this.completion.looked = true;
  }

  /** The reader goes: what it has not taken is let go, and the task is to end. */
  leave(): void {
    if (this.left || (this.over && this.head === this.items.length)) return;
    this.host.lookedAt(this.id);
    this.letGo('no');
  }

  /** The stream was collected. Whoever waits for its end, here or elsewhere, keeps the task. */
  drop(): void {
    this.letGo(this.completion.holders > 1 ? 'yes' : 'for others');
    this.host.drop(this.completion);
  }

  private letGo(goesOn: GoesOn): void {
    if (this.left) return;
    this.left = true;
    if (!this.over) {
      this.completion.cancelled = goesOn !== 'yes';
      this.host.leaveStream(this.id, this.known, goesOn);
    }
    const untaken = this.items.slice(this.head);
    this.items = [];
    this.head = 0;
    for (const item of untaken) {
      // Whoever waits for it need not wait for the raylet to say so.
      if (!isSettled(item)) this.host.endItem(item);
      this.host.drop(item);
    }
  }

  private add(): void {
    const id = itemId(this.id, this.known);
    this.known += 1;
    this.items.push(this.host.createItem(id, this.site, this));
  }
}
