import { types } from 'node:util';
import {
  isAtom,
  isOrdinary,
  isOrdinaryArray,
  isOrdinaryMap,
  isOrdinarySet,
  isSparse,
} from './shape';

/**
 * How a value travels: `json` and `v8` as it stands, `graph` by way of a copy in which everything
 * that V8 cannot carry has been replaced.
 */
export type Road = 'json' | 'v8' | 'graph';

/**
 * Nesting up to which V8 writes and reads a value by recursion. It gives up near 4,000 levels on a
 * main thread's stack that is otherwise empty; the reader's may not be.
 */
export const MAX_NESTING = 200;

/** Up to here JSON text is cheaper than V8's bytes, both to make and to post. */
const MAX_JSON_VALUES = 64;
const MAX_JSON_CHARACTERS = 2048;

/**
 * Arrays up to this length are looked through for named properties, which costs a list of keys. V8
 * carries those of longer ones too, but an instance of a class there arrives as a plain object.
 */
const MAX_KEYED_ARRAY = 64;

/** Annex B, and twice as fast as a property descriptor. It finds an own data property first. */
const { __lookupGetter__: lookupGetter } = Object.prototype as unknown as {
  __lookupGetter__: (this: object, key: string) => (() => unknown) | undefined;
};

/** One look through a value, no further than needed to choose its road. */
class QuickLook {
  /** Containers looked at: all plain, when the answer was so. */
  readonly seen = new Set<object>();
  private values = 0;
  private characters = 0;
  private jsonable = true;

  /** Containers in `plainAlready` are not looked into again. */
  constructor(private readonly plainAlready?: ReadonlySet<object>) {}

  road(value: object): Road {
    if (!this.plain(value, 0)) return 'graph';
    return this.jsonable ? 'json' : 'v8';
  }

  /** Recursion is bounded by MAX_NESTING; the order is V8's own, so its depth is the same. */
  private plain(value: unknown, depth: number): boolean {
    this.values += 1;
    if (this.values > MAX_JSON_VALUES) this.jsonable = false;
    switch (typeof value) {
      case 'object':
        return value === null || this.plainObject(value, depth);
      case 'string':
        this.characters += value.length;
        if (this.characters > MAX_JSON_CHARACTERS) this.jsonable = false;
        return true;
      case 'number':
        if (!Number.isFinite(value) || Object.is(value, -0)) this.jsonable = false;
        return true;
      case 'boolean':
        return true;
      case 'undefined':
      case 'bigint':
        this.jsonable = false;
        return true;
      default:
        return false;
    }
  }

  private plainObject(value: object, depth: number): boolean {
    if (this.seen.has(value) || this.plainAlready?.has(value)) {
      this.jsonable = false;
      return true;
    }
    if (depth >= MAX_NESTING || types.isProxy(value)) return false;
    this.seen.add(value);
    if (isOrdinaryArray(value)) return this.plainArray(value, depth + 1);
    if (isOrdinary(value)) return this.plainProperties(value, depth + 1);
    this.jsonable = false;
    if (isOrdinaryMap(value)) return this.plainEntries(value, depth + 1);
    if (isOrdinarySet(value)) return this.plainItems(value, depth + 1);
    return isAtom(value);
  }

  private plainArray(array: readonly unknown[], depth: number): boolean {
    const { length } = array;
    if (length <= MAX_KEYED_ARRAY) {
      if (Object.keys(array).length !== length) return false;
    } else if (isSparse(array)) {
      return false;
    }
    for (let index = 0; index < length; index += 1) {
      const item = array[index];
      // Lists of numbers may be very long: once no JSON comes of them, they are all alike.
      if (typeof item === 'number' && !this.jsonable) continue;
      if (!this.plain(item, depth)) return false;
    }
    return true;
  }

  private plainProperties(object: object, depth: number): boolean {
    for (const key in object) {
      if (lookupGetter.call(object, key) !== undefined) return false;
      if (!this.plain((object as Record<string, unknown>)[key], depth)) return false;
    }
    return true;
  }

  private plainEntries(map: ReadonlyMap<unknown, unknown>, depth: number): boolean {
    for (const [key, value] of map) {
      if (!this.plain(key, depth) || !this.plain(value, depth)) return false;
    }
    return true;
  }

  private plainItems(set: ReadonlySet<unknown>, depth: number): boolean {
    for (const item of set) if (!this.plain(item, depth)) return false;
    return true;
  }
}

/** How many levels below the root are looked at for parts that are plain by themselves. */
const PART_LEVELS = 2;

/**
 * The containers of those parts of a value that V8 can carry as they stand, although it cannot carry
 * the whole: ten thousand rows beside one handle need no copy. Found before anything is copied, for
 * an object must not be met once as itself and once as its copy.
 */
export function plainParts(root: object): ReadonlySet<object> {
  const found = new Set<object>();
  let level: unknown[] = [root];
  for (let depth = 0; depth < PART_LEVELS; depth += 1) {
    const mixed: unknown[] = [];
    for (const part of level.flatMap(partsOf)) {
      if (typeof part !== 'object' || part === null || found.has(part)) continue;
      const look = new QuickLook(found);
      if (look.road(part) === 'graph') mixed.push(part);
      else for (const container of look.seen) found.add(container);
    }
    level = mixed;
  }
  return found;
}

/** Elements, or properties that are no getters. */
function partsOf(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return [];
  if (isOrdinaryArray(value)) return isSparse(value) ? [] : value;
  if (!isOrdinary(value)) return [];
  const keys = Object.keys(value).filter((key) => lookupGetter.call(value, key) === undefined);
  return keys.map((key) => (value as Record<string, unknown>)[key]);
}

/** Chooses the road of an object. Never reads a getter, never runs a trap of a Proxy. */
export const chooseRoad = (value: object): Road => new QuickLook().road(value);
