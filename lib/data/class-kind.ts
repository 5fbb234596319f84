import type { Kind } from './kinds';

/** How instances of a class travel. */
export interface ClassCoding<T extends object, D> {
  /** Unique among all kinds. */
  readonly name: string;
  readonly Class: abstract new (...args: never[]) => T;
  /** The instance as data, which may hold anything that can be sent. */
  encode(instance: T): D;
  decode(data: D): T;
}

/** The kind of the instances of a class, those of derived classes left out: they have more to say. */
export function classKind<T extends object, D>(coding: ClassCoding<T, D>): Kind<T, D> {
  const { name, Class } = coding;
  return {
    id: `class:${name}`,
    test: (value): value is T =>
      typeof value === 'object' &&
      value !== null &&
      Object.getPrototypeOf(value) === Class.prototype,
    encode: (instance) => coding.encode(instance),
    decode: (data) => coding.decode(data),
  };
}
