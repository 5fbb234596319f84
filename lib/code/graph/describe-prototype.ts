import { descriptorOf } from './descriptor';

/** The function whose `prototype` this is. */
export function classOfPrototype(thing: object): { readonly name: string } | undefined {
  const owner = descriptorOf(thing, 'constructor')?.value;
  if (typeof owner !== 'function' || owner.prototype !== thing) return undefined;
  return owner;
}
