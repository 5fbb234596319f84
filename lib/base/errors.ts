import { inspect } from 'node:util';
import { shortId } from './ids';

/** A stable word for each kind of error, for `switch` and for logs. */
export type RayErrorCode =
  | 'TASK_FAILED'
  | 'ACTOR_DIED'
  | 'WORKER_CRASHED'
  | 'OUT_OF_MEMORY'
  | 'GET_TIMEOUT'
  | 'SHUTDOWN'
  | 'SERIALIZATION'
  | 'CAPTURE'
  | 'OBJECT_LOST'
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
    return (this === RayError && isTaskError(value)) || isOrdinaryInstance(this, value);
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
    Object.setPrototypeOf(this, taskPrototypeFor(cause));
    copyFields(cause, this);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === TaskError ? isTaskError(value) : isOrdinaryInstance(this, value);
  }
}

/** The actor is gone for ever, or its constructor threw: `cause` says which. */
export class ActorDiedError extends RayError {
  readonly code = 'ACTOR_DIED';
  constructor(
    /** The actor's class. */
    readonly actorName: string,
    readonly actorId: string,
    /** One clause: `its constructor threw`, `its worker ended`. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`the actor ${actorName} (${shortId(actorId)}) is dead: ${reason}`, options);
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
    options?: ErrorOptions,
  ) {
    const tail = lastLines.length > 0 ? `\nlast output:\n  ${lastLines.join('\n  ')}` : '';
    super(`the task ${taskName} was lost with its worker: ${reason}${tail}`, options);
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
  ) {
    super(
      `get() waited ${timeout} ms and ${pending.length} of its refs ` +
        `(${pending.slice(0, 3).map(shortId).join(', ')}${pending.length > 3 ? ', …' : ''}) ` +
        'had no value; the tasks go on, so ask again or raise the timeout',
    );
  }
}

/** The runtime was shut down; refs and handles of before are void. */
export class ShutdownError extends RayError {
  readonly code = 'SHUTDOWN';
  constructor(what = 'the runtime') {
    super(`${what} was shut down; call init() and make new refs and handles`);
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

/** On every prototype of task errors: their chain leads to the thrown class, not to `TaskError`. */
const taskErrorBrand = Symbol.for('rayx.taskError');
Object.defineProperty(TaskError.prototype, taskErrorBrand, { value: true });

function isTaskError(value: unknown): boolean {
  return typeof value === 'object' && value !== null && taskErrorBrand in value;
}

function isOrdinaryInstance(type: unknown, value: unknown): boolean {
  return Function.prototype[Symbol.hasInstance].call(type as () => void, value);
}

/** One prototype per thrown class, between the class's own and the error. */
const taskPrototypes = new WeakMap<object, object>();

function taskPrototypeFor(cause: unknown): object {
  if (!(cause instanceof Error)) return TaskError.prototype;
  const thrown = Object.getPrototypeOf(cause) as object;
  if (taskErrorBrand in thrown) return thrown;
  if (thrown === Error.prototype) return TaskError.prototype;
  let prototype = taskPrototypes.get(thrown);
  if (!prototype) {
    prototype = Object.create(thrown, {
      constructor: { value: TaskError, configurable: true, writable: true },
      [taskErrorBrand]: { value: true },
    }) as object;
    taskPrototypes.set(thrown, prototype);
  }
  return prototype;
}

/** Fields every error has for itself; the user's are read on `cause`. */
const ownFields = new Set<PropertyKey>([
  'name',
  'message',
  'stack',
  'cause',
  'code',
  'task',
  'dependency',
]);

function copyFields(from: unknown, to: object): void {
  if (!(from instanceof Error)) return;
  for (const key of Reflect.ownKeys(from)) {
    const field = Object.getOwnPropertyDescriptor(from, key);
    if (field && !ownFields.has(key)) Object.defineProperty(to, key, field);
  }
}

/** What was thrown in the first place, at the end of a chain of task errors. */
function rootOf(cause: unknown): unknown {
  let root = cause;
  while (isTaskError(root)) root = (root as TaskError).cause;
  return root;
}

/** One line for people: `boom`, `RangeError: boom`, or the printed value for what is no Error. */
function describeThrown(thrown: unknown): string {
  if (thrown instanceof Error) {
    return thrown.name === 'Error' ? thrown.message : `${thrown.name}: ${thrown.message}`;
  }
  return inspect(thrown, { depth: 1, breakLength: Infinity });
}
