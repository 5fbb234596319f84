import { inspect } from 'node:util';
import { InvalidArgumentError, InvalidCallError, InvalidOptionError } from '../base/errors';
import { shortId, type ActorId } from '../base/ids';
import { checkGroup } from '../base/options/groups';
import { validateOptions } from '../base/options/validate';
import { withoutUndefined, type MethodOptions } from '../base/options/remote';
import { suggest } from '../base/options/suggest';
import { brand, brandOf } from './brand';
import type { MethodShape } from './definition';
import type { StoredObject } from './objects';
import type { ActorShape } from './shapes';
import type { StreamRef } from './streams';

/** What stands behind a handle. */
export interface ActorState {
  readonly actor: ActorId;
  readonly shape: ActorShape;
  /** The object that settles when the constructor is done. */
  readonly creation: StoredObject;
  readonly host: HandleHost;
}

export interface MethodCallRequest {
  readonly state: ActorState;
  readonly method: MethodShape;
  readonly args: readonly unknown[];
  /** Those of the call over those that the class gives the method. */
  readonly options: MethodOptions;
}

/** What a handle asks of the client it belongs to. */
export interface HandleHost {
  /** Its runtime has ended. */
  readonly closed: boolean;
  /** Answers with a ref; with several of them, or with nothing, where `numReturns` says so. */
  callMethod(request: MethodCallRequest, below: (...args: never[]) => unknown): unknown;
  /** The same for a method that is a generator. */
  streamMethod(
    request: MethodCallRequest,
    below: (...args: never[]) => unknown,
  ): StreamRef<unknown>;
  /** Ends the actor; with `restart` as by a crash. */
  killActor(state: ActorState, restart: boolean): void;
  /** Called once when a handle is made, so that the client learns when it is collected. */
  trackHandle(holder: object, object: StoredObject): void;
}

const stateKey = Symbol('rayx.actor');
const methodKey = Symbol('rayx.method');
const methodsKey = Symbol('rayx.methods');

interface HandleObject {
  readonly [stateKey]: ActorState;
  /** Its methods that were looked at, in their places among those of its class. */
  readonly [methodsKey]: (object | undefined)[];
}

/** The method of a handle, taken from it: `handle.method`. */
export interface HandleMethod {
  readonly handle: object;
  readonly name: string;
  readonly options: MethodOptions;
}

interface MethodObject {
  [methodKey]?: HandleMethod;
}

/** What all handles have beside the user's methods: nothing with a name. */
const handleBase = Object.create(null, {
  [Symbol.toPrimitive]: {
    value(this: HandleObject) {
      return print(this);
    },
  },
  [inspect.custom]: {
    value(this: HandleObject) {
      return print(this);
    },
  },
}) as object;
brand(handleBase, 'actor handle');

/** Names that languages and libraries look up on any object to learn what it is. */
const probed = new Set(['then', 'toJSON', 'constructor', 'inspect', 'asymmetricMatch', 'nodeType']);

/** Prototypes of handles by the text of their shape: handles of one class share one. */
const prototypes = new Map<string, object>();
const prototypesByShape = new WeakMap<ActorShape, object>();

/** Makes the handle of an actor. */
export function createHandle(state: ActorState): object {
  const handle = Object.create(prototypeOf(state.shape), {
    [stateKey]: { value: state },
    [methodsKey]: { value: [] },
  }) as object;
  state.host.trackHandle(handle, state.creation);
  return handle;
}

/** @throws InvalidArgumentError when another copy of rayx made it */
export const isHandle = (value: unknown): value is object => brandOf(value) === 'actor handle';

/**
 * What stands behind a handle.
 *
 * @throws InvalidArgumentError for anything else
 */
export function openHandle(handle: object): ActorState {
  const state = (handle as Partial<HandleObject>)[stateKey];
  if (!state) throw new InvalidArgumentError(`${inspect(handle)} is no actor handle`);
  return state;
}

/** Ordinary objects, and so a method called `then`, are never asked about. */
export const isMethod = (value: unknown): value is object =>
  typeof value === 'function' && Object.hasOwn(value, methodKey);

/** Whose method it is, and with which options. */
export function openMethod(method: object): HandleMethod {
  const parts = (method as MethodObject)[methodKey];
  if (!parts) throw new InvalidArgumentError(`${inspect(method)} is no method of an actor handle`);
  return parts;
}

