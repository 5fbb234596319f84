import type { Properties, Property, Slot } from '../graph/nodes';

/** Hands over the value of a slot, now or as soon as it exists. */
export type Use = (slot: Slot, use: (value: unknown) => void) => void;

/** Gives an object properties. @param keep those that it has already stay as they are */
export function defineAll(thing: object, properties: Properties, use: Use, keep = false): void {
  const { keys, values, others = [], integrity } = properties;
  keys.forEach((key, at) => {
    if (keep && Object.hasOwn(thing, key)) return;
    use(values[at], (value) => setOrdinary(thing, key, value));
  });
  for (const property of others) defineOne(thing, property, use, keep);
  if (integrity === 'frozen') Object.freeze(thing);
  else if (integrity === 'sealed') Object.seal(thing);
  else if (integrity === 'closed') Object.preventExtensions(thing);
}

/** Not by assignment, which is faster, where a setter further up would take the value. */
function setOrdinary(thing: object, key: string, value: unknown): void {
  if (Object.getPrototypeOf(thing) === Object.prototype && !(key in thing)) {
    (thing as Record<string, unknown>)[key] = value;
    return;
  }
  Object.defineProperty(thing, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

function defineOne(thing: object, property: Property, use: Use, keep: boolean): void {
  const { enumerable, configurable, writable } = property;
  use(property.key, (key) => {
    if (keep && Object.hasOwn(thing, key as PropertyKey)) return;
    const define = (descriptor: PropertyDescriptor): void => {
      Object.defineProperty(thing, key as PropertyKey, { ...descriptor, enumerable, configurable });
    };
    if (writable !== undefined) {
      use(property.value, (value) => define({ value, writable }));
      return;
    }
    use(property.get, (get) => {
      use(property.set, (set) => {
        define({ get: get as () => unknown, set: set as (value: unknown) => void });
      });
    });
  });
}
