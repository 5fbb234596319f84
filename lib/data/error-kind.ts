import { types } from 'node:util';
import * as rayErrors from '../base/errors';
import { TaskError } from '../base/errors';
import { type Kind, Lenient } from './kinds';
import { className } from './shape';

/*
 * Errors travel with their class, name, message, stack, cause and own fields. Whatever of that
 * cannot be sent is described instead: an error must never be lost over what hangs on it.
 */

/** What makes an error. */
interface Head {
  /** Name of the class, for a thread that does not know it. */
  readonly className: string;
  /** The class itself, where a kind takes it; undefined for those that every thread has. */
  readonly Class: unknown;
  readonly message: string;
  /** Only DOMExceptions have a name that is part of their making. */
  readonly domName: string | undefined;
}

type Fields = Record<string, unknown>;

type ErrorClass = abstract new (...args: never[]) => Error;

/** Error classes that every thread has, by their names. */
const known = new Map<string, ErrorClass>();
const candidates: readonly unknown[] = [
  Error,
  AggregateError,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  DOMException,
  ...Object.values(rayErrors),
];
for (const candidate of candidates)
  if (isErrorClass(candidate)) known.set(candidate.name, candidate);

function isErrorClass(value: unknown): value is ErrorClass {
  if (typeof value !== 'function') return false;
  return value === Error || (value.prototype as unknown) instanceof Error;
}

const isDomException = (value: unknown): value is DOMException => value instanceof DOMException;

const isError = (value: unknown): value is Error =>
  typeof value === 'object' &&
  value !== null &&
  !types.isProxy(value) &&
  (types.isNativeError(value) || value instanceof Error);

/** @param mapStack turns a stack of another thread into one for people, at reading */
export const errorKind = (mapStack: (stack: string) => string): Kind<Error, Head, Fields> => ({
  id: 'error',
  test: isError,
  encode: (error) => {
    const name = className(error);
    const Class: unknown = readQuietly(error, 'constructor');
    return {
      className: name,
      Class: Class === known.get(name) ? undefined : new Lenient(Class),
      message: textOf(error, 'message'),
      domName: isDomException(error) ? textOf(error, 'name') : undefined,
    };
  },
  decode: makeError,
  content: contentOf,
  fill(error, content) {
    const { stack } = content;
    fillError(error, typeof stack === 'string' ? { ...content, stack: mapStack(stack) } : content);
  },
});

/** Own properties, and getters of the class: those may read `#private` fields, which stay behind. */
function contentOf(error: Error): Fields {
  const content: Fields = {};
  const stack = textOf(error, 'stack');
  if (stack !== '') content.stack = stack;
  for (const key of fieldsOf(error)) {
    if (key === 'stack' || key === 'message') continue;
    content[key] = readLeniently(error, key);
  }
  return content;
}

function fieldsOf(error: Error): Set<string> {
  const keys = new Set(Object.getOwnPropertyNames(error));
  let prototype: unknown = Object.getPrototypeOf(error);
  while (typeof prototype === 'object' && prototype !== null && !isBuiltIn(prototype)) {
    const properties = Object.getOwnPropertyDescriptors(prototype);
    for (const [key, property] of Object.entries(properties)) {
      // A name given on the prototype is as good as an own one.
      const isName = key === 'name' && typeof property.value === 'string';
      if (property.get !== undefined || isName) keys.add(key);
    }
    prototype = Object.getPrototypeOf(prototype) as unknown;
  }
  keys.delete('__proto__');
  return keys;
}

function isBuiltIn(prototype: object): boolean {
  const { constructor } = prototype;
  return prototype === Object.prototype || known.get(constructor.name) === constructor;
}

/** The value of a field, to be described where it cannot be sent; a getter may throw. */
function readLeniently(error: Error, key: string): unknown {
  try {
    const value = (error as unknown as Fields)[key];
    return isPlainText(value) ? value : new Lenient(value);
  } catch (failure) {
    return `[cannot be read: ${String(failure)}]`;
  }
}

const isPlainText = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

function readQuietly(error: Error, key: string): unknown {
  try {
    return (error as unknown as Fields)[key];
  } catch {
    return undefined;
  }
}

function textOf(error: Error, key: string): string {
  const value = readQuietly(error, key);
  return typeof value === 'string' ? value : value === undefined ? '' : safeString(value);
}

/** `String(value)` of anything, even where that throws. */
export function safeString(value: unknown): string {
  try {
    return String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** A genuine Error, so that debuggers and `util.types` know it, under the prototype of its class. */
function makeError({ className: name, Class, message, domName }: Head): Error {
  if (domName !== undefined) return new DOMException(message, domName);
  const error = withoutStack(message);
  const Actual = isErrorClass(Class) ? Class : known.get(name);
  if (Actual) Object.setPrototypeOf(error, Actual.prototype as object);
  else define(error, 'name', name);
  return error;
}

/** The error gets the stack that it had: to take down the reader's own is dear. */
function withoutStack(message: string): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return new Error(message);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Own properties, whatever the class has under that name: a getter there has no fields to read. */
function fillError(error: Error, content: Fields): void {
  for (const key of Object.keys(content)) define(error, key, content[key]);
  if (!(error instanceof TaskError)) return;
  // It is also an instance of the class of its cause, which exists only now.
  const { task, cause } = error;
  Object.setPrototypeOf(error, Object.getPrototypeOf(new TaskError(task, cause)) as object);
}

/** Properties that an Error has without showing them in a listing. */
const HIDDEN = new Set(['name', 'message', 'stack', 'cause', 'errors']);

function define(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, {
    value,
    configurable: true,
    enumerable: !HIDDEN.has(key),
    writable: true,
  });
}