/** The method of that name, with options of its own. */
export function methodOf({ handle, name, options }: HandleMethod): object {
  const { shape } = openHandle(handle);
  const method = shape.methods.find(([known]) => known === name);
  if (method === undefined) throw noSuchMethod(shape, name);
  return remoteMethod(handle as HandleObject, method, options);
}

function prototypeOf(shape: ActorShape): object {
  let prototype = prototypesByShape.get(shape);
  if (prototype === undefined) prototypesByShape.set(shape, (prototype = sharedPrototype(shape)));
  return prototype;
}

function sharedPrototype(shape: ActorShape): object {
  const key = JSON.stringify(shape);
  let prototype = prototypes.get(key);
  if (!prototype) {
    prototype = Object.create(missingMethods(shape)) as object;
    for (const [at, method] of shape.methods.entries()) defineMethod(prototype, shape, method, at);
    prototypes.set(key, prototype);
  }
  return prototype;
}

function defineMethod(prototype: object, shape: ActorShape, method: MethodShape, at: number): void {
  const { defaults = {} } = shape;
  const [name] = method;
  const options = Object.hasOwn(defaults, name) ? (defaults[name] ?? {}) : {};
  Object.defineProperty(prototype, name, {
    enumerable: true,
    get(this: HandleObject) {
      return (this[methodsKey][at] ??= remoteMethod(this, method, options));
    },
  });
}

function remoteMethod(handle: HandleObject, method: MethodShape, options: MethodOptions): object {
  const [name, , generator] = method;
  const { shape } = handle[stateKey];
  const where = `${shape.name}.${name}`;
  // An object with a callable `then` would be taken for a promise.
  const target = (name === 'then' ? {} : directCall(where)) as MethodObject;
  target[methodKey] = { handle, name, options };
  return Object.assign(target, {
    remote: function remote(...args: unknown[]) {
      // Taken from the handle only here: a method that is kept keeps its actor.
      const state = handle[stateKey];
      const request = { state, method, args, options };
      return generator && options.numReturns === undefined
        ? state.host.streamMethod(request, remote)
        : state.host.callMethod(request, remote);
    },
    options(given: MethodOptions) {
      validateOptions('method', given, `${where}.options()`);
      checkPerCall(given, where);
      const { concurrencyGroup: group } = given;
      if (group !== undefined) checkGroup(group, shape.groups ?? [], `${where}.options()`);
      return remoteMethod(handle, method, { ...options, ...withoutUndefined(given) });
    },
  });
}

/** What is asked on the thread of the instance goes there with its class. */
function checkPerCall({ retryExceptions }: MethodOptions, where: string): void {
  if (retryExceptions === undefined) return;
  const [name, method] = where.split('.');
  throw new InvalidOptionError(
    `${where}.options(): retryExceptions cannot be sent with a single call: give it to the class, ` +
      `as in remote(${name}, { methods: { ${method}: { retryExceptions } } })`,
  );
}

function directCall(where: string): () => never {
  return () => {
    throw new InvalidCallError(
      `${where} runs in its actor and cannot be called directly: use .remote(), as in ` +
        `handle.${where.split('.').pop()}.remote()`,
    );
  };
}

/** Below a handle's methods: answers for every name the class does not have. */
function missingMethods(shape: ActorShape): object {
  return new Proxy(handleBase, {
    get(target, key, receiver) {
      if (typeof key === 'symbol') return Reflect.get(target, key, receiver) as unknown;
      if (probed.has(key) || key.startsWith('@@') || key.startsWith('$$')) return undefined;
      const refuse = (): never => {
        throw noSuchMethod(shape, key);
      };
      return Object.assign(() => refuse(), { remote: refuse, options: refuse });
    },
  });
}

function noSuchMethod({ name, methods }: ActorShape, wanted: string): InvalidCallError {
  const names = methods.map(([method]) => method);
  const meant = suggest(wanted, names);
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
  const list = names.length === 0 ? 'none' : names.join(', ');
  return new InvalidCallError(
    `the class ${name} has no method ${wanted}.${hint} Its methods: ${list}.`,
  );
}

function print(handle: HandleObject): string {
  const { shape, actor } = handle[stateKey];
  return `ActorHandle(${shape.name}, ${shortId(actor)}…)`;
}
