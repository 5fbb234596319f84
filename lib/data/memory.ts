import { whenCollected } from '../base/garbage';
import { bufferIds, homeOf, type BufferId, type ClientId } from '../base/ids';
import type { ToWorker } from '../protocol/messages';
import { bodyOf, isEncoded, sharedIn, type Payload, type SharedPart } from '../protocol/payload';
import { payloadsIn } from '../protocol/payloads-in';

/** Whoever tells the raylet what becomes of buffers on this thread. */
export interface MemoryReporter {
  /** Nothing here shows the buffer any more, which has come so many times. */
  gone(id: BufferId, received: number): void;
  /** A buffer that was made here for a value shows here, too. */
  shown(id: BufferId): void;
  /** A buffer was made for user code. */
  allocated(id: BufferId, memory: SharedArrayBuffer): void;
  /** Much memory is wanted: what was given back is perhaps among what has arrived. */
  pump(): void;
  /** Waits until `isHere`, for so many milliseconds at most: memory that was let go of is coming back. */
  await(isHere: () => boolean, milliseconds: number): void;
  /** So much was written here, or came, that it is time to see what is garbage. */
  filled(): void;
  /**
   * Has room made in the store for so many bytes, and waits for it; answers for how many there is, in
   * the place of what was left of the room before.
   * Throws an ObjectStoreFullError or an OutOfDiskError where none can be made.
   */
  room(bytes: number): number;
}

/** From this many bytes on it pays to look among what has arrived for memory to be used again. */
const PUMPED_FROM = 2 ** 20;

/** Bytes that are written, or come, until it is time to see what of them is garbage, … */
const FILLED_FROM = 64 * 2 ** 20;
/** … or this share of what is not, where that is more. */
const FILLED_SHARE = 1 / 2;

/** How many of the buffers that came last are known for such. */
const RECENT = 8;

/** Memory of the store. */
export type OwnPart = { readonly [K in keyof SharedPart]-?: NonNullable<SharedPart[K]> };

/** Bytes of fresh memory that are written in a millisecond, at most: to wait no longer than that takes. */
const FRESH_SPEED = 2 * 2 ** 20;

/** What this thread knows of a buffer that shows here. */
interface Showing {
  readonly wrapper: WeakRef<SharedArrayBuffer>;
  readonly received: number;
  readonly bytes: number;
  /** The value that was made here of it was let go of: only views keep it. */
  released: boolean;
}

/**
 * The shared memory of one thread. Each buffer that may show in user code here has exactly one
 * SharedArrayBuffer object, which every view of it keeps alive: when that is collected, nobody here
 * sees the bytes any more, and the raylet is told so.
 */
export class Memory {
  private readonly nextId: () => BufferId;
  private readonly showing = new Map<BufferId, Showing>();
  private readonly ids = new WeakMap<SharedArrayBuffer, BufferId>();
  /** Buffers made here that nobody has any more, by their size. */
  private readonly idle = new Map<number, OwnPart[]>();
  /**
   * Bytes of buffers that were made here and have not come back, and of others that show here; and
   * how few they were since the last look.
   */
  private inUse = 0;
  private leastInUse = 0;
  /** Bytes that were added since the last look. */
  private added = 0;
  /** The last buffers that came here from elsewhere. */
  private readonly recent: BufferId[] = [];
  /** Bytes of buffers made here that were let go of, and that nobody else had as far as known. */
  private expected = 0;
  /** Bytes for which there is room in the store. */
  private credit = 0;
  private reporter: MemoryReporter | undefined;

  constructor(private readonly home: ClientId) {
    this.nextId = bufferIds(home);
  }

  connect(reporter: MemoryReporter): void {
    this.reporter = reporter;
  }

  /**
   * Memory for a copy that this thread makes of a value and does not show.
   *
   * @throws ObjectStoreFullError, OutOfDiskError where no room can be made for it
   */
  take(bytes: number): OwnPart {
    this.claim(bytes);
    this.count(bytes);
    return this.reuse(bytes) ?? this.make(bytes);
  }

