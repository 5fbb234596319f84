/** A property's descriptor, its functions as plain values: they are looked at here, never called. */
export interface Descriptor {
  readonly value?: unknown;
  readonly get?: unknown;
  readonly set?: unknown;
  readonly writable?: boolean;
  readonly enumerable?: boolean;
  readonly configurable?: boolean;
}

export const descriptorOf = (thing: object, key: PropertyKey): Descriptor | undefined =>
  Object.getOwnPropertyDescriptor(thing, key);
