import { inspect } from 'node:util';
import type { InteropObservable } from 'rxjs';
import { InvalidArgumentError } from '../base/errors';
import { shortId, type ObjectId } from '../base/ids';
import { brand, brandOf } from './brand';
import type { StoredObject } from './objects';

declare const value: unique symbol;

/** What a ref asks of the client it belongs to. */
export interface RefHost {
  /** The ref's future as a stream that gives its value once; an rxjs Observable. */
  observe(ref: ObjectRef<unknown>): object;
  /** Called once when a ref is made, so that the client learns when it is collected. */
  track(holder: object, object: StoredObject): void;
  /** To be called where the value of a ref was read without a turn of the event loop. */
  watch(ref: ObjectRef<unknown>): void;
  /** Forgets the values of these; of a runtime that has ended there are none. */
  free(objects: readonly StoredObject[]): void;
}

interface Insides {
  readonly object: StoredObject;
  readonly host: RefHost;
}

let insidesOf: (ref: ObjectRef<unknown>) => Insides;
let isOwn: (candidate: unknown) => candidate is ObjectRef<unknown>;

/**
 * A future: the name of a value that another thread may still be computing. Give it to `get` for
 * the value, or pass it on as an argument before the value exists.
 *
 * A ref is not thenable, so that an async function can return one. It is an interop observable, so
 * rxjs takes it wherever it takes an observable: `from([1, 2]).pipe(mergeMap((x) => f.remote(x)))`.
 *
 * @example
 * const ref = remote(square).remote(3);
 * String(ref); // 'ObjectRef(45b95b1c…)'
 * await get(ref); // 9
 */
export class ObjectRef<out T> {
  declare readonly [value]: T;
  /** Refs are observables for rxjs; the method itself is defined below, under every key there is. */
  declare readonly [Symbol.observable]: InteropObservable<T>[typeof Symbol.observable];
  readonly #object: StoredObject;
  readonly #host: RefHost;

  static {
    insidesOf = (ref) => ({ object: ref.#object, host: ref.#host });
    isOwn = (candidate): candidate is ObjectRef<unknown> =>
      typeof candidate === 'object' && candidate !== null && #object in candidate;
  }

  /** Refs are made by `.remote()` and `put()`. */
  constructor(object: StoredObject, host: RefHost) {
    this.#object = object;
    this.#host = host;
    host.track(this, object);
  }

  /** Globally unique. */
  get id(): ObjectId {
    return this.#object.id;
  }

  /**
   * At the end of the scope of a `using ref = …` its value is forgotten, as by `free(ref)`.
   *
   * @example
   * {
   *   using table = put(new Float64Array(1e7));
   *   await get([sum.remote(table), max.remote(table)]);
   * } // the memory is there for the next value
   */
  [Symbol.dispose](): void {
    this.#host.free([this.#object]);
  }

  toString(): string {
    return `ObjectRef(${shortId(this.id)}…)`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
brand(ObjectRef.prototype, 'ObjectRef');
offerObservable('@@observable');
offerObservable();

/**
 * Makes refs observables for the rxjs that looks under `key`: `Symbol.observable` where somebody
 * has defined it before that rxjs was loaded, else `'@@observable'`.
 */
export function offerObservable(
  key: PropertyKey | undefined = (Symbol as { observable?: symbol }).observable,
): void {
  if (key === undefined || Object.hasOwn(ObjectRef.prototype, key)) return;
  Object.defineProperty(ObjectRef.prototype, key, {
    value(this: ObjectRef<unknown>) {
      return insidesOf(this).host.observe(this);
    },
    configurable: true,
    writable: true,
  });
}

/** @throws InvalidArgumentError when another copy of rayx made it */
export const isRef = (candidate: unknown): candidate is ObjectRef<unknown> =>
  // Lists of them are long, and the brand is slower to see.
  isOwn(candidate) || brandOf(candidate) === 'ObjectRef';

/**
 * What stands behind a ref.
 *
 * @throws InvalidArgumentError for anything that only looks like one
 */
export function openRef(ref: ObjectRef<unknown>): Insides {
  if (!isOwn(ref)) throw new InvalidArgumentError(`${inspect(ref)} is no ObjectRef`);
  return insidesOf(ref);
}
