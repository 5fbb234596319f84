import { inspect } from 'node:util';

/*
 * What makes a TaskError an instance of the class that was thrown as well: a prototype per thrown
 * class, between the class's own and the error, and a brand by which all of them are known.
 */

/** On every prototype of task errors: their chain leads to the thrown class, not to `TaskError`. */
const taskErrorBrand = Symbol.for('rayx.taskError');

/** Marks the prototype of `TaskError` itself. */
export function brandTaskError(prototype: object): void {
  Object.defineProperty(prototype, taskErrorBrand, { value: true });
}

export function isBrandedTaskError(value: unknown): value is { readonly cause: unknown } {
  return typeof value === 'object' && value !== null && taskErrorBrand in value;
}

export function isOrdinaryInstance(type: unknown, value: unknown): boolean {
  return Function.prototype[Symbol.hasInstance].call(type as () => void, value);
}

/** One prototype per thrown class, between the class's own and the error. */
const taskPrototypes = new WeakMap<object, object>();

/**
 * The prototype of a task error with this cause.
 *
 * @param base the prototype of `TaskError`, for what is no error of a class of its own
 */
export function taskPrototypeFor(cause: unknown, base: object): object {
  if (!(cause instanceof Error)) return base;
  const thrown = Object.getPrototypeOf(cause) as object;
  if (taskErrorBrand in thrown) return thrown;
  if (thrown === Error.prototype) return base;
  let prototype = taskPrototypes.get(thrown);
  if (!prototype) {
    prototype = Object.create(thrown, {
      constructor: { value: base.constructor, configurable: true, writable: true },
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

/** Puts the thrown error's own fields on the task error too. */
export function copyFields(from: unknown, to: object): void {
  if (!(from instanceof Error)) return;
  for (const key of Reflect.ownKeys(from)) {
    const field = Object.getOwnPropertyDescriptor(from, key);
    if (field && !ownFields.has(key)) Object.defineProperty(to, key, field);
  }
}

/** What was thrown in the first place, at the end of a chain of task errors. */
export function rootOf(cause: unknown): unknown {
  let root = cause;
  while (isBrandedTaskError(root)) root = root.cause;
  return root;
}

/** One line for people: `boom`, `RangeError: boom`, or the printed value for what is no Error. */
export function describeThrown(thrown: unknown): string {
  if (thrown instanceof Error) {
    return thrown.name === 'Error' ? thrown.message : `${thrown.name}: ${thrown.message}`;
  }
  return inspect(thrown, { depth: 1, breakLength: Infinity });
}