  /** What it was taken for is not sent. */
  undo(part: OwnPart): void {
    this.credit += part.memory.byteLength;
    this.giveBack(part);
  }

  /** Memory that is there to be used again: nobody has it any more. */
  giveBack(part: OwnPart): void {
    const { byteLength } = part.memory;
    this.uncount(byteLength);
    this.expected = Math.max(0, this.expected - byteLength);
    const parts = this.idle.get(byteLength);
    if (parts) parts.push(part);
    else this.idle.set(byteLength, [part]);
  }

  /** Memory for user code, all zeros; a value that shows it needs no copy. */
  allocate(bytes: number): SharedArrayBuffer {
    this.claim(bytes);
    this.count(bytes);
    const used = this.reuse(bytes);
    if (used) Buffer.from(used.memory).fill(0);
    const { id, memory } = used ?? this.make(bytes);
    this.show(id, memory, 1);
    this.reporter?.allocated(id, memory);
    return memory;
  }

  /** A value that this thread has made is let go of: what lies beside it will come back, if nobody else has it. */
  released(payload: Payload): void {
    for (const { id, memory } of sharedIn(payload)) {
      if (id === undefined || memory === undefined || !this.isOwn(id)) continue;
      const showing = this.showing.get(id);
      if (showing) showing.released = true;
      else this.expected += memory.byteLength;
    }
  }

  /** The id of memory of the store that shows here; a user's own has none. */
  idOf(memory: SharedArrayBuffer): BufferId | undefined {
    return this.ids.get(memory);
  }

  /** Takes in the memory that comes with messages. */
  readonly takeIn = (messages: readonly ToWorker[]): void => {
    for (const message of messages) payloadsIn(message, this.takeFrom);
  };

  private readonly takeFrom = (payload: Payload): void => {
    if (isEncoded(payload)) payload.shared?.forEach(this.arrived);
  };

  /** Counts it, and puts what the thread has of it already in its place. */
  private readonly arrived = (part: SharedPart): void => {
    const { id, memory } = part;
    if (id === undefined || memory === undefined) return;
    const known = this.showing.get(id);
    part.memory = known?.wrapper.deref() ?? memory;
    if (known === undefined && !this.isOwn(id)) this.came(id, memory.byteLength);
    this.show(id, part.memory, (known?.received ?? 0) + 1);
  };

  /** A value is about to be shown: of the memory of one made here nobody was told so far. */
  expose(payload: Payload): void {
    visibleIn(payload).forEach(this.exposePart);
  }

  /**
   * A value that has come is let go of. What it shows is told to be gone when nothing shows it any
   * more; what was never shown at once.
   *
   * @param wasRead all of it may show, except its own bytes
   */
  discard(payload: Payload, wasRead: boolean): void {
    const visible = wasRead ? visibleIn(payload).length : 0;
    for (const part of sharedIn(payload).slice(visible)) this.forgo(part);
  }

  /** What has come once does not show because of that. */
  forgo({ id, memory }: SharedPart): void {
    const known = id === undefined || memory === undefined ? undefined : this.showing.get(id);
    if (id === undefined || known === undefined) return;
    const received = known.received - 1;
    if (received > 0) this.showing.set(id, { ...known, received });
    else {
      this.showing.delete(id);
      if (!this.isOwn(id)) this.uncount(known.bytes);
    }
    this.reporter?.gone(id, 1);
  }

  private readonly exposePart = (part: SharedPart): void => {
    const { id, memory } = part;
    if (id === undefined || memory === undefined || this.ids.has(memory)) return;
    // It may have come back from elsewhere: that is let go of by itself.
    const known = this.showing.get(id);
    part.memory = known?.wrapper.deref() ?? memory;
    this.show(id, part.memory, (known?.received ?? 0) + 1);
    this.reporter?.shown(id);
  };

