import type { Gate } from '../../protocol/host';
import type { StoredObject } from '../objects';
import type { WaitFor } from '../waiting';

/** What futures need of their client. */
export interface FutureHost {
  /** @throws ShutdownError when the runtime has ended */
  checkOpen(): void;
  /** Sends what is posted: nobody should wait for something that has not left. */
  flush(): void;
  /** Asks to be told of the outcomes that do not come by themselves. */
  want(objects: readonly StoredObject[]): void;
  /** Keeps the process alive until the answer is called. */
  hold(): () => void;
  /**
   * Keeps objects from being released until the answer is called: whoever waits for them may have
   * dropped the refs.
   */
  retain(objects: readonly StoredObject[]): () => void;
  /** In a task: registers the wait; the answer is delivered when the gate opens. */
  enterWait(what: WaitFor): Gate | undefined;
  /** Whether the answers of waits begun here are held back until a CPU is granted: in tasks. */
  waitsForGrants(): boolean;
  /** Takes in what has arrived, without waiting; only tables change. */
  pump(): void;
  /**
   * Blocks the thread until there is an answer or `timeout` milliseconds have passed. Answers
   * whether there is one.
   */
  block(what: WaitFor, timeout: number): boolean;
  /**
   * Makes ready what the values need; a promise only where that cannot be had at once. Behind it the
   * objects are to be looked at anew: they may be pending again.
   */
  prepare(objects: readonly StoredObject[]): void | Promise<void>;
  /**
   * The same, blocking the thread. Answers whether all was here; else they are to be looked at anew.
   *
   * @throws InvalidCallError where that needs an asynchronous import
   */
  prepareSync(objects: readonly StoredObject[]): boolean;
  /** The value of a settled object, read anew, with binary of its own if it is to be a copy; throws its error. */
  read(object: StoredObject, copy?: boolean): unknown;
  /** Somebody has seen these, or need not; the errors among them will not be reported as unseen. */
  look(objects: readonly StoredObject[]): void;
}
