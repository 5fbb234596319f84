import type { NoRoom, Payload } from '../../protocol/payload';
import type { BufferRecord } from './buffer-record';
import type { Buffers } from './buffers';
import type { Journal } from './journal';
import type { Spilling } from './spilling';

/** Values that are wanted here, all at one time. */
interface Load {
  readonly payloads: readonly Payload[];
  readonly done: (failure?: NoRoom) => void;
}

/**
 * Brings memory back from disk. One load after the other: two at once might each get half of what
 * there is room for.
 */
export class Loading {
  private readonly queue: Load[] = [];
  private current: { readonly load: Load; readonly records: readonly BufferRecord[] } | undefined;
  private news = false;
  private readonly reading = new Map<number, BufferRecord>();

  constructor(
    private readonly journal: Journal,
    private readonly buffers: Buffers,
    private readonly spilling: Spilling,
    /** The bytes of a buffer are nowhere any more. */
    private readonly onLost: (record: BufferRecord, reason: string) => void,
  ) {}

  /**
   * Has the memory beside the payloads brought back. `done` is called when it is all here, but for
   * what is lost, or with the reason why there is no room for it.
   */
  load(payloads: readonly Payload[], done: (failure?: NoRoom) => void): void {
    this.queue.push({ payloads, done });
    this.next();
  }

  /** A file was read, or cannot be. */
  restored(file: number, memory: SharedArrayBuffer | undefined, problem: string): void {
    const record = this.reading.get(file);
    this.reading.delete(file);
    if (record === undefined) return;
    if (memory !== undefined) this.buffers.fill(record, memory);
    else {
      this.buffers.lose(record, problem);
      this.onLost(record, problem);
    }
    if (this.reading.size === 0) this.end();
  }

  /** Whether loads have ended since the last time: there may be something to do. */
  takeNews(): boolean {
    const { news } = this;
    this.news = false;
    return news;
  }

  /** How many loads are under way, or wait for others. */
  get size(): number {
    return this.queue.length + (this.current === undefined ? 0 : 1);
  }

  /** Buffers that a load wants now, each once for it, for `validate`. */
  get wanted(): readonly BufferRecord[] {
    return this.current?.records ?? [];
  }

  private next(): void {
    while (this.current === undefined) {
      const load = this.queue.shift();
      if (load === undefined) return;
      this.begin(load);
    }
  }

  private begin(load: Load): void {
    const records = [
      ...new Set(load.payloads.flatMap((payload) => this.buffers.beside(payload))),
    ].filter(({ place }) => place !== 'lost');
    this.current = { load, records };
    for (const record of records) record.loads += 1;
    const absent = records.filter(({ place }) => place === 'disk');
    if (absent.length === 0) return this.finish();
    const size = sizeOf(records);
    const capacity = this.buffers.size;
    if (size > capacity) {
      return this.finish({ kind: 'system', code: 'OBJECT_STORE_FULL', size, capacity });
    }
    this.spilling.want(
      sizeOf(absent),
      () => absent.forEach((record) => this.read(record)),
      (failure) => this.end(failure),
    );
  }

  private read(record: BufferRecord): void {
    const { file, size, id } = record;
    if (file === undefined) throw this.journal.bug('a buffer on disk has no file', id);
    const memory = this.buffers.reserve(record);
    this.reading.set(file, record);
    this.journal.emit({ type: 'restore', file, size, ...(memory && { memory }) });
  }

  private end(failure?: NoRoom): void {
    this.finish(failure);
    this.next();
  }

  private finish(failure?: NoRoom): void {
    const { current } = this;
    this.current = undefined;
    if (current === undefined) return;
    this.news = true;
    for (const record of current.records) this.buffers.loaded(record);
    current.load.done(failure);
  }
}

const sizeOf = (records: readonly BufferRecord[]): number =>
  records.reduce((sum, { size }) => sum + size, 0);
