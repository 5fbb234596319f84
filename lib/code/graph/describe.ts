import { types } from 'node:util';
import { CaptureError, SerializationError } from '../../base/errors';
import { refusalOf } from '../../data/refusal';
import { isOrdinary } from '../../data/shape';
import { classOfPrototype } from './describe-prototype';
import type { Payload } from '../../protocol/payload';
import { describeFunction } from './functions';
import { refusalOfInstance } from './instances';
import type { CaptureContext } from './context';
import type { Node, Slot } from './nodes';
import { describeProperties } from './properties';
import type { NodeWriter } from './writer';
import { printTrail, type Trail } from './trail';

/** The node of something met for the first time. */
export function describe(
  thing: object | symbol,
  context: CaptureContext,
  tx: NodeWriter,
  trail: Trail,
): Node {
  const { modules, codec } = context;
  const reference = modules.identify(thing, tx.home);
  if (reference) {
    modules.check(reference, printTrail(trail));
    return { kind: 'import', reference, texts: modules.texts(reference) };
  }
  if (typeof thing === 'symbol') return describeSymbol(thing);
  if (types.isProxy(thing)) throw tx.refuse(trail, refusalOf(thing));
  if (codec.hasKind(thing)) return describeLeaf(thing, context, tx, trail);
  if (typeof thing === 'function') return describeFunction(thing, context, tx, trail);
  return describeObject(thing, context, tx, trail);
}

function describeSymbol(symbol: symbol): Node {
  const key = Symbol.keyFor(symbol);
  if (key !== undefined) return { kind: 'namedSymbol', key };
  return { kind: 'symbol', description: symbol.description };
}

function describeLeaf(thing: object, context: CaptureContext, tx: NodeWriter, trail: Trail): Node {
  const payload = encode(thing, context, trail);
  if (typeof payload === 'object') for (const id of payload?.code ?? []) tx.require(id);
  return { kind: 'leaf', payload };
}

/** What the codec refuses, the capture refuses: at the same place, for the same reason. */
function encode(thing: object, { codec }: CaptureContext, trail: Trail): Payload {
  try {
    return codec.encode(thing, printTrail(trail));
  } catch (cause) {
    if (!(cause instanceof SerializationError)) throw cause;
    throw new CaptureError(cause.path, cause.reason, { cause });
  }
}

function describeObject(
  thing: object,
  context: CaptureContext,
  tx: NodeWriter,
  trail: Trail,
): Node {
  if (isLeaf(thing) || context.bulkData.has(thing)) return describeLeaf(thing, context, tx, trail);
  if (types.isWeakMap(thing) || types.isWeakSet(thing)) {
    context.weakTables.add(thing, trail);
    return { kind: types.isWeakMap(thing) ? 'weakMap' : 'weakSet' };
  }
  const prototype = Object.getPrototypeOf(thing) as object | null;
  if (Array.isArray(thing) && Array.isArray(prototype)) return describeArray(thing, tx, trail);
  if (types.isMap(thing) && prototype === Map.prototype) {
    return { kind: 'map', entries: mapEntries(thing, tx, trail) };
  }
  if (types.isSet(thing) && prototype === Set.prototype) {
    return { kind: 'set', items: [...thing].map((item, at) => tx.slot(item, trail, `[${at}]`)) };
  }
  if (types.isArgumentsObject(thing)) {
    const items = Array.from(thing as ArrayLike<unknown>);
    return { kind: 'arguments', items: items.map((item, at) => tx.slot(item, trail, `[${at}]`)) };
  }
  const owner = classOfPrototype(thing);
  if (owner) return { kind: 'prototype', of: tx.slot(owner, trail, owner.name) };
  if (types.isModuleNamespaceObject(thing) || isOrdinary(thing)) {
    return { kind: 'object', own: describeProperties(thing, tx, trail) };
  }
  return describeInstance(thing, prototype, context, tx, trail);
}

/** Arrays may have holes, and properties beside their items. */
function describeArray(array: unknown[], tx: NodeWriter, trail: Trail): Node {
  const items: Slot[] = new Array<Slot>(array.length);
  let count = 0;
  for (let at = 0; at < array.length; at++) {
    if (!(at in array)) continue;
    items[at] = tx.slot(array[at], trail, `[${at}]`);
    count++;
  }
  const isPlain = Object.keys(array).length === count && Object.isExtensible(array);
  if (isPlain) return { kind: 'array', items };
  const isExtra = (key: string | symbol): boolean =>
    typeof key === 'symbol' || (key !== 'length' && !/^\d+$/.test(key));
  return { kind: 'array', items, own: describeProperties(array, tx, trail, isExtra) };
}

function mapEntries(map: Map<unknown, unknown>, tx: NodeWriter, trail: Trail): [Slot, Slot][] {
  return [...map].map(([key, value]) => {
    const step = `get(${isPrimitive(key) ? String(key) : '…'})`;
    return [tx.slot(key, trail, step), tx.slot(value, trail, step)];
  });
}

/** An object with a prototype of its own, which is sent first. */
function describeInstance(
  thing: object,
  prototype: object | null,
  context: CaptureContext,
  tx: NodeWriter,
  trail: Trail,
): Node {
  const refusal = refusalOfInstance(thing, context);
  if (refusal !== undefined) throw tx.refuse(trail, refusal);
  const parent = tx.slot(prototype, trail, '[[Prototype]]');
  const own = describeProperties(thing, tx, trail);
  return { kind: 'object', parent, own };
}

const isPrimitive = (value: unknown): value is string | number | symbol =>
  value === null || !['object', 'function'].includes(typeof value);

const isLeaf = (thing: object): boolean =>
  types.isNativeError(thing) ||
  types.isDate(thing) ||
  types.isRegExp(thing) ||
  types.isBoxedPrimitive(thing) ||
  types.isAnyArrayBuffer(thing) ||
  ArrayBuffer.isView(thing) ||
  thing instanceof URL ||
  thing instanceof URLSearchParams;
