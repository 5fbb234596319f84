/**
 * A two-way road between two threads, in order, in batches. Rooms above know this interface and
 * never what carries it (a MessagePort, memory, later a NATS subject).
 */
export interface Channel<Out, In> {
  /** Adds a message to the current batch; it leaves at the next `flush`. */
  post(message: Out): void;
  /** Messages posted and not yet flushed. */
  readonly unsent: number;
  /** Sends the current batch now, and wakes a receiver that blocks in `waitForBatch`. */
  flush(): void;
  /** Sets the one receiver of batches; batches that came before are kept for it. */
  listen(receive: (batch: readonly In[]) => void): void;
  /** Takes the oldest batch that has arrived, without waiting and without calling the receiver. */
  receiveNow(): readonly In[] | undefined;
  /**
   * Blocks the calling thread until a batch is there or `timeout` milliseconds have passed
   * (Infinity: without limit). Answers whether one may be there.
   */
  waitForBatch(timeout: number): boolean;
  /** Lets the channel keep its thread alive, or not. New channels do not. */
  ref(): void;
  unref(): void;
  close(): void;
}
