import { shortId } from './ids';
import {
  brandTaskError,
  copyFields,
  describeThrown,
  isBrandedTaskError,
  isOrdinaryInstance,
  rootOf,
  taskPrototypeFor,
} from './thrown';

/** A stable word for each kind of error, for `switch` and for logs. */
export type RayErrorCode =
  | 'TASK_FAILED'
  | 'TASK_CANCELLED'
  | 'TASK_TIMEOUT'
  | 'DEADLOCK'
  | 'ACTOR_DIED'
  | 'ACTOR_UNAVAILABLE'
  | 'ACTOR_NOT_FOUND'
  | 'ACTOR_ALREADY_EXISTS'
  | 'PENDING_CALLS_LIMIT_EXCEEDED'
  | 'INLINE_BLOCKING'
  | 'QUEUE_FULL'
  | 'QUEUE_EMPTY'
  | 'WORKER_CRASHED'
  | 'OUT_OF_MEMORY'
  | 'GET_TIMEOUT'
  | 'SHUTDOWN'
  | 'RUNTIME_FAILED'
  | 'SERIALIZATION'
  | 'CAPTURE'
  | 'OBJECT_LOST'
  | 'OBJECT_STORE_FULL'
  | 'OUT_OF_DISK'
  | 'INVALID_OPTION'
  | 'INVALID_ARGUMENT'
  | 'INVALID_CALL'
  | 'INTERNAL';

/** The root of every error that rayx itself makes. `name` is always the class's own name. */
export abstract class RayError extends Error {
  abstract readonly code: RayErrorCode;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    Object.defineProperty(this, 'name', {
      value: new.target.name,
      configurable: true,
      writable: true,
    });
  }

  /** A `TaskError` counts too, though its prototype leads to the class the user threw. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isInstance(this, value);
  }
}

/**
 * A task or method threw, or could not run because something it needed had failed. An instance of
 * `TaskError` and of the class that was thrown, whose own fields it carries as well.
 *
 * @example
 * const error = await get(divide.remote(1, 0)).catch((e) => e);
 * error instanceof TaskError; // true
 * error instanceof RangeError; // true, when divide threw one
 * error.cause; // the RangeError itself
 */
export class TaskError extends RayError {
  readonly code = 'TASK_FAILED';
  /** Name of the failed call whose result this task needed; then it never ran. */
  declare readonly dependency?: string;

  constructor(
    /** Name of the task that failed: `divide`, or `Counter.increment`. */
    readonly task: string,
    /** What was thrown, Error or not; for a task that never ran, the error of `dependency`. */
    cause: unknown,
    dependency?: string,
  ) {
    const why = describeThrown(rootOf(cause));
    super(
      dependency === undefined
        ? `${task} failed: ${why}`
        : `${task} did not run, because ${dependency} failed: ${why}`,
      { cause },
    );
    if (dependency !== undefined) this.dependency = dependency;
    Object.setPrototypeOf(this, taskPrototype(cause));
    copyFields(cause, this);
  }
}

brandTaskError(TaskError.prototype);

// Outside the classes: one that names itself within would have another name in the built package.
const taskPrototype = (cause: unknown): object => taskPrototypeFor(cause, TaskError.prototype);

function isInstance(of: object, value: unknown): boolean {
  if (of === TaskError) return isBrandedTaskError(value);
  return (of === RayError && isBrandedTaskError(value)) || isOrdinaryInstance(of, value);
}

/** The task was cancelled, by `cancel`, its signal, or with the call that made it. */
export class TaskCancelledError extends RayError {
  readonly code = 'TASK_CANCELLED';
  constructor(
    readonly taskName: string,
    /** One clause: `cancel() was called`, `its signal was aborted`. */
    readonly reason: string,
  ) {
    super(`the task ${taskName} was cancelled: ${reason}`);
  }
}

/** The task ran longer than its `timeout`. */
export class TaskTimeoutError extends RayError {
  readonly code = 'TASK_TIMEOUT';
  constructor(
    readonly taskName: string,
    /** Milliseconds that it was given. */
    readonly timeout: number,
  ) {
    super(
      `the task ${taskName} ran longer than its timeout of ${timeout} ms; ` +
        'give it a longer one, or let it end when getRuntimeContext().signal is aborted',
    );
  }
}

/** Calls wait for each other in a circle, so that none of them could ever go on. */
export class DeadlockError extends RayError {
  readonly code = 'DEADLOCK';
  constructor(
    /** The call that closed the circle, and fails for it. */
    readonly taskName: string,
    /** Everyone in the circle, each waiting for the next and the last for the first. */
    readonly circle: readonly string[],
  ) {
    super(
      `the call ${taskName} would wait for ever: ${[...circle, circle[0] ?? taskName].join(' → ')}; ` +
        'let one of them answer without waiting, or raise maxConcurrency or the resources',
    );
  }
}

