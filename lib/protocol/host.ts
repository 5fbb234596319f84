import type { RayError } from '../base/errors';
import type { ToClient } from './messages';
import type { CallContext } from './context';
import type { Payload, SystemFailure } from './payload';

/** A wait of a task. Its answer is delivered only once the task has its CPU again. */
export interface Gate {
  readonly open: boolean;
  /** Why it does not open: the task is told to end, or would have waited for ever. */
  readonly refusal: RayError | undefined;
  /** Called at once when open, else when it opens; with an error when it never will. */
  onOpen(callback: (refusal?: RayError) => void): void;
  /** The wait ended, answered or not. */
  close(): void;
}

/** What a worker needs of the client that lives on its thread. */
export interface ClientHost {
  /** Messages for the client, in the order they came. */
  receive(messages: readonly ToClient[]): void;
  /** A call is told to end: its signal fires, and its waits fail. */
  callAborted(context: CallContext, failure: SystemFailure): void;
  /** A call ended: its pending waits are dropped. */
  callEnded(context: CallContext): void;
  /** A generator waits until so many of its items are taken: its CPU goes to others meanwhile. */
  pause(context: CallContext, taken: number): Gate;
  /** What was sent here is never going to be read: the refs in it are let go. */
  discard(payload: Payload): void;
  /** Sends what the client has posted so far. */
  flush(): void;
}
