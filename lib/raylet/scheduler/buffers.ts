import { homeOf, type BufferId } from '../../base/ids';
import { isEncoded, sharedIn, type Payload, type SharedPart } from '../../protocol/payload';
import type { Agenda } from './agenda';
import { isInMemory, isUnheld, newBufferRecord, type BufferRecord } from './buffer-record';
import type { Clients } from './clients';
import { Collections } from './collections';
import { IdleMemory } from './idle-memory';
import type { Journal } from './journal';
import type { ClientRecord } from './records';

/**
 * The buffers of the store: who holds each, and who may still see its bytes. One that nobody has goes
 * back to its home, which uses it for the next value of that size; or it is let go.
 */
export class Buffers {
  private readonly all = new Map<BufferId, BufferRecord>();
  /** Those that perhaps nobody has any more. */
  private doubtful: BufferRecord[] = [];
  private usedBytes = 0;
  private readonly idle: IdleMemory;
  private readonly collections: Collections;
  /** Bytes for which clients may make buffers that have not come. */
  private readonly promised = new Map<ClientRecord, number>();
  private lastFreed = 0;
  /** How many have no memory. */
  private away = 0;
  /** Counts memory that went home without its bytes. */
  private renamed = 0;

  /** @param capacity bytes of the store */
  constructor(
    private readonly journal: Journal,
    agenda: Agenda,
    private readonly clients: Clients,
    private readonly capacity: number,
  ) {
    this.idle = new IdleMemory(journal, agenda, clients, capacity);
    this.collections = new Collections(journal, agenda, clients, capacity);
  }

  /** A payload is kept: what lies beside it stays what it is, but may go to disk. */
  hold(payload: Payload): void {
    const shared = isEncoded(payload) ? (payload.shared as SharedPart[] | undefined) : undefined;
    shared?.forEach((part, at) => {
      const record = this.learn(part);
      if (record === undefined) return;
      shared[at] = record.part;
      record.holds += 1;
    });
  }

  /** A payload that was kept is not any more. */
  letGo(payload: Payload): void {
    for (const record of this.beside(payload)) {
      record.holds -= 1;
      this.doubt(record);
    }
  }

  /** A payload that is kept is to keep its memory here. */
  pin(payload: Payload): void {
    for (const record of this.beside(payload)) record.pins += 1;
  }

  unpin(payload: Payload): void {
    for (const record of this.beside(payload)) record.pins -= 1;
  }

  /** The buffers beside a payload, each as often as it has them. */
  beside(payload: Payload): readonly BufferRecord[] {
    const parts = sharedIn(payload);
    if (parts.length === 0) return NONE;
    return parts.flatMap(({ id }) => (id && this.all.get(id)) || []);
  }

  /** A payload goes to the client. */
  sent(to: ClientRecord, payload: Payload): void {
    if (!to.alive) return;
    // Where all are on one thread, the driver has what there is on it.
    const holder = to.counts ? to : this.clients.driver;
    for (const record of this.beside(payload)) {
      if (record.part.memory === undefined) continue;
      see(record, holder);
      stay(record);
      this.touch(record);
    }
  }

  /** The client has made memory for user code. */
  allocated(part: SharedPart, by: ClientRecord): void {
    const record = this.learn(part);
    if (record === undefined) return;
    see(record, by);
    this.doubt(record);
  }

  /** What the client has made for values shows on its thread. */
  shown(ids: readonly BufferId[], by: ClientRecord): void {
    for (const id of ids) {
      const record = this.all.get(id);
      if (record !== undefined) see(record, by);
    }
  }

  /** Nothing on the client's thread shows them any more, of so many sendings. */
  gone(buffers: readonly (readonly [BufferId, number])[], from: ClientRecord): void {
    for (const [id, received] of buffers) {
      const record = this.all.get(id);
      if (record === undefined) continue;
      const left = (record.seen.get(from) ?? 0) - received;
      if (left > 0) record.seen.set(from, left);
      else record.seen.delete(from);
      this.doubt(record);
    }
  }

  /** The client has let go of them, as it was told to. */
  evicted(ids: readonly BufferId[]): void {
    for (const id of ids) {
      const record = this.all.get(id);
      if (record?.state === 'leaving') this.forget(record);
    }
  }

  /** The client's thread has ended. */
  releaseAll(from: ClientRecord): void {
    this.promised.delete(from);
    this.collections.collected(from);
    for (const record of this.all.values()) {
      if (record.seen.delete(from)) this.doubt(record);
      record.asked?.delete(from);
      if (record.home !== from || record.state === 'used') continue;
      this.idle.wake(record);
      this.forget(record);
    }
  }

  /** To be called at the end of each event: draws the consequences. */
  settle(): void {
    if (this.all.size === 0 && this.idle.bytes === 0) return;
    const doubtful = this.doubtful;
    this.doubtful = [];
    for (const record of doubtful) if (isUnheld(record)) this.rest(record);
    this.idle.evict();
    this.collections.look(this.usedBytes, () => this.all.values());
  }

  /** Whether some were perhaps let go of since. */
  get areInDoubt(): boolean {
    return this.doubtful.length > 0;
  }

  /** Has clients asked to look for garbage as soon as may be. */
  wantCollection(): void {
    this.collections.want();
  }

  /** The client has collected its garbage. */
  collected(from: ClientRecord): void {
    this.collections.collected(from);
  }

  /** Whether all who may keep some for nobody have collected their garbage, as they were asked to since then. */
  wereCollectedSince(time: number): boolean {
    return this.collections.areCompleteSince(time);
  }

  /** Every buffer, the one that was used longest ago first. */
  values(): Iterable<BufferRecord> {
    return this.all.values();
  }

