import { isOrdinary, isOrdinaryArray } from '../../data/shape';
import type { Identity } from './identity';

/** From this many objects and items on, plain data goes as one value. */
const bulk = 1000;

/**
 * Finds large plain data, such as a table of rows, that is better written as one value than object
 * by object. Objects inside it have no identity beyond it.
 */
export class BulkData {
  readonly #identity: Identity;
  /** Objects that were looked at and are no bulk, or part of something that is none. */
  readonly #rejected = new WeakSet<object>();

  constructor(identity: Identity) {
    this.#identity = identity;
  }

  has(root: object): boolean {
    if (this.#rejected.has(root)) return false;
    const seen = new Set<object>([root]);
    let plain = true;
    let weight = 0;
    // Broadly first: what is not plain mostly shows near the top.
    for (const thing of seen) {
      plain = isPlain(thing) && this.#addParts(thing, seen, root);
      if (!plain) break;
      weight += Array.isArray(thing) ? thing.length + 1 : 1;
    }
    if (plain && weight >= bulk) return true;
    for (const thing of seen) this.#rejected.add(thing);
    return false;
  }

  /** False when a part is not plain, or is known for itself. */
  #addParts(thing: object, seen: Set<object>, root: object): boolean {
    if (thing !== root && this.#identity.idOf(thing) !== undefined) return false;
    const parts: Iterable<unknown> = Array.isArray(thing) ? thing : Object.values(thing);
    for (const part of parts) {
      if (typeof part === 'object' && part !== null) seen.add(part);
      else if (typeof part === 'function' || typeof part === 'symbol') return false;
    }
    return true;
  }
}

/** An array or object that holds values and nothing else: reading it runs nothing. */
function isPlain(thing: object): boolean {
  if (!Object.isExtensible(thing)) return false;
  if (Array.isArray(thing)) {
    // Its items are values, as good as always; looking at the descriptors of a million is slow.
    const array: unknown[] = thing;
    return isOrdinaryArray(array) && Reflect.ownKeys(array).length === array.length + 1;
  }
  return (
    isOrdinary(thing) &&
    Reflect.ownKeys(thing).every((key) => typeof key === 'string' && isField(thing, key))
  );
}

function isField(thing: object, key: string): boolean {
  const descriptor = Object.getOwnPropertyDescriptor(thing, key);
  return descriptor?.writable === true && descriptor.enumerable === true;
}
