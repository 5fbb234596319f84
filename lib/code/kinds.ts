import { types } from 'node:util';
import { SerializationError } from '../base/errors';
import type { CodeId, ParcelId } from '../base/ids';
import type { EncodeSink, Kind } from '../data/kinds';
import { classOfPrototype } from './graph/describe-prototype';
import type { WeakTables } from './graph/weak-tables';

/** What the kinds need of the store. */
export interface KindHost {
  readonly weakTables: WeakTables;
  /** `where` is asked for its path, which costs as much as it is long, when the value is new. */
  captureValue(
    value: object,
    where: { readonly path: string },
  ): { readonly id: CodeId; readonly parcels: readonly ParcelId[] };
  isNative(fn: object): boolean;
  refusalOf(instance: object): string | undefined;
  resolve(id: CodeId): unknown;
}

function send(value: object, host: KindHost, sink: EncodeSink): CodeId {
  const { id, parcels } = host.captureValue(value, sink);
  for (const parcel of parcels) sink.code(parcel);
  sink.keep(value);
  return id;
}

/** Functions and classes as values. */
export const functionKind = (host: KindHost): Kind<object, CodeId> => ({
  id: 'function',
  test: (value): value is object => typeof value === 'function',
  encode: (fn, sink) => send(fn, host, sink),
  decode: (id) => host.resolve(id) as object,
});

/** What of an instance is not the value of a field. */
interface Remainder {
  /** Names of the fields that a listing does not show. */
  readonly hidden: readonly string[];
  /** Entries in WeakMaps and WeakSets of the class's own, by the tables' ids. */
  readonly tables: readonly (readonly [table: CodeId, value: unknown])[];
  readonly frozen: boolean;
}

/**
 * The fields under their own names, so that paths in errors are those of the instance, and last,
 * under a name that is free, the remainder.
 */
type InstanceContent = Readonly<Record<string, unknown>>;

/** Instances of classes written in JavaScript: their own fields, and their class by what it is. */
export const instanceKind = (host: KindHost): Kind<object, CodeId, InstanceContent> => ({
  id: 'instance',
  test: (value): value is object => ownerOf(value, host) !== undefined,
  encode(instance, sink) {
    const refusal = host.refusalOf(instance);
    if (refusal !== undefined) throw new SerializationError(sink.path, refusal);
    return send(ownerOf(instance, host) as object, host, sink);
  },
  decode: (id) => Object.create((host.resolve(id) as { prototype: object }).prototype) as object,
  content(instance, sink) {
    const properties = Object.entries(Object.getOwnPropertyDescriptors(instance));
    const tables = host.weakTables.entriesOf(instance).map(([table, value]) => {
      return [send(table, host, sink), value] as const;
    });
    const hidden = properties.flatMap(([key, { enumerable }]) => (enumerable ? [] : [key]));
    const remainder: Remainder = { hidden, tables, frozen: Object.isFrozen(instance) };
    let free = '#';
    while (Object.hasOwn(instance, free)) free += '#';
    const fields = properties.map(([key, property]): [string, unknown] => {
      return [key, 'value' in property ? property.value : Reflect.get(instance, key)];
    });
    return Object.fromEntries([...fields, [free, remainder]]);
  },
  fill(instance, content) {
    const fields = Object.entries(content);
    const { hidden, tables, frozen } = fields.pop()?.[1] as Remainder;
    for (const [key, value] of fields) {
      const enumerable = !hidden.includes(key);
      Object.defineProperty(instance, key, {
        value,
        enumerable,
        writable: true,
        configurable: true,
      });
    }
    for (const [id, value] of tables) {
      const table = host.resolve(id) as WeakMap<object, unknown> | WeakSet<object>;
      if (table instanceof WeakSet) table.add(instance);
      else table.set(instance, value);
    }
    if (frozen) Object.freeze(instance);
  },
});

/** The user's class that a value is an instance of. */
function ownerOf(value: unknown, host: KindHost): object | undefined {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return undefined;
  const prototype = Object.getPrototypeOf(value) as object | null;
  const owner = prototype === null ? undefined : classOfPrototype(prototype);
  return owner && !host.isNative(owner) ? owner : undefined;
}
