import type { BufferId } from '../../base/ids';
import type { NoRoom } from '../../protocol/payload';
import type { Agenda } from './agenda';
import { mayLeave, type BufferRecord } from './buffer-record';
import type { Buffers } from './buffers';
import type { Clients } from './clients';
import type { Journal } from './journal';
import type { ClientRecord } from './records';

/** Share of the store that is made free beyond what is wanted: more will be, soon. */
const AHEAD_SHARE = 1 / 8;
/** Share of the store for which all clients together may make buffers before they ask, and the most for one, in bytes. */
const CREDIT_SHARE = 1 / 32;
const MOST_CREDIT = 64 * 2 ** 20;
/**
 * Milliseconds without any bytes getting free after which there is no room, if all threads have collected
 * their garbage meanwhile; and in any case.
 */
const PATIENCE = 2_000;
const MOST_PATIENCE = 10_000;
/** Milliseconds that a client has to let go of buffers before others are looked for. */
const ANSWERED_AFTER = 100;
/** Milliseconds between looks for buffers, where the last found none; and for which a disk counts as full. */
const LOOK_AGAIN = 20;
const FULL_FOR = 1_000;

/** Somebody who waits for room. */
interface Request {
  readonly bytes: number;
  readonly since: number;
  readonly grant: () => void;
  readonly refuse: (failure: NoRoom) => void;
}

/**
 * Room in the object store: when it is full, the values that were not used for longest go to disk.
 * First the clients let go of them, so that nobody has the memory any more; then the bytes are written;
 * then the memory is used again. What somebody shows at the moment stays.
 */
export class Spilling {
  private readonly requests: Request[] = [];
  /** Buffers on their way to disk. */
  private readonly leaving = new Set<BufferRecord>();
  private readonly writing = new Map<number, BufferRecord>();
  private files = 0;
  private problem: { readonly reason: string; readonly at: number } | undefined;
  private foundNoneAt = -Infinity;

  constructor(
    private readonly journal: Journal,
    private readonly agenda: Agenda,
    private readonly clients: Clients,
    private readonly buffers: Buffers,
  ) {}

  /** Has room made for so many bytes: `grant` takes them, `refuse` is told why there is none. */
  want(bytes: number, grant: () => void, refuse: (failure: NoRoom) => void): void {
    this.requests.push({ bytes, since: this.journal.at, grant, refuse });
  }

  /** A client is to make buffers of so many bytes, and perhaps more. */
  wantFor(client: ClientRecord, bytes: number, token: number): void {
    const share = (CREDIT_SHARE * this.buffers.size) / this.clients.count;
    const credit = bytes + Math.floor(Math.min(share, MOST_CREDIT));
    // What it took before, and did not send, is nothing it still needs.
    this.buffers.promise(client, 0);
    const answer = (given: { credit: number } | { refusal: NoRoom }): void =>
      this.clients.post(client, { type: 'answer', token, answer: { type: 'room', ...given } });
    this.want(
      bytes,
      () => {
        if (!client.alive) return;
        this.buffers.promise(client, credit);
        answer({ credit });
      },
      (refusal) => answer({ refusal }),
    );
  }

  /** The client has let go of these, as it was asked to. */
  unloaded(ids: readonly BufferId[], from: ClientRecord): void {
    for (const id of ids) this.buffers.get(id)?.asked?.delete(from);
  }

  /** The bytes are on disk, or cannot be written. */
  spilled(file: number, problem: string | undefined): void {
    const record = this.writing.get(file);
    this.writing.delete(file);
    // Nobody wanted the value any more, and the file is to go already.
    if (record?.file !== file) return;
    record.place = 'memory';
    if (problem !== undefined) {
      record.file = undefined;
      this.problem = { reason: problem, at: this.journal.at };
      this.journal.emit({ type: 'unlink', file });
    } else if (isFree(record)) this.buffers.leave(record);
  }

  /** To be called at the end of each event: gives what room there is, and makes more. */
  settle(): void {
    for (let first = this.requests[0]; first !== undefined; first = this.requests[0]) {
      this.proceed();
      const refusal = first.bytes <= this.buffers.room ? undefined : this.makeRoom(first);
      if (refusal === 'later') return;
      this.requests.shift();
      if (refusal === undefined) first.grant();
      else first.refuse(refusal);
    }
    this.proceed();
  }

