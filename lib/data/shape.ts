import { types } from 'node:util';
import type { Primitive } from '../protocol/payload';

/*
 * What sort of object a value is, by shape and not by identity: an object of another realm (a vm
 * context, as test runners use them) has another `Object.prototype`.
 */

const { getPrototypeOf, hasOwn } = Object;

/** What travels as itself. */
export const isPrimitive = (value: unknown): value is Primitive =>
  value === null ||
  (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol');

/** `{}` and what is written like it, of any realm; not a Proxy of one. */
export function isOrdinary(value: object): boolean {
  const prototype: unknown = getPrototypeOf(value);
  if (prototype === Object.prototype) return true;
  return (
    typeof prototype === 'object' &&
    prototype !== null &&
    getPrototypeOf(prototype) === null &&
    hasOwn(prototype, 'isPrototypeOf') &&
    hasOwn(prototype, '__lookupGetter__')
  );
}

/** An object without prototype, as used for dictionaries. */
export const isBare = (value: object): boolean => getPrototypeOf(value) === null;

/** An array that is no subclass: only `Array.prototype` itself is an array among prototypes. */
export function isOrdinaryArray(value: object): value is unknown[] {
  return Array.isArray(value) && Array.isArray(getPrototypeOf(value));
}

/** Whether the object's class is exactly the built-in of that name, in any realm. */
function isExactly(value: object, builtIn: { readonly name: string; readonly prototype: unknown }) {
  const prototype: unknown = getPrototypeOf(value);
  if (prototype === builtIn.prototype) return true;
  if (typeof prototype !== 'object' || prototype === null || !hasOwn(prototype, 'constructor')) {
    return false;
  }
  const parent: unknown = getPrototypeOf(prototype);
  return className(value) === builtIn.name && isRootPrototype(parent);
}

const isRootPrototype = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && getPrototypeOf(value) === null;

export const isOrdinaryMap = (value: object): value is Map<unknown, unknown> =>
  types.isMap(value) && isExactly(value, Map);

export const isOrdinarySet = (value: object): value is Set<unknown> =>
  types.isSet(value) && isExactly(value, Set);

/** Objects without parts, which V8 writes as they are. */
export function isAtom(value: object): boolean {
  if (types.isDate(value)) return isExactly(value, Date);
  if (types.isRegExp(value)) return isExactly(value, RegExp);
  if (types.isNumberObject(value)) return isExactly(value, Number);
  if (types.isStringObject(value)) return isExactly(value, String);
  if (types.isBooleanObject(value)) return isExactly(value, Boolean);
  return types.isBigIntObject(value) && isExactly(value, BigInt);
}

/** The name of the object's class; `Object` when it has none. */
export function className(value: object): string {
  try {
    const { constructor } = value;
    if (typeof constructor === 'function' && constructor.name !== '') return constructor.name;
  } catch {
    // A getter or a Proxy may object; a name is not worth an error.
  }
  return 'Object';
}

const SAMPLES = 64;

/**
 * Mostly holes, judged by samples: an array of length 2³² with three elements must not be walked
 * index by index.
 */
export function isSparse(array: readonly unknown[]): boolean {
  const stride = Math.max(1, Math.floor(array.length / SAMPLES));
  let holes = 0;
  for (let index = 0; index < array.length; index += stride) if (!(index in array)) holes += 1;
  return holes > SAMPLES / 2;
}

/** The keys of an array where its indices do not do: holes for the most part, or named properties. */
export function arrayKeys(array: readonly unknown[]): readonly (string | number)[] | undefined {
  if (!isSparse(array) && !hasNames(array)) return undefined;
  return Object.keys(array).map((key) => (isIndex(key) ? Number(key) : key));
}

const isIndex = (key: string): boolean => String(Number(key) >>> 0) === key;

/** As the result of a RegExp match has them. Names stand behind the indices. */
function hasNames(array: readonly unknown[]): boolean {
  const last = Object.keys(array).at(-1);
  return last !== undefined && !isIndex(last);
}
