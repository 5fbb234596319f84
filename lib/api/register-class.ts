import { InvalidArgumentError } from '../base/errors';
import { addClass, type ClassCodec } from '../client/classes';

/**
 * Registers how instances of a class travel. Needed only for classes with `#private` fields or
 * native bases, or for an encoding of your own: plain classes travel by themselves.
 *
 * @example
 * registerClass(Money, {
 *   name: 'Money',
 *   encode: (money) => money.cents,
 *   decode: (cents) => new Money(cents),
 * });
 *
 * @throws InvalidArgumentError for a wrong argument, or a name another class has
 */
export function registerClass<T extends object, D>(
  type: abstract new (...args: never[]) => T,
  codec: ClassCodec<T, D>,
): void {
  if (typeof type !== 'function' || typeof type.prototype !== 'object') {
    throw new InvalidArgumentError('registerClass() takes a class as its first argument');
  }
  const { name, encode, decode } = codec ?? {};
  if (typeof name !== 'string' || name === '') {
    throw new InvalidArgumentError(`registerClass(${type.name}) needs a name, a non-empty string`);
  }
  if (typeof encode !== 'function' || typeof decode !== 'function') {
    throw new InvalidArgumentError(`registerClass(${name}) needs the functions encode and decode`);
  }
  addClass(type, { name, encode, decode });
}
