import type { ActorId, CallId, ClientId, NodeId, WorkerId } from '../../base/ids';
import type { FromWorker, WorkerExit } from '../../protocol/messages';
import type { Resources } from '../../protocol/specs';
import type { SystemFailure } from '../../protocol/payload';

/** What is fixed for the life of a scheduler. Its worker ids are `<node>-1`, `<node>-2`, …, the driver's `<node>-0`. */
export interface SchedulerOptions {
  readonly node: NodeId;
  readonly numCpus: number;
  /** Custom resources of this machine, beside CPU. */
  readonly resources: Resources;
  /** Most threads for tasks; threads of actors do not count. */
  readonly maxThreads: number;
  /** Milliseconds after which an idle thread above `numCpus` retires. */
  readonly idleTimeout: number;
  /**
   * The workers are on the driver's thread and have no clients of their own: refs that they read are
   * counted by `hold`. @defaultValue false
   */
  readonly oneThread?: boolean;
  /** Bytes of the object store. @defaultValue no limit */
  readonly objectStoreMemory?: number;
  /** Where actors are named unless somebody says otherwise. @defaultValue the id of the machine */
  readonly namespace?: string;
  /** Each change of state is an instruction, too: somebody watches. @defaultValue false */
  readonly watched?: boolean;
  /** Milliseconds from a change to the look whether calls wait for each other. @defaultValue 10 */
  readonly lookAfter?: number;
}

/**
 * What clients and workers say that concerns scheduling. The shell keeps the rest for itself:
 * `output` (logs), `drain` and `stop` (threads), `online` (becomes `workerOnline`), `created`
 * and `dropped` (the instance's supervisor hears them and says `actorAlive`, `actorDied`, `actorLeft`).
 */
export type SchedulerMessage = Exclude<
  FromWorker,
  { readonly type: 'output' | 'drain' | 'stop' | 'online' | 'created' | 'dropped' }
>;

/** What a client has sent, in order: what is to run next is decided once, behind the last. */
interface Messages {
  readonly type: 'messages';
  readonly from: ClientId;
  readonly messages: readonly SchedulerMessage[];
}

/** All that can happen to the scheduler. `at` is monotonic milliseconds; only differences count. */
export type SchedulerEvent = { readonly at: number } & (
  | Messages
  | { readonly type: 'workerOnline'; readonly worker: WorkerId }
  /**
   * A thread has ended, an actor's thread too: after all messages it had posted were handed over.
   * An instance on it is made anew, or dead.
   */
  | {
      readonly type: 'workerExited';
      readonly worker: WorkerId;
      readonly exit: WorkerExit;
      /** `ClaimTable.snapshot()` of the thread: says which calls in hand had started. */
      readonly claims?: Int32Array;
    }
  /** Answer to a `revoke`: the calls really taken back. The others had started. */
  | { readonly type: 'revoked'; readonly worker: WorkerId; readonly calls: readonly CallId[] }
  /**
   * Answer to `tickAfter`; harmless at any other time. To be handed in after the messages that are
   * there: a result that waits in a channel looks like a call that runs long. The first event, best
   * a tick, answers with the first `startWorker`s.
   */
  | { readonly type: 'tick' }
  /** Answer to `spill`; `problem`: what the system said. */
  | { readonly type: 'spilled'; readonly file: number; readonly problem?: string }
  /** Answer to `restore`: the bytes, which are what they were, or why they are not. */
  | {
      readonly type: 'restored';
      readonly file: number;
      readonly memory?: SharedArrayBuffer;
      readonly problem?: string;
    }
  /** The constructor has run on that thread: calls may go to the instance. */
  | { readonly type: 'actorAlive'; readonly actor: ActorId; readonly worker: WorkerId }
  /** It has left that thread, which lives on: nothing more comes from it there. */
  | { readonly type: 'actorLeft'; readonly actor: ActorId; readonly worker: WorkerId }
  /**
   * The death certificate: its constructor threw (`failure.cause` says what), as it would again.
   * Every call that has no result, and every later one, fails with it.
   */
  | { readonly type: 'actorDied'; readonly actor: ActorId; readonly failure: SystemFailure }
  /** The driver wants to be told, by `drained`, of all failures that nobody has looked at so far. */
  | { readonly type: 'drain'; readonly token: number }
  /** The driver's pending objects settle with `SHUTDOWN`; events after it change nothing. */
  | { readonly type: 'shutdown' }
);
