import { homeOf, type BufferId } from '../../base/ids';
import { sharedIn, type Payload, type SharedPart } from '../../protocol/payload';
import type { Agenda } from './agenda';
import type { Clients } from './clients';
import type { Journal } from './journal';
import type { ClientRecord } from './records';

/** Share of the store that may lie idle, to be used again. */
const IDLE_SHARE = 1 / 4;
/** Milliseconds that a buffer lies idle at most. */
const LINGER = 5_000;
/** Share of the store by which what is in use may grow until clients are asked to collect, … */
const GROWTH_SHARE = 1 / 4;
/** … in bytes at most: a collection of a small heap costs less than to write so much. */
const MOST_GROWTH = 64 * 2 ** 20;
/** Milliseconds from asking to asking again, at least. */
const ASK_AGAIN = 100;
/** Milliseconds without a change in what is in use after which they are asked, too: twice as long each time. */
const QUIET = 1000;

/** Memory of the object store: one SharedArrayBuffer, for one value at a time. */
export interface BufferRecord {
  readonly id: BufferId;
  readonly memory: SharedArrayBuffer;
  /** Bytes. */
  readonly size: number;
  /** Whoever made it, and gets it back when nobody has it any more. */
  readonly home: ClientRecord | undefined;
  /** Payloads that are kept here and have it beside them, each as often as it does. */
  holds: number;
  /** Threads that it was sent to and that have not said that it is gone there, with how often. */
  readonly seen: Map<ClientRecord, number>;
  /** In use; at its home, to be used again; or told to be let go of there. */
  state: 'used' | 'idle' | 'leaving';
  /** Since when it is idle. */
  idleSince: number;
}

/**
 * The buffers of the store: who holds each, and who may still see its bytes. One that nobody has goes
 * back to its home, which uses it for the next value of that size; or it is let go.
 */
export class Buffers {
  private readonly all = new Map<BufferId, BufferRecord>();
  /** Those that lie at home, the longest first. */
  private readonly idle = new Set<BufferRecord>();
  /** Those that perhaps nobody has any more. */
  private doubtful: BufferRecord[] = [];
  private usedBytes = 0;
  private idleBytes = 0;
  /** Bytes in use that clients were asked about last. */
  private askedAt = 0;
  private askAgainAt = -Infinity;
  private nextLook = -Infinity;
  /** What was in use at the last look, since when, and how long that is to stay so until clients are asked. */
  private lastUsed = 0;
  private quietSince = 0;
  private patience = QUIET;
  private readonly growth: number;

  /** @param capacity bytes of the store */
  constructor(
    private readonly journal: Journal,
    private readonly agenda: Agenda,
    private readonly clients: Clients,
    private readonly capacity: number,
  ) {
    this.growth = Math.min(GROWTH_SHARE * capacity, MOST_GROWTH);
  }

  /** A payload is kept: what lies beside it stays what it is. */
  hold(payload: Payload): void {
    for (const part of sharedIn(payload)) {
      const record = this.learn(part);
      if (record !== undefined) record.holds += 1;
    }
  }

  /** A payload that was kept is not any more. */
  letGo(payload: Payload): void {
    for (const { id } of sharedIn(payload)) {
      const record = id === undefined ? undefined : this.all.get(id);
      if (record === undefined) continue;
      record.holds -= 1;
      this.doubt(record);
    }
  }

