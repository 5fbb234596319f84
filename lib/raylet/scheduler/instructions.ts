import type { ActorId, CallId, ClientId, WorkerId } from '../../base/ids';
import type { RuntimeEvent } from '../../base/events';
import type { Claim, CreateActor, Dependencies, ToWorker } from '../../protocol/messages';
import type { RemoteSpec } from '../../protocol/specs';
import type { Payload } from '../../protocol/payload';

/** What the scheduler wants done, to be carried out in this order. */
export type Instruction =
  /**
   * Posts a message. A `run` must be entered in the worker's claim table before
   * (`ClaimTable.hold`). A thread that is starting may be sent messages.
   */
  | { readonly type: 'send'; readonly to: ClientId; readonly message: ToWorker }
  /**
   * Starts a thread. `actor`: it is for this instance alone; its `createActor` follows, behind the
   * code it needs. `shared`: it is for instances that share it. Answered by `workerOnline`, or by
   * `workerExited` when it did not come up.
   */
  | {
      readonly type: 'startWorker';
      readonly worker: WorkerId;
      readonly actor?: ActorId;
      readonly shared?: true;
      /** Environment variables over those of the process. */
      readonly envVars?: Readonly<Record<string, string>>;
      /** Bytes to which its heap may grow, instead of the limit of all. */
      readonly heapLimit?: number;
    }
  /** Ends an empty thread: `retire`, then force. Answered by `workerExited`. */
  | { readonly type: 'retireWorker'; readonly worker: WorkerId }
  /**
   * Ends a thread whatever it does. Calls in its hand are taken back, and `workerExited` (`forced`)
   * follows at once, whenever the thread may really end; it comes behind the other instructions.
   */
  | { readonly type: 'terminateWorker'; readonly worker: WorkerId; readonly reason: string }
  /**
   * Takes calls back through the claim table (`ClaimTable.revoke`). Answered by `revoked`; it comes
   * behind the other instructions of its event, so the answer may be handed in at once.
   */
  | {
      readonly type: 'revoke';
      readonly worker: WorkerId;
      readonly claims: readonly RevokedClaim[];
    }
  /**
   * Has the supervisor of an instance, which is made for its first time, send `createInstance` to
   * `worker`: its resources are taken and its arguments are there. Answered by `actorAlive` or
   * `actorDied`.
   */
  | {
      readonly type: 'createActor';
      readonly call: CreateActor;
      readonly spec: RemoteSpec;
      readonly worker: WorkerId;
      readonly values?: Dependencies;
      /** How often the instance was made anew; absent for the first time. */
      readonly restarts?: number;
      /** What it had saved. */
      readonly state?: Payload;
    }
  /**
   * Ends the thread of an instance, by force unless `gently`: then it may end what it does at the
   * moment, for a short time. Answered by `workerExited`. Of one that shares its thread only the
   * instance goes: answered by `actorLeft`.
   */
  | {
      readonly type: 'endActor';
      readonly actor: ActorId;
      readonly worker: WorkerId;
      readonly gently: boolean;
    }
  /** The instance is dead for ever: its supervisor goes when its threads have ended. */
  | { readonly type: 'buryActor'; readonly actor: ActorId }
  /**
   * Asks for a `tick` in this many milliseconds. An earlier one already asked for stays. `whenFree`:
   * on one thread with the driver it brings nothing that a blocked thread could wait for.
   */
  | { readonly type: 'tickAfter'; readonly delay: number; readonly whenFree?: true }
  /** Writes the bytes of the object store into a file of that number. Answered by `spilled`. */
  | { readonly type: 'spill'; readonly file: number; readonly memory: SharedArrayBuffer }
  /** Reads that file, of so many bytes, into `memory` if there is some. Answered by `restored`. */
  | {
      readonly type: 'restore';
      readonly file: number;
      readonly size: number;
      readonly memory?: SharedArrayBuffer;
    }
  /** That file, whole or not, is not needed any more. */
  | { readonly type: 'unlink'; readonly file: number }
  /** So many bytes of shared memory are garbage here: they are kept until it is collected. */
  | { readonly type: 'dropped'; readonly bytes: number }
  /** One line for the driver's stderr. */
  | { readonly type: 'warn'; readonly text: string }
  /** A change of state, for timelines, listings and metrics. */
  | { readonly type: 'event'; readonly event: RuntimeEvent };

/** A call to take back, and where it lies. */
export interface RevokedClaim extends Claim {
  readonly call: CallId;
}
