import type { ToClient } from './messages';
import type { CallContext } from './context';
import type { SystemFailure } from './payload';

/** What a worker needs of the client that lives on its thread. */
export interface ClientHost {
  /** Messages for the client, in the order they came. */
  receive(messages: readonly ToClient[]): void;
  /** A call is told to end: its signal fires, and its waits fail. */
  callAborted(context: CallContext, failure: SystemFailure): void;
  /** A call ended: its pending waits are dropped. */
  callEnded(context: CallContext): void;
  /** Sends what the client has posted so far. */
  flush(): void;
}
