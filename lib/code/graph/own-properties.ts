import { classOfPrototype } from './describe-prototype';
import { descriptorOf } from './descriptor';
import type { ClassNode } from './nodes';
import { describeProperties, isEmpty } from './properties';
import type { NodeWriter } from './writer';
import type { Trail } from './trail';

type Extras = Pick<ClassNode, 'own' | 'proto' | 'parent' | 'protoParent'>;

/**
 * What a function or class has beyond what its source makes: properties added later, statics,
 * replaced members, parents set by hand. `makes` says which members the source brings.
 */
export function describeExtras(
  fn: object,
  makes: (owner: 'own' | 'proto', key: string | symbol) => boolean,
  tx: NodeWriter,
  trail: Trail,
  inherits = false,
): Extras {
  const prototype = descriptorOf(fn, 'prototype')?.value;
  const isOwner = isObject(prototype) && classOfPrototype(prototype) === fn;
  const replaced = isObject(prototype) && !isOwner && !isGeneratorPrototype(prototype);
  const own = describeProperties(fn, tx, trail, (key) =>
    key === 'prototype' ? replaced : !isStandard(fn, key) && !makes('own', key),
  );
  const proto = isOwner
    ? describeProperties(
        prototype,
        tx,
        trail,
        (key) => key !== 'constructor' && !makes('proto', key),
      )
    : undefined;
  return {
    ...(!isEmpty(own) && { own }),
    ...(proto && !isEmpty(proto) && { proto }),
    ...(!inherits && parentsOf(fn, isOwner ? prototype : undefined, tx, trail)),
  };
}

function parentsOf(
  fn: object,
  prototype: object | undefined,
  tx: NodeWriter,
  trail: Trail,
): Extras {
  const parent: unknown = Object.getPrototypeOf(fn);
  const protoParent: unknown = prototype && Object.getPrototypeOf(prototype);
  return {
    ...(!isFunctionPrototype(parent) && { parent: tx.slot(parent, trail, '[[Prototype]]') }),
    ...(prototype &&
      protoParent !== Object.prototype && {
        protoParent: tx.slot(protoParent, trail, '[[Prototype]]'),
      }),
  };
}

/** `Function.prototype` and its like for async functions and generators, of any realm. */
function isFunctionPrototype(parent: unknown): boolean {
  if (parent === null || (typeof parent !== 'object' && typeof parent !== 'function')) return false;
  const owner = descriptorOf(parent, 'constructor')?.value;
  if (typeof owner !== 'function' || owner.prototype !== parent) return false;
  return /^(Async)?(Generator)?Function$/.test(owner.name);
}

/** `name`, `length` and the like, as every function has them from the start. */
function isStandard(fn: object, key: string | symbol): boolean {
  if (key === 'arguments' || key === 'caller') return true;
  if (key !== 'name' && key !== 'length') return false;
  const descriptor = descriptorOf(fn, key);
  const type = key === 'name' ? 'string' : 'number';
  return typeof descriptor?.value === type && !descriptor?.writable;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Generators have an empty `prototype` without constructor. */
const isGeneratorPrototype = (prototype: object): boolean =>
  Reflect.ownKeys(prototype).length === 0 &&
  Object.prototype.toString.call(prototype).endsWith('Generator]');
