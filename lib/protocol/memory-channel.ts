import type { Channel } from './channel';
import type { Turns } from './turns';

/** Turns of the event loop, of which none can be had while the thread is blocked. */
const loop: Pick<Turns, 'soon' | 'runOne'> = {
  soon: (action) => void setImmediate(action),
  runOne: () => false,
};

/**
 * Two ends of a channel within one thread. Batches are cloned as a port would clone them and arrive
 * in a later turn, one per turn. A thread cannot wait for what it would have to send to itself: so
 * `waitForBatch` has the next thing done that is to be done, and answers false where there is nothing.
 *
 * @param turns @defaultValue those of the event loop
 */
export function createMemoryChannel<A, B>(
  turns: Pick<Turns, 'soon' | 'runOne'> = loop,
): readonly [Channel<A, B>, Channel<B, A>] {
  const left = new MemoryChannel<A, B>(turns);
  const right = new MemoryChannel<B, A>(turns);
  left.connect(right);
  right.connect(left);
  return [left, right];
}

class MemoryChannel<Out, In> implements Channel<Out, In> {
  private batch: Out[] = [];
  private readonly arrived: (readonly In[])[] = [];
  private other: MemoryChannel<In, Out> | undefined;
  private receiver: ((batch: readonly In[]) => void) | undefined;

  constructor(private readonly turns: Pick<Turns, 'soon' | 'runOne'>) {}

  connect(other: MemoryChannel<In, Out>): void {
    this.other = other;
  }

  get unsent(): number {
    return this.batch.length;
  }

  post(message: Out): void {
    if (this.other) this.batch.push(message);
  }

  flush(): void {
    if (this.batch.length === 0) return;
    this.other?.arrive(structuredClone(this.batch));
    this.batch = [];
  }

  listen(receive: (batch: readonly In[]) => void): void {
    this.receiver = receive;
    for (let count = this.arrived.length; count > 0; count -= 1) this.deliverSoon();
  }

  receiveNow(): readonly In[] | undefined {
    return this.arrived.shift();
  }

  waitForBatch(): boolean {
    return this.arrived.length > 0 || this.turns.runOne();
  }

  ref(): void {}

  unref(): void {}

  close(): void {
    this.batch = [];
    if (this.other) this.other.other = undefined;
    this.other = undefined;
  }

  private arrive(batch: readonly In[]): void {
    this.arrived.push(batch);
    if (this.receiver) this.deliverSoon();
  }

  private deliverSoon(): void {
    this.turns.soon(() => {
      const batch = this.arrived.shift();
      if (batch) this.receiver?.(batch);
    });
  }
}