/** What becomes of calls whose actor cannot take them. */
export abstract class ActorError extends RayError {
  constructor(
    message: string,
    /** The actor's class. */
    readonly actorName: string,
    readonly actorId: string,
    /** One clause: `its constructor threw`, `its worker ended`. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`the actor ${actorName} (${shortId(actorId)}) ${message}: ${reason}`, options);
  }
}

/** The actor is gone for ever, or its constructor threw: `cause` says which. */
export class ActorDiedError extends ActorError {
  readonly code = 'ACTOR_DIED';
  constructor(actorName: string, actorId: string, reason: string, options?: ErrorOptions) {
    super('is dead', actorName, actorId, reason, options);
  }
}

/** The actor is being restarted. The call may have run, or not: it may be made again. */
export class ActorUnavailableError extends ActorError {
  readonly code = 'ACTOR_UNAVAILABLE';
  constructor(actorName: string, actorId: string, reason: string, options?: ErrorOptions) {
    const advice = `${reason}; make the call again, or give it maxTaskRetries`;
    super('is being restarted', actorName, actorId, advice, options);
  }
}

/** No living actor has the name. */
export class ActorNotFoundError extends RayError {
  readonly code = 'ACTOR_NOT_FOUND';
  constructor(
    readonly actorName: string,
    readonly namespace: string,
  ) {
    super(
      `there is no actor named ${actorName} in the namespace ${namespace}: ` +
        'it was never made, has died, or lives in another namespace',
    );
  }
}

/** Another living actor has the name; with `getIfExists`, one of another class. */
export class ActorAlreadyExistsError extends RayError {
  readonly code = 'ACTOR_ALREADY_EXISTS';
  constructor(
    readonly actorName: string,
    readonly namespace: string,
    /** With `getIfExists`: the class of the one that lives, and the one that was wanted. */
    classes?: { readonly found: string; readonly wanted: string },
  ) {
    const advice = classes
      ? `, and it is a ${classes.found}, not a ${classes.wanted}: choose another name, or get it by getActor()`
      : ': get it by getActor(), pass getIfExists, or choose another name';
    super(`there is an actor named ${actorName} in the namespace ${namespace} already${advice}`);
  }
}

/** The caller has as many calls pending at the actor as its `maxPendingCalls` allows. */
export class PendingCallsLimitExceededError extends RayError {
  readonly code = 'PENDING_CALLS_LIMIT_EXCEEDED';
  constructor(
    readonly actorName: string,
    /** The `maxPendingCalls` of the actor. */
    readonly limit: number,
  ) {
    super(
      `${actorName} has ${limit} calls of this caller pending, its maxPendingCalls: ` +
        'wait for some of them first',
    );
  }
}

/** The worker thread that ran the task ended, and the task may not run again. */
export class WorkerCrashedError extends RayError {
  readonly code = 'WORKER_CRASHED';
  constructor(
    readonly taskName: string,
    /** What ended the thread: `square called process.exit(1)`. */
    readonly reason: string,
    /** The last lines the thread printed. */
    readonly lastLines: readonly string[] = [],
    /** How often the task ran, retries included. */
    readonly attempts = 1,
    options?: ErrorOptions,
  ) {
    const tail = lastLines.length > 0 ? `\nlast output:\n  ${lastLines.join('\n  ')}` : '';
    const times = attempts > 1 ? ` (it ran ${attempts} times)` : '';
    super(`the task ${taskName} was lost with its worker${times}: ${reason}${tail}`, options);
  }
}

/** The worker thread that ran the task reached its heap limit. */
export class OutOfMemoryError extends RayError {
  readonly code = 'OUT_OF_MEMORY';
  constructor(
    readonly taskName: string,
    readonly reason: string,
    readonly lastLines: readonly string[] = [],
    options?: ErrorOptions,
  ) {
    const advice = 'raise init({ workerHeapMb }), or keep large binary data in put()';
    super(`the task ${taskName} ran out of memory: ${reason}; ${advice}`, options);
  }
}

/** `get` waited its `timeout`; the task goes on and a later `get` can still answer. */
export class GetTimeoutError extends RayError {
  readonly code = 'GET_TIMEOUT';
  constructor(
    /** Milliseconds waited. */
    readonly timeout: number,
    /** Refs asked for that had no value yet. */
    readonly pending: readonly string[],
    message = `get() waited ${timeout} ms and ${pending.length} of its refs ` +
      `(${pending.slice(0, 3).map(shortId).join(', ')}${pending.length > 3 ? ', …' : ''}) ` +
      'had no value; the tasks go on, so ask again or raise the timeout',
  ) {
    super(message);
  }
}

/** The runtime was shut down; refs and handles of before are void. */
export class ShutdownError extends RayError {
  readonly code = 'SHUTDOWN';
  constructor(what = 'the runtime') {
    super(`${what} was shut down; call init() and make new refs and handles`);
  }
}

/** The runtime cannot go on, for a reason that lies outside it: its worker threads fail to start. */
export class RuntimeFailedError extends RayError {
  readonly code = 'RUNTIME_FAILED';
  constructor(
    /** One clause: `worker threads fail to start: its thread reached its heap limit of 2 MB`. */
    readonly reason: string,
  ) {
    super(`the runtime failed: ${reason}; mend that, then call shutdown() and init() again`);
  }
}

/** A value that cannot travel to another thread. */
export class SerializationError extends RayError {
  readonly code = 'SERIALIZATION';
  constructor(
    /** Where in the value: `args[1].config.socket`. */
    readonly path: string,
    /** Why, and the way out: `a Socket cannot be sent; open it inside the function`. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`${path}: ${reason}`, options);
  }
}

/** A function or class that cannot travel, because of something it uses. */
export class CaptureError extends RayError {
  readonly code = 'CAPTURE';
  constructor(
    /** From the function to the culprit: `work → db → socket`. */
    readonly path: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`${path}: ${reason}`, options);
  }
}

/** The object's value is no longer anywhere. */
export class ObjectLostError extends RayError {
  readonly code = 'OBJECT_LOST';
  constructor(
    readonly objectId: string,
    readonly reason: string,
  ) {
    super(`the object ${shortId(objectId)} is lost: ${reason}`);
  }
}

/** The object store has no room for a value: what is in it is larger, or somebody sees it now. */
export class ObjectStoreFullError extends RayError {
  readonly code = 'OBJECT_STORE_FULL';
  constructor(
    /** Bytes that were wanted. */
    readonly size: number,
    /** Bytes of the store: `objectStoreMemory` of `init`. */
    readonly capacity: number,
  ) {
    const limit = `objectStoreMemory, ${capacity} bytes`;
    super(
      size > capacity
        ? `${size} bytes are more than the whole object store holds (${limit}): ` +
            'send the value in parts, or raise init({ objectStoreMemory })'
        : `the object store has no room for ${size} bytes (${limit}): what is in it is in use; ` +
            'drop views that you have read, send less at once, or raise init({ objectStoreMemory })',
    );
  }
}

/** Values of the object store cannot be written to disk, which has to make room for others. */
export class OutOfDiskError extends RayError {
  readonly code = 'OUT_OF_DISK';
  constructor(
    /** What the system said: `ENOSPC: no space left on device, write`. */
    readonly reason: string,
  ) {
    super(
      `the object store is full, and values cannot be written to disk: ${reason}; make room ` +
        'there, set TMPDIR to another disk, or raise init({ objectStoreMemory })',
    );
  }
}

/** `getSync` in inline mode would have to wait for a call that only goes on when the thread is free. */
export class InlineBlockingError extends RayError {
  readonly code = 'INLINE_BLOCKING';
  constructor(
    /** The call that has not ended. */
    readonly taskName: string,
  ) {
    super(
      `getSync() cannot wait for ${taskName} in inline mode: it goes on only when this thread is ` +
        "free; use await get(), or init({ mode: 'threads' })",
    );
  }
}

/** A queue had no room for a value, within the time given. */
export class QueueFullError extends RayError {
  readonly code = 'QUEUE_FULL';
  constructor(
    /** The `maxSize` of the queue. */
    readonly maxSize: number,
    count = 1,
  ) {
    super(
      count === 1
        ? `the queue is full: it holds ${maxSize} values; take some first, or wait longer`
        : `the queue has no room for ${count} values: it holds at most ${maxSize}; ` +
            'take some first, or put fewer',
    );
  }
}

/** A queue had no value to give, within the time given. */
export class QueueEmptyError extends RayError {
  readonly code = 'QUEUE_EMPTY';
  constructor(count = 1) {
    super(
      count === 1
        ? 'the queue is empty; put a value first, or wait longer'
        : `the queue holds fewer than ${count} values; put more first, or take fewer`,
    );
  }
}

/** An option that is unknown or of the wrong type or range. */
export class InvalidOptionError extends RayError {
  readonly code = 'INVALID_OPTION';
}

/** An argument of one of rayx's own functions that cannot be used. */
export class InvalidArgumentError extends RayError {
  readonly code = 'INVALID_ARGUMENT';
}

/** rayx used in a way that can never work: a direct call of a remote function, a second `init`. */
export class InvalidCallError extends RayError {
  readonly code = 'INVALID_CALL';
}

/** A bug in rayx. The story of what happened is in the message; please report it. */
export class InternalError extends RayError {
  readonly code = 'INTERNAL';
}