  get(id: BufferId): BufferRecord | undefined {
    return this.all.get(id);
  }

  /** Bytes of memory in use, of what lies idle, and of what of that has no home. */
  get usage(): { readonly used: number; readonly idle: number; readonly spare: number } {
    return { used: this.usedBytes, idle: this.idle.bytes, spare: this.idle.spareBytes };
  }

  /** Whether the bytes of some are not here. */
  get someAway(): boolean {
    return this.away > 0;
  }

  /** Bytes of the store. */
  get size(): number {
    return this.capacity;
  }

  /** Bytes that nothing is in, and that nobody was promised. */
  get room(): number {
    let promised = 0;
    for (const bytes of this.promised.values()) promised += bytes;
    return this.capacity - this.usedBytes - promised;
  }

  /** When bytes in use last became fewer. */
  get freedAt(): number {
    return this.lastFreed;
  }

  /** The client may make buffers of so many bytes, whatever it was promised before. */
  promise(to: ClientRecord, bytes: number): void {
    this.promised.set(to, bytes);
  }

  /** The client has stored the payload, and keeps what it has made for it. */
  keptBy(from: ClientRecord, payload: Payload): void {
    for (const record of this.beside(payload)) record.isKeptAtHome ||= record.home === from;
  }

  /** Buffers of so many bytes have come from the client, or will not. */
  unpromise(from: ClientRecord, bytes: number): void {
    const promised = this.promised.get(from);
    if (promised !== undefined) this.promised.set(from, Math.max(0, promised - bytes));
  }

  /** Its bytes are on disk: the memory goes home, under another name, or is let go of. */
  leave(record: BufferRecord): void {
    const { part, home, size } = record;
    const { memory } = part;
    record.place = 'disk';
    this.away += 1;
    record.home = undefined;
    record.isKeptAtHome = false;
    part.memory = undefined;
    this.shrink(size);
    if (memory === undefined) throw this.journal.bug('a buffer left memory twice', record.id);
    if (home?.alive !== true) return this.idle.keep(memory);
    this.renamed += 1;
    const free = newBufferRecord(`${home.id}/free-${this.renamed}`, memory, home);
    this.all.set(free.id, free);
    this.idle.goHome(free, home);
  }

  /** Its bytes are to come back: answers memory for them, if there is some to be used again. */
  reserve(record: BufferRecord): SharedArrayBuffer | undefined {
    record.place = 'reading';
    this.usedBytes += record.size;
    return this.idle.take(record.size);
  }

  /** Its bytes are back. */
  fill(record: BufferRecord, memory: SharedArrayBuffer): void {
    record.place = 'memory';
    this.away -= 1;
    record.part.memory = memory;
    record.unloaded = true;
    this.touch(record);
  }

  /** Its bytes do not come back. */
  lose(record: BufferRecord, problem: string): void {
    record.place = 'lost';
    this.shrink(record.size);
    record.problem = problem;
  }

  /** One load of it has ended. */
  loaded(record: BufferRecord): void {
    record.loads -= 1;
    this.doubt(record);
  }

  /** It was used last. */
  private touch(record: BufferRecord): void {
    this.all.delete(record.id);
    this.all.set(record.id, record);
  }

  private shrink(bytes: number): void {
    this.usedBytes -= bytes;
    this.lastFreed = this.journal.at;
  }

  /** The record of memory that came; each thread has one object of it, this one too. */
  private learn(part: SharedPart): BufferRecord | undefined {
    const { id, memory } = part;
    if (id === undefined) return undefined;
    let record = this.all.get(id);
    if (record === undefined) {
      if (memory === undefined) throw this.journal.bug('a buffer came without memory', id);
      record = newBufferRecord(id, memory, this.clients.get(homeOf(id)));
      this.all.set(id, record);
      this.begin(record);
    } else if (record.state !== 'used') {
      this.idle.wake(record);
      record.state = 'used';
      this.touch(record);
      this.begin(record);
    }
    stay(record);
    return record;
  }

  /** It is in use from now on; its home was promised room for it. */
  private begin({ home, size }: BufferRecord): void {
    this.usedBytes += size;
    if (home !== undefined) this.unpromise(home, size);
  }

  private doubt(record: BufferRecord): void {
    if (isUnheld(record)) this.doubtful.push(record);
  }

  /** Nobody has it: it goes home, or is let go where there is none. */
  private rest(record: BufferRecord): void {
    const { size, home, file } = record;
    const inMemory = isInMemory(record);
    if (inMemory) this.shrink(size);
    if (file !== undefined) this.journal.emit({ type: 'unlink', file });
    record.file = undefined;
    record.asked = undefined;
    record.isKeptAtHome = false;
    if (record.place === 'unloading' || record.place === 'writing') record.place = 'memory';
    if (!inMemory) return this.forget(record);
    if (home?.alive === true) return this.idle.goHome(record, home);
    const { memory } = record.part;
    if (memory === undefined || !this.someAway) return this.forget(record);
    this.all.delete(record.id);
    this.idle.keep(memory);
  }

  /** The last that this thread had of it is garbage now. */
  private forget({ id, size, part }: BufferRecord): void {
    this.all.delete(id);
    if (part.memory === undefined) this.away -= 1;
    if (part.memory !== undefined) this.journal.emit({ type: 'dropped', bytes: size });
  }
}

const NONE: readonly BufferRecord[] = [];

/** Somebody keeps it anew: what was asked of others before is not enough any more. */
function stay(record: BufferRecord): void {
  record.unloaded = false;
  record.asked = undefined;
  if (record.place === 'unloading') record.place = 'memory';
}

function see(record: BufferRecord, client: ClientRecord): void {
  record.seen.set(client, (record.seen.get(client) ?? 0) + 1);
}
