import type { ActorId, CallId, ObjectId, SpecId } from '../base/ids';
import type { CrashContext, CrashDirective } from '../base/options/remote';
import type { FromBufferHolder, ToBufferHolder } from './buffers';
import type { FromCodeHolder, ToCodeHolder } from './code';
import type { Answer } from './answers';
import type { RemoteSpec } from './specs';
import type {
  Deadlock,
  FatalFailure,
  Failure,
  NoRoom,
  Outcome,
  Payload,
  SystemFailure,
  ThrownFailure,
} from './payload';

/*
 * Everything that passes between a client (driver or worker), the raylet and a worker, as plain data.
 * Messages of one channel arrive in the order they were posted; nothing else is promised.
 */

/** What task, function call or method call alike, knows of itself wherever it goes. */
export interface CallBase {
  readonly id: CallId;
  /** The argument list as one array; places of top-level refs hold `undefined`. */
  readonly args: Payload;
  /** Top-level refs: the body sees their values. */
  readonly refArgs?: readonly (readonly [index: number, object: ObjectId])[];
  /**
   * The call that submitted this one; absent when the driver did, or a call that knew that it was
   * to end: what that does to clean up is not cancelled with it.
   */
  readonly parent?: CallId;
  /** 0 for calls of the driver, one more than the parent's otherwise. */
  readonly depth: number;
  /** Whose order counts: the driver, one attempt of a task, or one actor instance. */
  readonly caller: string;
  /** Its signal was aborted before: it never runs. */
  readonly aborted?: true;
  /**
   * Objects that the values of a list, or of a generator, become one by one; the first is the call's
   * own. Absent: one value, the result itself. Empty: the result is dropped.
   */
  readonly returns?: readonly ObjectId[];
  /** Where it was made, where that is recorded: a frame of a stack, in terms of its thread. */
  readonly site?: string;
  /** It is a generator: its values become objects of their own while it runs. */
  readonly stream?: StreamPolicy;
}

/**
 * How a generator is read. Item `i` of the call `c` is the object `c:i`, which its submitter owns; the
 * one behind the last has an outcome with `end`, unless the last one is the failure. The call's own
 * object tells how many there were, or the failure.
 */
export interface StreamPolicy {
  /** Items that it may be ahead of whoever takes them; absent: without limit. */
  readonly backpressure?: number;
}

/** The object that an item of a stream becomes. */
export const itemId = (stream: CallId, index: number): ObjectId => `${stream}:${index}`;

export interface TaskCall extends CallBase {
  readonly spec: SpecId;
}

export interface MethodCall extends CallBase {
  readonly actor: ActorId;
  readonly method: string;
  /** For people, instead of `Counter.increment`. */
  readonly name?: string;
  /** The concurrency group it runs in; absent for the default one. */
  readonly group?: string;
  /** How often it is made again, -1 without end; absent: as its method or class says. */
  readonly maxRetries?: number;
  /** Instead of that of the method. */
  readonly retryDelay?: number;
}

/** The creation of an instance. Its `id` is the object that settles when the constructor is done. */
export interface CreateActor extends CallBase {
  readonly actor: ActorId;
  readonly spec: SpecId;
  /** The instance whose code made this one, if one did. */
  readonly creator?: ActorId;
  readonly named?: ActorName;
}

/** What an instance is found by while it lives. */
export interface ActorName {
  readonly name: string;
  /** Absent: that of the runtime. */
  readonly namespace?: string;
  /** A handle of it, as a value: whoever looks for the name is sent this. */
  readonly handle: Payload;
}

/** What `onCrash` of an instance has said of an error with which it cannot just go on. */
export interface CrashReport {
  readonly directive: Exclude<CrashDirective, 'resume'>;
  readonly during: CrashContext['during'];
  readonly failure: ThrownFailure;
  /** The directive stands for an `onCrash` that threw, or answered something else. */
  readonly faulty?: boolean;
}

/** One pending `get`, `wait` or subscription of a task. */
export interface PendingWait {
  /** Unique within the client. */
  readonly id: number;
  readonly refs: readonly ObjectId[];
  /** Answered when this many of them are settled … */
  readonly count: number;
  /** … or as soon as one has failed. */
  readonly failFast: boolean;
  /** A generator pauses: answered, without refs, when so many of its items are taken. */
  readonly taken?: number;
  /** A time-out or a signal ends it, come what may: it never makes a deadlock. */
  readonly limited?: boolean;
}

