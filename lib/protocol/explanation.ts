import type { ObjectId, WorkerId } from '../base/ids';

/** A pending ref, and the call that makes its value. */
export interface Awaited {
  readonly id: ObjectId;
  /** `square`, `Counter.increment`. */
  readonly task: string;
}

/** Somebody who keeps resources that others need. */
export interface ResourceHolder {
  /** A task, or the class of an actor. */
  readonly name: string;
  /** An actor keeps what it declares for as long as it lives. */
  readonly isActor: boolean;
  readonly resources: Readonly<Record<string, number>>;
}

/**
 * Why a ref is still pending: where its call stands, told apart by `state`. `reason` says it all in
 * one sentence. Times are milliseconds.
 */
export type Explanation = {
  /** The call that makes the value: `square`, `Counter.increment`. */
  readonly task: string;
  /** One sentence for people. */
  readonly reason: string;
} & (
  | {
      /** It is not pending: the value, or an error, is here. */
      readonly state: 'settled';
      readonly ok: boolean;
    }
  | {
      /** Refs among its arguments are pending. */
      readonly state: 'waiting for arguments';
      readonly waitingFor: readonly Awaited[];
    }
  | {
      /** What it needs is not free. */
      readonly state: 'waiting for resources';
      readonly needs: Readonly<Record<string, number>>;
      /** What of that is free now. */
      readonly available: Readonly<Record<string, number>>;
      readonly heldBy: readonly ResourceHolder[];
      /** Calls that could run and go before it. */
      readonly ahead: number;
      /** Whether the machine has so much at all: else it waits for ever. */
      readonly feasible: boolean;
    }
  | {
      /** Its resources are free; a thread is on its way, or all are taken by calls that wait. */
      readonly state: 'waiting for a thread';
      readonly ahead: number;
    }
  | {
      /** Its actor takes no calls now. */
      readonly state: 'waiting for its actor';
      readonly actor: string;
      /** Where the creation of the actor stands. */
      readonly because?: Explanation;
    }
  | {
      /** Its actor, or the thread that was given it ahead of time, is busy with others. */
      readonly state: 'behind other calls';
      /** How many go before it. */
      readonly ahead: number;
      /** Those of them that have begun. */
      readonly behind: readonly Awaited[];
    }
  | {
      /** It has failed by an error that is retried, and its delay is not over. */
      readonly state: 'waiting to be retried';
      /** How often it has failed so far. */
      readonly failed: number;
      /** In how many milliseconds its next attempt may begin. */
      readonly due: number;
    }
  | {
      readonly state: 'running';
      /** The thread: its `getRuntimeContext().workerId`. */
      readonly on: WorkerId;
      /** How long, where that is known. */
      readonly elapsed?: number;
    }
  | {
      /** It has begun, and waits for other calls in `get` or the like. */
      readonly state: 'waiting';
      readonly on: WorkerId;
      readonly waitingFor: readonly Awaited[];
      readonly elapsed: number;
      /** In `getSync`: its thread stands still. */
      readonly blocking: boolean;
    }
);
