import {
  ActorDiedError,
  ActorUnavailableError,
  CaptureError,
  DeadlockError,
  InternalError,
  InvalidCallError,
  ObjectLostError,
  ObjectStoreFullError,
  OutOfDiskError,
  OutOfMemoryError,
  SerializationError,
  RuntimeFailedError,
  ShutdownError,
  TaskCancelledError,
  TaskError,
  TaskTimeoutError,
  WorkerCrashedError,
  type RayError,
} from '../base/errors';
import type { ObjectId } from '../base/ids';
import type { Failure, SystemFailure } from '../protocol/payload';
import { framesOf, userFrames, type SubmitSite } from './sites';
import type { ClientCode, ClientCodec } from './tools';

type Thrown = Extract<Failure, { kind: 'thrown' }>;
type Dependency = Extract<Failure, { kind: 'dependency' }>;

/** Makes the errors that users see from failures, which are data. */
export class Failures {
  constructor(
    private readonly codec: Pick<ClientCodec, 'decodeThrown'>,
    private readonly code: Pick<ClientCode, 'mapStack'>,
  ) {}

  /**
   * A fresh error for a failure.
   *
   * @param site where the failed call was submitted, when it was submitted on this thread
   */
  toError(failure: Failure, site?: SubmitSite): RayError {
    const error = this.bare(failure);
    if (site) error.stack = this.joined(error.stack ?? String(error), site);
    return error;
  }

  private bare(failure: Failure): RayError {
    if (failure.kind === 'thrown') return this.thrown(failure);
    if (failure.kind === 'dependency') return this.dependency(failure);
    const error = this.system(failure);
    const remote = failure.kind === 'system' && failure.code === 'DEADLOCK' && failure.stack;
    const stack = remote ? this.code.mapStack(remote) : error.stack;
    error.stack = headed(error, userFrames(stack ?? ''));
    return error;
  }

  private thrown({ task, error }: Thrown): TaskError {
    const cause = this.codec.decodeThrown(error);
    const thrown = new TaskError(task, cause);
    thrown.stack = headed(thrown, remoteFrames(cause));
    return thrown;
  }

  /** The chain of causes, built from its end: every call in it never ran but the last. */
  private dependency({ task, via, root }: Dependency): TaskError {
    const cause = this.bare(root);
    const frames = remoteFrames(cause);
    const names = [task, ...via];
    const unrun = (at: number, error: unknown): TaskError => {
      const failed = new TaskError(names[at] ?? task, error, names[at + 1] ?? '');
      failed.stack = headed(failed, frames);
      return failed;
    };
    let error = unrun(names.length - 2, cause);
    for (let at = names.length - 3; at >= 0; at -= 1) error = unrun(at, error);
    return error;
  }

  private system(failure: SystemFailure): RayError {
    switch (failure.code) {
      case 'ACTOR_DIED': {
        const { actorName, actorId, reason } = failure;
        const cause = failure.cause && { cause: this.bare(failure.cause) };
        return new ActorDiedError(actorName, actorId, reason, cause);
      }
      case 'ACTOR_UNAVAILABLE':
        return new ActorUnavailableError(failure.actorName, failure.actorId, failure.reason);
      case 'TASK_CANCELLED':
        return new TaskCancelledError(failure.taskName, failure.reason);
      case 'TASK_TIMEOUT':
        return new TaskTimeoutError(failure.taskName, failure.timeout);
      case 'DEADLOCK':
        return new DeadlockError(failure.taskName, failure.circle);
      case 'WORKER_CRASHED': {
        const { taskName, reason, lastLines, attempts } = failure;
        return new WorkerCrashedError(taskName, reason, lastLines, attempts);
      }
      case 'OUT_OF_MEMORY':
        return new OutOfMemoryError(failure.taskName, failure.reason, failure.lastLines);
      case 'OBJECT_LOST':
        return new ObjectLostError(failure.objectId, failure.reason);
      case 'OBJECT_STORE_FULL':
        return new ObjectStoreFullError(failure.size, failure.capacity);
      case 'OUT_OF_DISK':
        return new OutOfDiskError(failure.reason);
      case 'SHUTDOWN':
        return new ShutdownError(failure.what);
      case 'RUNTIME_FAILED':
        return new RuntimeFailedError(failure.reason);
      case 'CAPTURE':
        return new CaptureError(failure.path, failure.reason);
      case 'SERIALIZATION':
        return new SerializationError(failure.path, failure.reason);
      case 'INVALID_CALL':
        return new InvalidCallError(failure.message);
      case 'INTERNAL':
        return new InternalError(failure.message);
    }
  }

  private joined(stack: string, site: SubmitSite): string {
    const caller = this.code.mapStack(site.frames);
    return caller === '' ? stack : `${stack}\n  submitted ${site.relation}\n${caller}`;
  }
}

/** Where the error came up in the other thread, submit sites of calls further in included. */
function remoteFrames(cause: unknown): string {
  if (!(cause instanceof Error) || typeof cause.stack !== 'string') return '';
  const stack = cause.stack;
  const first = stack.search(/^\s+at /m);
  return first < 0 ? framesOf(stack) : stack.slice(first);
}

function headed(error: RayError, frames: string): string {
  const head = `${error.name}: ${error.message}`;
  return frames === '' ? head : `${head}\n${frames}`;
}

/** Whoever learns that an actor is dead has heard what its constructor threw. */
export function creationsBehind(failure: Failure): ObjectId[] {
  if (failure.kind === 'dependency') return creationsBehind(failure.root);
  return failure.kind === 'system' && failure.code === 'ACTOR_DIED' ? [failure.actorId] : [];
}
