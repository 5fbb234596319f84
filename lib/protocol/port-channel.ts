import type { MessagePort } from 'node:worker_threads';
import type { Channel } from './channel';
import { pack, unpack } from './packing';

/** Which end of a port channel: each counts its batches in a word of its own. */
export type Side = 0 | 1;

/** Memory for the two counters of a port channel, to be handed to both of its ends. */
export function createWakeMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
}

export interface PortChannelOptions {
  readonly port: MessagePort;
  /** From `createWakeMemory`; the same at both ends. */
  readonly wake: SharedArrayBuffer;
  /** 0 at one end, 1 at the other. */
  readonly side: Side;
  /** `receiveMessageOnPort` of `worker_threads`, which only few files may import. */
  readonly receive: (port: MessagePort) => { message: unknown } | undefined;
}

/**
 * A channel over a MessagePort: one `postMessage` for each flush, packed. Beside every posted batch a counter in
 * shared memory goes up, so that a thread can block until one more has come than it has read.
 */
export function createPortChannel<Out, In>(options: PortChannelOptions): Channel<Out, In> {
  return new PortChannel<Out, In>(options);
}

class PortChannel<Out, In> implements Channel<Out, In> {
  private batch: Out[] = [];
  private received = 0;
  private closed = false;
  private keepsAlive = false;
  private readonly port: MessagePort;
  private readonly counters: Int32Array;
  private readonly mine: Side;
  private readonly theirs: Side;
  private readonly receive: PortChannelOptions['receive'];

  constructor({ port, wake, side, receive }: PortChannelOptions) {
    this.port = port;
    this.counters = new Int32Array(wake);
    this.mine = side;
    this.theirs = side === 0 ? 1 : 0;
    this.receive = receive;
    port.unref();
  }

  get unsent(): number {
    return this.batch.length;
  }

  post(message: Out): void {
    if (!this.closed) this.batch.push(message);
  }

  flush(): void {
    if (this.batch.length === 0) return;
    const batch = this.batch;
    this.batch = [];
    this.port.postMessage(pack(batch));
    Atomics.add(this.counters, this.mine, 1);
    Atomics.notify(this.counters, this.mine);
  }

  listen(receive: (batch: readonly In[]) => void): void {
    this.port.on('message', (packed: readonly unknown[]) => {
      this.received += 1;
      receive(unpack(packed) as In[]);
    });
    // A listener makes the port keep its thread alive, asked or not.
    if (!this.keepsAlive) this.port.unref();
  }

  receiveNow(): readonly In[] | undefined {
    const taken = this.receive(this.port);
    if (taken === undefined) return undefined;
    this.received += 1;
    return unpack(taken.message as readonly unknown[]) as In[];
  }

  waitForBatch(timeout: number): boolean {
    const known = this.received | 0;
    return Atomics.wait(this.counters, this.theirs, known, timeout) !== 'timed-out';
  }

  ref(): void {
    this.keepsAlive = true;
    if (!this.closed) this.port.ref();
  }

  unref(): void {
    this.keepsAlive = false;
    this.port.unref();
  }

  close(): void {
    this.closed = true;
    this.batch = [];
    this.port.close();
  }
}
