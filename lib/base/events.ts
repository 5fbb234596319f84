import type { ActorId, CallId, ObjectId, WorkerId } from './ids';

/** Every change of state in the runtime, as data: what `story()`, timelines and metrics consume. */
export type RuntimeEvent = { readonly at: number } & (
  | { readonly type: 'callSubmitted'; readonly call: CallId; readonly name: string }
  | { readonly type: 'callReady'; readonly call: CallId }
  | { readonly type: 'callAssigned'; readonly call: CallId; readonly worker: WorkerId }
  | { readonly type: 'callRevoked'; readonly call: CallId; readonly worker: WorkerId }
  | { readonly type: 'callWaiting'; readonly call: CallId }
  | { readonly type: 'callResumed'; readonly call: CallId }
  | { readonly type: 'callAbandoned'; readonly call: CallId }
  /** It closed a circle of calls that wait for each other: its waits fail. */
  | { readonly type: 'callDeadlocked'; readonly call: CallId; readonly circle: readonly string[] }
  | { readonly type: 'callRetried'; readonly call: CallId; readonly attempt: number }
  | { readonly type: 'callDelayed'; readonly call: CallId }
  | { readonly type: 'callFinished'; readonly call: CallId; readonly ok: boolean }
  | { readonly type: 'streamLeft'; readonly call: CallId }
  | { readonly type: 'objectStored'; readonly object: ObjectId }
  | { readonly type: 'objectReleased'; readonly object: ObjectId }
  | { readonly type: 'actorCreated'; readonly actor: ActorId; readonly name: string }
  | { readonly type: 'actorPlaced'; readonly actor: ActorId; readonly worker: WorkerId }
  | { readonly type: 'actorAlive'; readonly actor: ActorId }
  | {
      readonly type: 'actorRestarting';
      readonly actor: ActorId;
      /** How often with this time. */
      readonly restarts: number;
      readonly reason: string;
    }
  | { readonly type: 'actorDied'; readonly actor: ActorId; readonly reason: string }
  | { readonly type: 'workerStarting'; readonly worker: WorkerId }
  | { readonly type: 'workerReady'; readonly worker: WorkerId }
  | { readonly type: 'workerEnded'; readonly worker: WorkerId; readonly reason: string }
);