  /** Lets go of these where they are not in use again; answers which. */
  evict(ids: readonly BufferId[]): readonly BufferId[] {
    return ids.filter((id) => {
      for (const [bytes, parts] of this.idle) {
        const at = parts.findIndex((part) => part.id === id);
        if (at < 0) continue;
        parts.splice(at, 1);
        if (parts.length === 0) this.idle.delete(bytes);
        return true;
      }
      return false;
    });
  }

  /** Tells at once of what was collected: the engine may be late to, and does not while the thread is blocked. */
  reportCollected(): void {
    for (const [id, { wrapper }] of this.showing) {
      if (wrapper.deref() === undefined) this.wasCollected(id, wrapper);
    }
  }

  private isOwn(id: BufferId): boolean {
    return homeOf(id) === this.home;
  }

  /** Sees that there is room in the store. */
  private claim(bytes: number): void {
    if (!this.reporter) return;
    if (bytes > this.credit) {
      this.credit = 0;
      this.credit = this.reporter.room(bytes);
    }
    this.credit -= bytes;
  }

  /** What comes again and again is kept elsewhere: to collect its views here would gain nothing. */
  private came(id: BufferId, bytes: number): void {
    const again = this.recent.includes(id);
    if (!again) this.recent.push(id);
    if (this.recent.length > RECENT) this.recent.shift();
    this.count(bytes, again ? 0 : bytes);
  }

  /** @param added those of them that are a reason to look at what is garbage */
  private count(bytes: number, added = bytes): void {
    this.inUse += bytes;
    this.added += added;
    if (this.added < Math.max(FILLED_FROM, FILLED_SHARE * this.leastInUse)) return;
    this.added = 0;
    this.leastInUse = this.inUse;
    this.reporter?.filled();
  }

  private uncount(bytes: number): void {
    this.inUse -= bytes;
    this.leastInUse = Math.min(this.leastInUse, this.inUse);
  }

  private make(bytes: number): OwnPart {
    return { id: this.nextId(), memory: new SharedArrayBuffer(bytes) };
  }

  private reuse(bytes: number): OwnPart | undefined {
    if (bytes >= PUMPED_FROM) this.lookForMore(bytes);
    const parts = this.idle.get(bytes);
    const part = parts?.pop();
    if (parts?.length === 0) this.idle.delete(bytes);
    return part;
  }

  /** Fresh memory is slow to write, so it is worth some waiting for memory that was written before. */
  private lookForMore(bytes: number): void {
    this.reporter?.pump();
    const isHere = (): boolean => this.idle.has(bytes);
    if (isHere() || this.expected < bytes) return;
    this.reporter?.await(isHere, bytes / FRESH_SPEED);
    // It is held elsewhere, or is of another size.
    if (!isHere()) this.expected = 0;
  }

  private show(id: BufferId, memory: SharedArrayBuffer, received: number): void {
    const known = this.showing.get(id);
    if (known?.wrapper.deref() === memory) {
      this.showing.set(id, { ...known, received });
      return;
    }
    const wrapper = new WeakRef(memory);
    this.showing.set(id, { wrapper, received, bytes: memory.byteLength, released: false });
    this.ids.set(memory, id);
    whenCollected(memory, () => this.wasCollected(id, wrapper));
  }

  private wasCollected(id: BufferId, wrapper: WeakRef<SharedArrayBuffer>): void {
    const now = this.showing.get(id);
    // It has come again meanwhile, and what came then counts for both.
    if (now?.wrapper !== wrapper) return;
    this.showing.delete(id);
    if (!this.isOwn(id)) this.uncount(now.bytes);
    else if (now.released) this.expected += now.bytes;
    this.reporter?.gone(id, now.received);
  }
}

/** The memory that views of the value may show: all but that of its bytes. */
function visibleIn(payload: Payload): readonly SharedPart[] {
  const shared = sharedIn(payload);
  return bodyOf(payload) === undefined ? shared : shared.slice(0, -1);
}