  /** A payload goes to the client. */
  sent(to: ClientRecord, payload: Payload): void {
    if (!to.alive) return;
    // Where all are on one thread, the driver has what there is on it.
    const holder = to.counts ? to : this.clients.driver;
    for (const { id } of sharedIn(payload)) {
      const record = id === undefined ? undefined : this.all.get(id);
      if (record !== undefined) see(record, holder);
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
    for (const record of this.all.values()) {
      if (record.seen.delete(from)) this.doubt(record);
      if (record.home !== from || record.state === 'used') continue;
      if (record.state === 'idle') this.wake(record);
      this.forget(record);
    }
  }

  /** To be called at the end of each event: draws the consequences. */
  settle(): void {
    if (this.all.size === 0) return;
    const doubtful = this.doubtful;
    this.doubtful = [];
    for (const record of doubtful) if (isUnheld(record)) this.rest(record);
    this.evict();
    this.askIfFull();
  }

  /** Every buffer, for `validate` and for listings. */
  values(): Iterable<BufferRecord> {
    return this.all.values();
  }

  get(id: BufferId): BufferRecord | undefined {
    return this.all.get(id);
  }

  /** Bytes of buffers in use, and of those that lie idle. */
  get usage(): { readonly used: number; readonly idle: number } {
    return { used: this.usedBytes, idle: this.idleBytes };
  }

  /** The record of memory that came; each thread has one object of it, this one too. */
  private learn(part: SharedPart): BufferRecord | undefined {
    const { id, memory } = part;
    if (id === undefined) return undefined;
    let record = this.all.get(id);
    if (record === undefined) {
      record = this.create(id, memory);
      this.usedBytes += record.size;
    } else if (record.state !== 'used') {
      if (record.state === 'idle') this.wake(record);
      record.state = 'used';
      this.usedBytes += record.size;
    }
    part.memory = record.memory;
    return record;
  }

  private create(id: BufferId, memory: SharedArrayBuffer): BufferRecord {
    const home = this.clients.get(homeOf(id));
    const record: BufferRecord = {
      ...{ id, memory, size: memory.byteLength, home, holds: 0, seen: new Map() },
      ...{ state: 'used', idleSince: 0 },
    };
    this.all.set(id, record);
    return record;
  }

  private doubt(record: BufferRecord): void {
    if (isUnheld(record)) this.doubtful.push(record);
  }

  /** Nobody has it: it goes home, or is let go where there is none. */
  private rest(record: BufferRecord): void {
    const { id, memory, size, home } = record;
    this.usedBytes -= size;
    this.askedAt = Math.min(this.askedAt, this.usedBytes);
    if (home?.alive !== true) return this.forget(record);
    record.state = 'idle';
    record.idleSince = this.journal.at;
    this.idle.add(record);
    this.idleBytes += size;
    this.clients.post(home, { type: 'recycle', id, memory });
  }

  /** It lies idle no longer. */
  private wake(record: BufferRecord): void {
    this.idle.delete(record);
    this.idleBytes -= record.size;
  }

  /** Has those let go of that lie idle for long, or are too many. */
  private evict(): void {
    const { at } = this.journal;
    const most = IDLE_SHARE * this.capacity;
    for (const record of this.idle) {
      const due = record.idleSince + LINGER;
      if (this.idleBytes <= most && due > at) {
        this.lookAgain(due);
        return;
      }
      this.wake(record);
      record.state = 'leaving';
      if (record.home) this.clients.post(record.home, { type: 'evict', ids: [record.id] });
    }
  }

  /** Has an event come at that time, if none comes before. */
  private lookAgain(due: number): void {
    const { at } = this.journal;
    if (this.nextLook > at && this.nextLook <= due) return;
    this.nextLook = due;
    this.agenda.at(due, () => {});
  }

  /** The last that this thread had of it is garbage now. */
  private forget({ id, size }: BufferRecord): void {
    this.all.delete(id);
    this.journal.emit({ type: 'dropped', bytes: size });
  }

  /**
   * Refs that nobody can reach, and views, keep buffers until the engine of their thread collects
   * them, for which these give it no reason.
   */
  private askIfFull(): void {
    const { at } = this.journal;
    if (this.usedBytes !== this.lastUsed) {
      this.lastUsed = this.usedBytes;
      this.quietSince = at;
      this.patience = QUIET;
    }
    if (this.usedBytes <= this.growth) return;
    const due = this.quietSince + this.patience;
    if (at >= due) this.patience *= 2;
    else if (this.usedBytes - this.askedAt <= this.growth) return this.lookAgain(due);
    if (at < this.askAgainAt) return this.lookAgain(this.askAgainAt);
    this.lookAgain(this.quietSince + this.patience);
    this.askedAt = this.usedBytes;
    this.askAgainAt = at + ASK_AGAIN;
    const asked = new Set<ClientRecord>([this.clients.driver]);
    for (const { home, seen, state } of this.all.values()) {
      if (state !== 'used') continue;
      if (home !== undefined) asked.add(home);
      for (const client of seen.keys()) asked.add(client);
    }
    for (const client of asked) this.clients.post(client, { type: 'collect', memory: true });
  }
}

const isUnheld = ({ state, holds, seen }: BufferRecord): boolean =>
  state === 'used' && holds === 0 && seen.size === 0;

function see(record: BufferRecord, client: ClientRecord): void {
  record.seen.set(client, (record.seen.get(client) ?? 0) + 1);
}
