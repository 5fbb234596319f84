import type { CodeId, ParcelId, SpecId } from '../base/ids';
import type { Payload } from './payload';

/** Resource name to amount; `CPU` is the one with rules of its own. Amounts down to 0.0001. */
export type Resources = Readonly<Record<string, number>>;

/** What is the same for all calls of a remote function, or all instances of a remote class. */
export interface RemoteSpec {
  readonly id: SpecId;
  readonly kind: 'function' | 'class';
  /** For people: `square`, `Counter`. */
  readonly name: string;
  readonly code: { readonly id: CodeId; readonly parcels: readonly ParcelId[] };
  readonly resources: Resources;
  /** How often a task is run again after its worker died; -1 without end. */
  readonly maxRetries: number;
  /** Its source names `getSync`: it may block its thread. */
  readonly blocking: boolean;
  /** Of a function: absent where all is as usual. */
  readonly task?: TaskPolicy;
  /** Of a class: absent where all is as usual. */
  readonly actor?: ActorPolicy;
  /** Environment variables of its threads, over those of the process. */
  readonly envVars?: Readonly<Record<string, string>>;
  /** The functions among the options (`Callbacks` of `callbacks.ts`): read in workers only. */
  readonly callbacks?: Payload;
}

/** What becomes of the calls of a function. Times in milliseconds; whatever is absent does not apply. */
export interface TaskPolicy {
  /** Before the first retry for an error, doubled each time. */
  readonly retryDelay?: number;
  /** A TaskTimeoutError is retried, as can be said without asking a function. */
  readonly retriesTimeouts?: boolean;
  /** Calls after which a thread is replaced. */
  readonly maxCalls?: number;
  readonly timeout?: number;
  readonly graceMs?: number;
}

/** What becomes of the instances of a class. Times in milliseconds; whatever is absent does not apply. */
export interface ActorPolicy {
  readonly maxRestarts?: number;
  /** Before the first restart, doubled each time. */
  readonly restartDelay?: number;
  readonly maxTaskRetries?: number;
  /** Of methods that have something of their own. */
  readonly methods?: Readonly<Record<string, MethodPolicy>>;
  readonly maxConcurrency?: number;
  readonly concurrencyGroups?: Readonly<Record<string, number>>;
  readonly saveEvery?: number;
  readonly detached?: boolean;
  /** Its instances live side by side, on threads for such ones. */
  readonly sharesThread?: true;
}

/** What becomes of the calls of one method. */
export interface MethodPolicy {
  readonly maxTaskRetries?: number;
  /** Before the first retry for an error, doubled each time. */
  readonly retryDelay?: number;
  /** Some of its errors are retried: its thread says which. */
  readonly retriesErrors?: true;
}
