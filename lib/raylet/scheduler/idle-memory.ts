import type { Agenda } from './agenda';
import type { BufferRecord } from './buffer-record';
import type { Clients } from './clients';
import type { Journal } from './journal';
import type { ClientRecord } from './records';

/** Share of the store that may lie idle, to be used again. */
const IDLE_SHARE = 1 / 4;
/** Milliseconds that memory lies idle at most. */
const LINGER = 5_000;

/** Memory that was made here, to bring values back from disk. */
interface Spare {
  readonly memory: SharedArrayBuffer;
  readonly since: number;
}

/**
 * Memory that nobody has any more, to be used again for the next value of that size: at the client
 * that made it, which is told so, or here. Used memory is many times faster to write than fresh memory.
 */
export class IdleMemory {
  /** Those that lie at home, the longest first. */
  private readonly atHome = new Set<BufferRecord>();
  /** Of this thread, the longest first. */
  private spare: Spare[] = [];
  private total = 0;

  /** @param capacity bytes of the store */
  constructor(
    private readonly journal: Journal,
    private readonly agenda: Agenda,
    private readonly clients: Clients,
    private readonly capacity: number,
  ) {}

  /** Bytes of it. */
  get bytes(): number {
    return this.total;
  }

  /** Bytes of what has no home. */
  get spareBytes(): number {
    return this.spare.reduce((sum, { memory }) => sum + memory.byteLength, 0);
  }

  /** The buffer goes home. */
  goHome(record: BufferRecord, home: ClientRecord): void {
    const { id, part, size } = record;
    if (part.memory === undefined) throw this.journal.bug('a buffer without memory goes home', id);
    record.state = 'idle';
    record.place = 'memory';
    record.idleSince = this.journal.at;
    this.atHome.add(record);
    this.total += size;
    this.clients.post(home, { type: 'recycle', id, memory: part.memory });
  }

  /** The buffer lies idle no longer. */
  wake(record: BufferRecord): void {
    if (this.atHome.delete(record)) this.total -= record.size;
  }

  /** Keeps memory that has no home. */
  keep(memory: SharedArrayBuffer): void {
    this.spare.push({ memory, since: this.journal.at });
    this.total += memory.byteLength;
  }

  /** Memory of exactly that size, if some without a home is there. */
  take(bytes: number): SharedArrayBuffer | undefined {
    const at = this.spare.findIndex(({ memory }) => memory.byteLength === bytes);
    if (at < 0) return undefined;
    this.total -= bytes;
    return this.spare.splice(at, 1)[0]?.memory;
  }

  /**
   * Lets go of what lies idle for long, or is too much: first of what is at home, where only values of
   * that client can use it.
   */
  evict(): void {
    for (const record of this.atHome) {
      if (!this.isDue(record.idleSince)) break;
      this.wake(record);
      record.state = 'leaving';
      if (record.home) this.clients.post(record.home, { type: 'evict', ids: [record.id] });
    }
    for (let first = this.spare[0]; first !== undefined; first = this.spare[0]) {
      if (!this.isDue(first.since)) return;
      this.spare.shift();
      this.total -= first.memory.byteLength;
      this.journal.emit({ type: 'dropped', bytes: first.memory.byteLength });
    }
  }

  private isDue(since: number): boolean {
    const due = since + LINGER;
    if (due <= this.journal.at || this.total > IDLE_SHARE * this.capacity) return true;
    this.agenda.lookAt(due);
    return false;
  }
}
