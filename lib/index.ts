// The public list. What is not named here is not part of rayx.

// Lifecycle
export { init, isInitialized, shutdown, type Context } from './api/init';
export type { InitOptions } from './base/options/init';

// Remote functions and actors
export { exitActor } from './api/exit-actor';
export { kill, type KillOptions } from './api/kill';
export { getActor, listNamedActors, type ListNamedActorsOptions } from './api/named-actors';
export { remote } from './api/remote';
export { getRuntimeContext, type RuntimeContext } from './api/runtime-context';
export type {
  ActorOptions,
  CallOptions,
  CrashContext,
  CrashDirective,
  ErrorClass,
  MethodOptions,
  ResourceOptions,
  RetryRule,
  RuntimeEnv,
  TaskOptions,
} from './base/options/remote';
export type { FullActorName } from './protocol/answers';
export type {
  ActorHandle,
  Arg,
  Args,
  RemoteClass,
  RemoteFunction,
  RemoteMethod,
  RemoteResult,
  RemoteReturns,
} from './client/types';

// The cluster
export { availableResources, clusterResources, nodes, type NodeInfo } from './api/cluster';

// Why it is not done
export { explain } from './api/explain';
export type { Awaited, Explanation, ResourceHolder } from './protocol/explanation';

// Objects
export { allocate, type TypedArrayClass } from './api/allocate';
export { cancel, type Cancellable, type CancelOptions } from './api/cancel';
export { free } from './api/free';
export { get, getSync, type GetOptions, type GetSyncOptions } from './api/get';
export { listObjects } from './api/list-objects';
export type { ObjectInfo } from './protocol/object-info';
export { put } from './api/put';
export { wait, type WaitOptions } from './api/wait';
export { ObjectRef } from './client/refs';
export { StreamRef, type StreamIterator } from './client/streams';
export {
  inspectSerializable,
  type SerializableProblem,
  type SerializableReport,
} from './api/inspect-serializable';
export { registerClass } from './api/register-class';
export type { ClassCodec } from './client/classes';

// Pipelines
export { completed } from './operators/completed';
export { fromRef } from './operators/from-ref';
export { mapRemote, type RemoteMapper } from './operators/map-remote';
export { progress } from './operators/progress';
export { values } from './operators/values';

// Utilities
export { ActorPool, type GetNextOptions } from './util/actor-pool';
export { asCompleted } from './util/as-completed';
export {
  Queue,
  type QueueOptions,
  type QueueShutdownOptions,
  type QueueWaitOptions,
} from './util/queue';
export { Pool, type PoolMapOptions, type PoolOptions } from './util/pool';

// Errors
export {
  ActorAlreadyExistsError,
  ActorDiedError,
  ActorError,
  ActorNotFoundError,
  ActorUnavailableError,
  CaptureError,
  DeadlockError,
  GetTimeoutError,
  InlineBlockingError,
  InternalError,
  InvalidArgumentError,
  InvalidCallError,
  InvalidOptionError,
  ObjectLostError,
  ObjectStoreFullError,
  OutOfDiskError,
  OutOfMemoryError,
  PendingCallsLimitExceededError,
  QueueEmptyError,
  QueueFullError,
  RayError,
  SerializationError,
  RuntimeFailedError,
  ShutdownError,
  TaskCancelledError,
  TaskError,
  TaskTimeoutError,
  WorkerCrashedError,
  type RayErrorCode,
} from './base/errors';
