import { descriptorOf, type Descriptor } from './descriptor';
import type { Properties, Property, Slot } from './nodes';
import type { NodeWriter } from './writer';
import type { Trail } from './trail';

/** Own properties as data; getters are copied as functions, never run. */
export function describeProperties(
  thing: object,
  tx: NodeWriter,
  trail: Trail,
  wanted: (key: string | symbol) => boolean = () => true,
): Properties {
  const keys: string[] = [];
  const values: Slot[] = [];
  const others: Property[] = [];
  for (const key of Reflect.ownKeys(thing)) {
    if (!wanted(key)) continue;
    const descriptor = descriptorOf(thing, key);
    if (descriptor === undefined) continue;
    if (typeof key === 'string' && isOrdinaryProperty(descriptor)) {
      keys.push(key);
      values.push(tx.slot(descriptor.value, trail, key));
    } else {
      others.push(describeProperty(key, descriptor, tx, trail));
    }
  }
  const integrity = integrityOf(thing);
  return {
    keys,
    values,
    ...(others.length > 0 && { others }),
    ...(integrity && { integrity }),
  };
}

export const isEmpty = ({ keys, others, integrity }: Properties): boolean =>
  keys.length === 0 && others === undefined && integrity === undefined;

function isOrdinaryProperty(descriptor: Descriptor): boolean {
  const { writable, enumerable, configurable } = descriptor;
  return writable === true && enumerable === true && configurable === true;
}

function describeProperty(
  key: string | symbol,
  descriptor: Descriptor,
  tx: NodeWriter,
  trail: Trail,
): Property {
  const step = String(key);
  const flags = {
    key: tx.slot(key, trail, step),
    enumerable: descriptor.enumerable === true,
    configurable: descriptor.configurable === true,
  };
  if ('value' in descriptor) {
    const value = tx.slot(descriptor.value, trail, step);
    return { ...flags, value, writable: descriptor.writable === true };
  }
  return {
    ...flags,
    get: tx.slot(descriptor.get, trail, step),
    set: tx.slot(descriptor.set, trail, step),
  };
}

function integrityOf(thing: object): Properties['integrity'] {
  if (Object.isExtensible(thing)) return undefined;
  if (Object.isFrozen(thing)) return 'frozen';
  return Object.isSealed(thing) ? 'sealed' : 'closed';
}