/** What a client tells the raylet. */
export type FromClient =
  | FromBufferHolder
  | FromCodeHolder
  | { readonly type: 'define'; readonly spec: RemoteSpec }
  | { readonly type: 'submit'; readonly call: TaskCall }
  | { readonly type: 'createActor'; readonly call: CreateActor }
  | { readonly type: 'callActor'; readonly call: MethodCall }
  /** The instance must end, as by a crash when it may be made anew. */
  | { readonly type: 'killActor'; readonly actor: ActorId; readonly restart: boolean }
  /** `site` as that of a call. */
  | { readonly type: 'put'; readonly id: ObjectId; readonly value: Payload; readonly site?: string }
  /** The client wants to be told of these objects, which it did not make itself. */
  | { readonly type: 'want'; readonly ids: readonly ObjectId[] }
  /**
   * The client wants the values of these, which it was told of, with all memory beside them: they are
   * told once more, and then `fetched`.
   */
  | { readonly type: 'fetch'; readonly token: number; readonly ids: readonly ObjectId[] }
  /**
   * A task ended a turn with waits pending: it gives its CPU back until the first is answered.
   * `waits` are the new ones; those of before stay pending. `blocking`: its thread stands still.
   */
  | {
      readonly type: 'waiting';
      readonly task: CallId;
      readonly waits: readonly PendingWait[];
      readonly blocking: boolean;
    }
  /** These waits ended by time-out or abort: the task runs again, CPU or not. */
  | { readonly type: 'unwait'; readonly task: CallId; readonly waits: readonly number[] }
  /** These calls are to end; what is no call, or has ended, is left alone. */
  | {
      readonly type: 'cancel';
      readonly ids: readonly ObjectId[];
      /** End the threads of those tasks that run. */
      readonly force: boolean;
      /** With all calls that they have made and that have not ended. */
      readonly recursive: boolean;
      /** One clause: `cancel() was called`. */
      readonly reason: string;
    }
  /** The error of these failed objects was delivered to somebody. */
  | { readonly type: 'looked'; readonly ids: readonly ObjectId[] }
  /**
   * Driver only, where it is its own worker: it has read these refs in an order for that, which are
   * counted as received from now on.
   */
  | { readonly type: 'hold'; readonly ids: readonly ObjectId[] }
  /**
   * The client has dropped its last ref to each; `received` is how often it was sent that ref
   * (made by itself counts as once), so that one still on its way is not forgotten.
   */
  | { readonly type: 'release'; readonly ids: readonly (readonly [ObjectId, received: number])[] }
  /** The values of these are to be forgotten, whoever has refs: of a pending one when it comes. */
  | { readonly type: 'free'; readonly ids: readonly ObjectId[] }
  /** So many items of a stream with `backpressure` have been taken so far. */
  | { readonly type: 'taken'; readonly stream: CallId; readonly count: number }
  /** Nobody reads on in a stream. Of items from `known` on the client has not heard, and will not. */
  | {
      readonly type: 'leaveStream';
      readonly stream: CallId;
      readonly known: number;
      /** Whether its task does, though unread: only if others wait for its end, or in any case. */
      readonly goesOn: 'no' | 'for others' | 'yes';
    }
  /**
   * The client wants to be told what the running call tells of its progress, the latest first. The
   * token tells this from an earlier time that it followed the same call.
   */
  | { readonly type: 'follow'; readonly id: ObjectId; readonly token: number }
  | { readonly type: 'unfollow'; readonly id: ObjectId }
  /** A running call tells how far it is. */
  | { readonly type: 'progress'; readonly task: CallId; readonly value: Payload }
  /** To be answered at once, by `answer`: the thread may stand still until then. */
  | { readonly type: 'ask'; readonly token: number; readonly question: Question }
  /** Driver only: answer `drained` when all lines received so far are on their descriptors. */
  | { readonly type: 'drain'; readonly token: number }
  /** Driver only: end all threads, then answer `stopped`. */
  | { readonly type: 'stop' };

