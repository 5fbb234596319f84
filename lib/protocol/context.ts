import { AsyncLocalStorage } from 'node:async_hooks';
import type { RayError } from '../base/errors';
import type { ActorId, CallId } from '../base/ids';
import type { Deadlock } from './payload';

/** What runs: one attempt of a task, or one method call of an actor. */
export interface CallContext {
  readonly call: CallId;
  /** `square`, or `Counter.increment`. */
  readonly name: string;
  readonly attempt: number;
  readonly depth: number;
  /** Key under which its own calls keep their order: one attempt, or one instance. */
  readonly caller: string;
  readonly actor?: ActorId;
  /** Other actors live on its thread. */
  readonly sharesThread?: true;
  /** How often the actor was made anew. */
  readonly restarts?: number;
  /** Set when it has ended; late output and late errors are told apart by it. */
  ended: boolean;
  /** It has called `getSync`, or blocked otherwise. */
  blocked: boolean;
  /** Set when it was told to end: by cancellation, or its timeout. */
  abortedBy?: RayError;
  /** Of its signal, once that was asked for. */
  controller?: AbortController;
  /** Is told that the call is about to block its thread, where others run beside it. */
  readonly onBlock?: () => void;
  /** What its last waits were refused with: where its code lets this error through, it fails with it. */
  refused?: { readonly error: Error; readonly failure: Deadlock };
}

/**
 * The one AsyncLocalStorage of the runtime. Every entry into user code goes through
 * `callContext.run`: an actor toolkit's handler runs in the async context of the message before it.
 */
export const callContext = new AsyncLocalStorage<CallContext>();