  /** Goes on with those that clients have let go of. */
  private proceed(): void {
    for (const record of this.leaving) {
      if (record.place === 'unloading' && record.asked?.size === 0) {
        record.asked = undefined;
        record.unloaded = true;
        record.isKeptAtHome = false;
        record.place = 'memory';
        if (isFree(record)) this.write(record);
      }
      if (record.place !== 'unloading' && record.place !== 'writing') this.leaving.delete(record);
    }
  }

  /** Why there is no room, or that there may be some later. */
  private makeRoom({ bytes, since }: Request): NoRoom | 'later' {
    const { size: capacity, room, freedAt } = this.buffers;
    const { at } = this.journal;
    const full = { kind: 'system', code: 'OBJECT_STORE_FULL', size: bytes, capacity } as const;
    if (bytes > capacity) return full;
    const wanted = bytes - room + AHEAD_SHARE * capacity;
    let [expected, hanging] = [0, 0];
    for (const { place, askedAt, size } of this.leaving) {
      if (place === 'writing' || at - askedAt < ANSWERED_AFTER) expected += size;
      else hanging += size;
    }
    if (expected < wanted && at - this.foundNoneAt >= LOOK_AGAIN) {
      const found = this.send(wanted - expected);
      if (found === 0) this.foundNoneAt = at;
      if (bytes <= this.buffers.room) return this.settleLater();
      expected += found;
    }
    if (expected > 0) {
      if (this.writing.size === 0) this.agenda.lookAt(at + ANSWERED_AFTER);
      return 'later';
    }
    if (this.isDiskFull && this.problem) {
      return { kind: 'system', code: 'OUT_OF_DISK', reason: this.problem.reason };
    }
    const from = Math.max(since, freedAt);
    const due = from + (this.buffers.wereCollectedSince(from) ? PATIENCE : MOST_PATIENCE);
    if (at >= due) return full;
    // Views that are garbage, perhaps, keep what there is.
    this.buffers.wantCollection();
    this.agenda.lookAt(Math.min(due, at + (hanging > 0 ? ANSWERED_AFTER : LOOK_AGAIN)));
    return 'later';
  }

  private settleLater(): 'later' {
    this.agenda.lookAt(this.journal.at);
    return 'later';
  }

  private get isDiskFull(): boolean {
    return this.problem !== undefined && this.journal.at - this.problem.at < FULL_FOR;
  }

  /** Sends buffers on their way, the least lately used first; answers how many bytes of them. */
  private send(wanted: number): number {
    const asks = new Map<ClientRecord, BufferId[]>();
    let found = 0;
    for (const record of this.buffers.values()) {
      if (found >= wanted) break;
      if (record.place !== 'memory' || !mayLeave(record)) continue;
      if (this.isDiskFull && record.file === undefined) continue;
      if (record.unloaded) {
        if (record.seen.size > 0) continue;
        this.write(record);
      } else this.askFor(record, asks);
      found += record.size;
    }
    for (const [client, ids] of asks) this.clients.post(client, { type: 'unload', ids });
    return found;
  }

  private askFor(record: BufferRecord, asks: Map<ClientRecord, BufferId[]>): void {
    const { home, seen, id, isKeptAtHome } = record;
    record.place = 'unloading';
    record.asked = new Set(seen.keys());
    if (home?.alive && isKeptAtHome) record.asked.add(home);
    record.askedAt = this.journal.at;
    this.leaving.add(record);
    for (const client of record.asked) {
      const ids = asks.get(client);
      if (ids) ids.push(id);
      else asks.set(client, [id]);
    }
  }

  private write(record: BufferRecord): void {
    // It came from disk, and a value never changes.
    if (record.file !== undefined) return this.buffers.leave(record);
    const { memory } = record.part;
    if (memory === undefined)
      throw this.journal.bug('a buffer on disk is to be written', record.id);
    this.files += 1;
    record.file = this.files;
    record.place = 'writing';
    this.leaving.add(record);
    this.writing.set(record.file, record);
    this.journal.emit({ type: 'spill', file: record.file, memory });
  }
}

/** Whether nobody has the memory any more, and nobody needs it now. */
const isFree = (record: BufferRecord): boolean =>
  record.unloaded && record.seen.size === 0 && mayLeave(record);