/** What the raylet tells a client. */
export type ToClient =
  | ToBufferHolder
  | ToCodeHolder
  /** Memory beside its value may be missing: whoever wants to read it fetches it. */
  | { readonly type: 'settled'; readonly id: ObjectId; readonly outcome: Outcome }
  /**
   * Answer to `fetch`. `again`: values that were lost and are made again, so that these are pending;
   * `failure`: there is no room now for the memory beside the values.
   */
  | {
      readonly type: 'fetched';
      readonly token: number;
      readonly again?: readonly ObjectId[];
      readonly failure?: NoRoom;
    }
  /** A call that the client follows tells how far it is. */
  | {
      readonly type: 'progress';
      readonly id: ObjectId;
      readonly token: number;
      readonly value: Payload;
    }
  /** The wait is answered and the task has its CPU again; the values came before. */
  | { readonly type: 'granted'; readonly task: CallId; readonly waits: readonly number[] }
  /** The task and others wait for each other: these waits of it fail, and it runs again, CPU or not. */
  | {
      readonly type: 'deadlocked';
      readonly task: CallId;
      readonly waits: readonly number[];
      readonly failure: Deadlock;
    }
  /** The object ended with nobody holding it: nothing more will be said of it. */
  | { readonly type: 'forgotten'; readonly id: ObjectId }
  | { readonly type: 'answer'; readonly token: number; readonly answer: Answer }
  /** Others want what is kept for handles, refs or views that the client has: some are perhaps garbage. */
  | { readonly type: 'collect'; readonly memory?: true }
  /** Driver only: a failure nobody looked at, told when its last ref went. */
  | { readonly type: 'unseen'; readonly failures: readonly UnseenFailure[] }
  /** Driver only: the first workers stand ready. */
  | { readonly type: 'ready'; readonly workers: number }
  | {
      readonly type: 'drained';
      readonly token: number;
      /** Failures nobody has looked at so far. */
      readonly unseen: readonly UnseenFailure[];
    }
  | { readonly type: 'stopped' }
  /** Driver only: the runtime cannot go on (workers fail to start, an internal error). */
  | { readonly type: 'fatal'; readonly failure: FatalFailure };

/** What a client can ask the raylet. */
export type Question =
  /** The amounts of all resources, altogether and free now. */
  | { readonly type: 'resources' }
  /** All objects there are. */
  | { readonly type: 'objects' }
  /** Why the object is pending. */
  | { readonly type: 'explain'; readonly id: ObjectId }
  /**
   * Room in the object store for so many bytes, in the place of any that is left from before: answered
   * when it was made, or cannot be.
   */
  | { readonly type: 'room'; readonly bytes: number }
  /** Whether all of the scheduler's indexes agree, and how much it keeps. It looks at everything: for specs. */
  | { readonly type: 'validate' }
  /** Creates an instance that has a name, if no living one has it; else that one may be wanted. */
  | { readonly type: 'createNamed'; readonly call: CreateActor; readonly getIfExists: boolean }
  /** The living instance of that name. */
  | { readonly type: 'actorNamed'; readonly name: string; readonly namespace?: string }
  /** The names of living instances, in one namespace or in all. */
  | { readonly type: 'actorNames'; readonly all: boolean };

export interface UnseenFailure {
  readonly id: ObjectId;
  readonly task: string;
  readonly failure: Failure;
  /** Not a result: the instance escalated it, and nobody above could decide. */
  readonly escalated?: true;
}

/**
 * Where a call given to a worker lies in the worker's claim table. The word is `HELD + turn` and
 * changes by compare-and-exchange, so that a re-used slot is never mistaken.
 */
export interface Claim {
  readonly slot: number;
  /** Counts the uses of the slot. */
  readonly turn: number;
}

/** Values of the call's top-level refs, all successful: a failed one fails the call unrun. */
export type Dependencies = readonly (readonly [object: ObjectId, value: Payload])[];

/** What the raylet tells a worker, beside what it tells the client there. */
export type ToWorker =
  | ToClient
  | { readonly type: 'define'; readonly spec: RemoteSpec }
  /** Nobody can call it any more, and nothing of it is under way. */
  | { readonly type: 'undefine'; readonly spec: SpecId }
  | {
      readonly type: 'run';
      readonly call: TaskCall;
      readonly attempt: number;
      readonly values?: Dependencies;
      readonly claim: Claim;
      /** Start at once, beside suspended tasks; otherwise when the thread is empty. */
      readonly beside: boolean;
    }
  | {
      readonly type: 'createInstance';
      readonly call: CreateActor;
      readonly values?: Dependencies;
      /** How often the instance was made anew; absent for the first time. */
      readonly restarts?: number;
      /** What its `saveState` has last answered. */
      readonly state?: Payload;
    }
  | {
      readonly type: 'invoke';
      readonly call: MethodCall;
      readonly values?: Dependencies;
      /** How often it was made again; absent for the first time. */
      readonly attempt?: number;
    }
  /**
   * The instance leaves the thread, which lives on: what it does is told to end. Answered by
   * `dropped`, behind the last that is heard of it.
   */
  | { readonly type: 'dropInstance'; readonly actor: ActorId }
  /** A call that was given to it is to end, and not to begin where it has not; why is told to its code. */
  | { readonly type: 'abort'; readonly call: CallId; readonly failure: SystemFailure }
  /** So many items of a generator that paused are taken; the grant of its wait follows. */
  | { readonly type: 'taken'; readonly call: CallId; readonly count: number }
  /** Asks `onCrash` of an instance about one below it, which has escalated. */
  | {
      readonly type: 'judge';
      readonly actor: ActorId;
      /** Comes back with the answer. */
      readonly token: number;
      readonly child: { readonly actorName: string; readonly actorId: ActorId };
      readonly failure: ThrownFailure;
      readonly during: CrashContext['during'];
      /** How often the child was made anew. */
      readonly restarts: number;
    }
  /** The instance, whose `onCrash` escalated, goes on. */
  | { readonly type: 'resumeInstance'; readonly actor: ActorId }
  /** End the thread when it is empty; the pool terminates it if it does not. */
  | { readonly type: 'retire' };

