import { inspect } from 'node:util';
import { InvalidArgumentError } from '../base/errors';
import { requireClient } from '../client/current';

/** `Float64Array`, `Uint8Array` and the like. */
export interface TypedArrayClass<A> {
  readonly BYTES_PER_ELEMENT: number;
  readonly prototype: A;
}

const TypedArray = Object.getPrototypeOf(Uint8Array) as { readonly prototype: object };

/**
 * A typed array of `length` zeros in memory that all threads share. Filled, and then put, given to a
 * call or returned, it is not copied: what arrives shows the same memory. So write it first, and leave
 * it alone once it was handed over.
 *
 * @example
 * const pixels = allocate(Uint8ClampedArray, 4 * width * height);
 * draw(pixels);
 * const image = put(pixels); // copies nothing
 *
 * @throws InvalidArgumentError for anything but the class of a typed array and a length
 */
export function allocate<A>(Class: TypedArrayClass<A>, length: number): A {
  if (!isTypedArrayClass(Class)) {
    throw new InvalidArgumentError(
      `allocate() takes the class of a typed array, such as Float64Array, and a length; this is ${nameOf(Class)}`,
    );
  }
  if (!Number.isSafeInteger(length) || length < 0) {
    throw new InvalidArgumentError(
      `allocate() takes a length in elements, an integer of at least 0; this is ${inspect(length)}`,
    );
  }
  const View = Class as unknown as new (memory: SharedArrayBuffer) => A;
  return new View(requireClient().allocate(length * Class.BYTES_PER_ELEMENT));
}

/** Of a class the name alone: some show all that hangs on them. */
const nameOf = (value: unknown): string =>
  typeof value === 'function' ? `[Function: ${value.name}]` : inspect(value, { depth: 0 });

/** One of the platform itself: of a class derived from one an instance could not travel. */
const isTypedArrayClass = (value: unknown): boolean =>
  typeof value === 'function' && Object.getPrototypeOf(value) === TypedArray;
