/** The function whose `prototype` this is. */
export function classOfPrototype(thing: object): { readonly name: string } | undefined {
  const descriptor = Object.getOwnPropertyDescriptor(thing, 'constructor');
  const owner: unknown = descriptor?.value;
  if (typeof owner !== 'function' || owner.prototype !== thing) return undefined;
  return owner;
}