/** What a worker tells the raylet, beside what the client there does. */
export type FromWorker =
  | FromClient
  | { readonly type: 'online' }
  /** The body of a task that has a timeout begins. */
  | { readonly type: 'started'; readonly call: CallId; readonly attempt: number }
  /** A generator has yielded. `index` counts from 0 in each attempt. */
  | {
      readonly type: 'yielded';
      readonly call: CallId;
      readonly index: number;
      readonly value: Payload;
    }
  | {
      readonly type: 'done';
      readonly call: CallId;
      readonly outcome: Outcome;
      /** Of a call with several returns that succeeded: the values after the first. */
      readonly rest?: readonly Payload[];
      /** It failed by an error that is to be retried, as often as it may. */
      readonly retry?: true;
      /** Milliseconds from start to end, suspended time included. */
      readonly took: number;
      /** It has called `getSync` or blocked otherwise. */
      readonly blocked: boolean;
      /** It called `process.exit`: counts as a death of the worker, for this call alone. */
      readonly exitCode?: number;
      /** With `exitCode`: the last lines of its thread, which the raylet knows and adds. */
      readonly lastLines?: readonly LogLine[];
      /** Its instance does not just go on: it begins nothing until it is told to. */
      readonly crash?: CrashReport;
    }
  | { readonly type: 'created'; readonly actor: ActorId; readonly outcome: Outcome }
  | { readonly type: 'dropped'; readonly actor: ActorId }
  /** The instance has called `exitActor` in this call: it is to end, for ever. */
  | { readonly type: 'exitActor'; readonly actor: ActorId; readonly call: CallId }
  /** As `crash` of a call, for an error in the background, or in place of `created`. */
  | { readonly type: 'crashed'; readonly actor: ActorId; readonly crash: CrashReport }
  /** Answer to `judge`; without a directive where there is no `onCrash`. */
  | {
      readonly type: 'judged';
      readonly child: ActorId;
      readonly token: number;
      readonly directive?: CrashDirective;
      /** In place of the child's, where `onCrash` threw or answered something else. */
      readonly failure?: ThrownFailure;
    }
  /** What the instance has at this moment, for a restart. */
  | { readonly type: 'saved'; readonly actor: ActorId; readonly state: Payload }
  /** One write of user code, sent at once: lines are cut and prefixed by the raylet. */
  | {
      readonly type: 'output';
      readonly fd: 1 | 2;
      readonly text: string;
      /** Name of the task or actor that wrote, `(after end)` included where it applies. */
      readonly source: string;
    }
  /** An uncaught exception: the thread should be drained and replaced. `culprit` when known. */
  | {
      readonly type: 'poisoned';
      readonly culprit?: CallId;
      /** Where instances share the thread: the one that cannot go on, alone. */
      readonly actor?: ActorId;
      readonly reason: string;
      /** What was thrown, where something was: as in `thrown` failures. */
      readonly error?: Payload;
    };

/** Why a worker thread ended. */
export interface WorkerExit {
  readonly kind: 'retired' | 'heap' | 'error' | 'exit' | 'forced';
  /** One clause for people. */
  readonly reason: string;
  readonly lastLines: readonly LogLine[];
}

/** A line that was printed on a thread, and by whom: the name of a task or actor, or nobody known. */
export interface LogLine {
  readonly source: string;
  readonly text: string;
}

/** States of a word in a claim table, in its two low bits; the turn is above them. */
export const HELD = 0;
export const STARTED = 1;
export const REVOKED = 2;

/** The word of a claim in a given state. */
export const claimWord = (turn: number, state: number): number => (turn << 2) | state;
