/** How much a worker may have sent that the raylet has not yet taken in: some milliseconds of work. */
const LIMIT = 64 * 1024;

/** What a write, or an item of a stream, costs the raylet beside its characters, in characters. */
const PER_WRITE = 100;

/**
 * Keeps a worker that prints or yields without end from burying the raylet: whoever is faster than the
 * lines can be shown, or the items told, waits, as at a pipe. One per worker, in memory that both threads see.
 */
export class OutputGauge {
  private readonly ahead: Int32Array;

  constructor(readonly memory = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.ahead = new Int32Array(memory);
  }

  /** For the worker, after sending: stands still while too much is under way. */
  sent(length: number): void {
    this.add(length);
    for (let ahead = this.read(); ahead > LIMIT; ahead = this.read()) {
      Atomics.wait(this.ahead, 0, ahead);
    }
  }

  /** The same for those that can wait otherwise. */
  add(length: number): void {
    Atomics.add(this.ahead, 0, length + PER_WRITE);
  }

  /** Too much is under way. */
  get full(): boolean {
    return this.read() > LIMIT;
  }

  /** For the raylet, when it has taken in what was sent. */
  written(length: number): void {
    Atomics.sub(this.ahead, 0, length + PER_WRITE);
    Atomics.notify(this.ahead, 0);
  }

  private read(): number {
    return Atomics.load(this.ahead, 0);
  }
}
