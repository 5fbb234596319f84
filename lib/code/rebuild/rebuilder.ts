import { InternalError } from '../../base/errors';
import type { CodeId, ParcelId } from '../../base/ids';
import type { Codec } from '../../data/codec';
import { isEncoded, type Payload, type Primitive } from '../../protocol/payload';
import { descriptorOf, type Descriptor } from '../graph/descriptor';
import type { Identity } from '../graph/identity';
import type { ClassNode, FunctionNode, Growth, Node, ParcelBody, Slot } from '../graph/nodes';
import type { WeakTables } from '../graph/weak-tables';
import type { ModuleLoader } from '../modules/types';
import { compile } from './compile';
import { fileScope } from './file-scope';
import { defineAll, type Use } from './fill';

interface Entry {
  readonly node: Node;
  /** The thread that wrote the node: its numbers are of that thread. */
  readonly origin: string;
}

/** What there is of a parcel that nothing more is made of. */
export interface Remains {
  readonly things: (readonly [CodeId, object])[];
  readonly unread: Payload[];
}

export interface RebuilderParts {
  readonly identity: Identity;
  readonly weakTables: WeakTables;
  readonly codec: Codec;
  readonly loader: ModuleLoader;
}

/**
 * Makes things of nodes, each once. Objects exist before they are filled, so data may be as deep and
 * as circular as it likes; a function needs its variables first, and those that need the function
 * in turn are set afterwards.
 */
export class Rebuilder {
  readonly #identity: Identity;
  readonly #weakTables: WeakTables;
  readonly #codec: Codec;
  readonly #loader: ModuleLoader;
  readonly #entries = new Map<CodeId, Entry>();
  readonly #values = new Map<CodeId, unknown>();
  /** Things on the way, with those who wait for them. */
  readonly #building = new Map<CodeId, ((value: unknown) => void)[]>();
  /** Additions whose target is not made yet. */
  readonly #growths = new Map<CodeId, (() => void)[]>();
  /** Takes back additions that a parcel brought. */
  readonly #grown = new Map<ParcelId, (() => void)[]>();
  /** What can be done once there is something to do it with: filling objects. */
  #later: (() => void)[] = [];
  #draining = false;
  /** Properties of classes and prototypes as their source made them, where that was not the last word. */
  readonly #originals = new WeakMap<object, Record<string, Descriptor>>();

  constructor({ identity, weakTables, codec, loader }: RebuilderParts) {
    this.#identity = identity;
    this.#weakTables = weakTables;
    this.#codec = codec;
    this.#loader = loader;
  }

  /** @param cameBack the parcel was here before: what lives of it yet is as it should be */
  add(parcel: ParcelId, { origin, nodes, growths }: ParcelBody, cameBack: boolean): void {
    for (const [number, node] of nodes) this.#entries.set(`${origin}:${number}`, { node, origin });
    if (growths.length === 0) return;
    this.#grown.set(
      parcel,
      growths.flatMap((growth) => this.#addGrowth(growth, origin, cameBack)),
    );
  }

  /**
   * Nothing more is made of these nodes of a parcel.
   *
   * @returns what was made of each, or a payload that was never read
   */
  forget(parcel: ParcelId, ids: readonly CodeId[]): Remains {
    const remains: Remains = { things: [], unread: [] };
    for (const id of ids) {
      const node = this.#entries.get(id)?.node;
      const value = this.#values.get(id);
      if (isThing(value)) remains.things.push([id, value]);
      else if (node?.kind === 'leaf' && !this.#values.has(id)) remains.unread.push(node.payload);
      this.#entries.delete(id);
      this.#values.delete(id);
      this.#growths.delete(id);
    }
    for (const takeBack of this.#grown.get(parcel) ?? []) takeBack();
    this.#grown.delete(parcel);
    return remains;
  }

  resolve(id: CodeId): unknown {
    let result: { value: unknown } | undefined;
    this.#use([id], '', (value) => (result = { value }));
    this.#drain();
    if (result) return result.value;
    throw new InternalError(`code ${id} needs itself to be made`);
  }

  /** Hands over what a slot holds, at once where it exists or can be made. */
  #use(slot: Slot, origin: string, use: (value: unknown) => void): void {
    if (typeof slot !== 'object' || slot === null) return use(slot);
    const id = idOf(slot, origin);
    const own = this.#identity.thingOf(id);
    if (own !== undefined) return use(own);
    if (!this.#values.has(id) && !this.#building.has(id)) this.#build(id);
    if (this.#values.has(id)) return use(this.#values.get(id));
    this.#building.get(id)?.push(use);
  }

  #useAll(slots: readonly Slot[], origin: string, use: (values: unknown[]) => void): void {
    const values: unknown[] = [];
    const next = (at: number): void => {
      if (at === slots.length) return use(values);
      this.#use(slots[at], origin, (value) => {
        values[at] = value;
        next(at + 1);
      });
    };
    next(0);
  }

  #build(id: CodeId): void {
    const entry = this.#entries.get(id);
    if (!entry) throw new InternalError(`code ${id} is not on this thread`);
    this.#building.set(id, []);
    try {
      this.#make(id, entry.node, entry.origin);
    } catch (error) {
      // The next who asks gets the same error, not a thing for ever under way.
      this.#building.delete(id);
      throw error;
    }
  }

  #finish(id: CodeId, value: unknown): void {
    this.#values.set(id, value);
    if (isThing(value) && this.#identity.idOf(value) === undefined) this.#identity.alias(value, id);
    const waiting = this.#building.get(id) ?? [];
    this.#building.delete(id);
    for (const use of waiting) use(value);
    this.#later.push(...(this.#growths.get(id) ?? []));
    this.#growths.delete(id);
  }

  #make(id: CodeId, node: Node, origin: string): void {
    const use: Use = (slot, then) => this.#use(slot, origin, then);
    switch (node.kind) {
      case 'function':
      case 'class':
        return this.#makeCode(id, node, origin);
      case 'object':
        if (node.parent === undefined) return this.#makeObject(id, {}, node, use);
        return use(node.parent, (parent) => {
          this.#makeObject(id, Object.create(parent as object | null) as object, node, use);
        });
      case 'array':
        return this.#makeArray(id, node, use);
      case 'arguments':
        return this.#useAll(node.items, origin, (items) => this.#finish(id, argumentsOf(items)));
      case 'map':
        return this.#makeMap(id, node.entries, origin);
      case 'set': {
        const set = new Set<unknown>();
        this.#finish(id, set);
        this.#later.push(() => {
          this.#useAll(node.items, origin, (items) => items.forEach((item) => set.add(item)));
        });
        return;
      }
      case 'prototype':
        return use(node.of, (owner) => this.#finish(id, (owner as ClassLike).prototype));
      case 'method':
        return this.#useAll([node.of, node.key], origin, ([owner, key]) => {
          const place = node.static ? (owner as object) : (owner as ClassLike).prototype;
          const now = descriptorOf(place, key as PropertyKey);
          const original = this.#originals.get(place)?.[key as string];
          this.#finish(id, ((node.replaced && original) ?? now)?.[node.part]);
        });
      case 'bound':
        return this.#useAll([node.target, node.self, ...node.args], origin, (all) => {
          const [target, self, ...args] = all as [(...args: unknown[]) => unknown, ...unknown[]];
          this.#finish(id, target.bind(self, ...args));
        });
      case 'leaf': {
        const decode = (): void => this.#finish(id, this.#codec.decode(node.payload));
        // A value with code in it may ask for things that are still under way.
        const hasCode = isEncoded(node.payload) && node.payload.code !== undefined;
        return hasCode ? void this.#later.push(decode) : decode();
      }
      default:
        return this.#finish(id, this.#makeSimple(node));
    }
  }

  #makeSimple(
    node: Extract<
      Node,
      {
        kind:
          | 'weakMap'
          | 'weakSet'
          | 'symbol'
          | 'namedSymbol'
          | 'import'
          | 'require'
          | 'importer'
          | 'meta';
      }
    >,
  ): unknown {
    switch (node.kind) {
      case 'weakMap':
        return this.#weakTables.adopt(new WeakMap<object, unknown>());
      case 'weakSet':
        return this.#weakTables.adopt(new WeakSet<object>());
      case 'symbol':
        return Symbol(node.description);
      case 'namedSymbol':
        return Symbol.for(node.key);
      case 'import':
        return this.#loader.load(node.reference);
      default:
        return fileScope(node.kind, node.file);
    }
  }

  #makeObject(
    id: CodeId,
    object: object,
    { own }: Extract<Node, { kind: 'object' }>,
    use: Use,
  ): void {
    this.#finish(id, object);
    this.#later.push(() => defineAll(object, own, use));
  }

  #makeArray(id: CodeId, { items, own }: Extract<Node, { kind: 'array' }>, use: Use): void {
    const array = new Array<unknown>(items.length);
    this.#finish(id, array);
    this.#later.push(() => {
      items.forEach((item, at) => use(item, (value) => (array[at] = value)));
      if (own) defineAll(array, own, use);
    });
  }

  #makeMap(id: CodeId, entries: readonly (readonly [Slot, Slot])[], origin: string): void {
    const map = new Map<unknown, unknown>();
    this.#finish(id, map);
    this.#later.push(() => {
      this.#useAll(entries.flat(), origin, (all) => {
        for (let at = 0; at < all.length; at += 2) map.set(all[at], all[at + 1]);
      });
    });
  }

  #makeCode(id: CodeId, node: FunctionNode | ClassNode, origin: string): void {
    const heritage = node.kind === 'class' ? node.heritage : undefined;
    if (!heritage) return this.#compile(id, node, new Map(), origin);
    this.#use(heritage.value, origin, (value) => {
      this.#compile(id, node, new Map([[heritage.name, value]]), origin);
    });
  }

  #compile(
    id: CodeId,
    node: FunctionNode | ClassNode,
    values: Map<string, unknown>,
    origin: string,
  ): void {
    const late = new Map<string, (value: unknown) => void>();
    for (const { name, value } of node.variables) {
      let isLate = false;
      this.#use(value, origin, (ready) => {
        if (isLate) late.get(name)?.(ready);
        else values.set(name, ready);
      });
      if (values.has(name)) continue;
      isLate = true;
      late.set(name, () => undefined);
    }
    const { value, set, setPrivate } = compile(node, values, [...late.keys()]);
    for (const [name, setter] of Object.entries(set)) late.set(name, setter);
    this.#finish(id, rename(value, node.name));
    this.#keepOriginals(value, node);
    this.#later.push(() => this.#complete(value, node, setPrivate, origin));
  }

  #keepOriginals(value: object, { own, proto }: FunctionNode | ClassNode): void {
    if (own) this.#originals.set(value, Object.getOwnPropertyDescriptors(value));
    if (!proto) return;
    const { prototype } = value as ClassLike;
    this.#originals.set(prototype, Object.getOwnPropertyDescriptors(prototype));
  }

  /** Adds what the source alone does not make. */
  #complete(
    value: object,
    node: FunctionNode | ClassNode,
    setPrivate: Readonly<Record<string, (value: unknown) => void>>,
    origin: string,
  ): void {
    const use: Use = (slot, then) => this.#use(slot, origin, then);
    const { own, proto, parent, protoParent } = node;
    if (parent !== undefined) {
      use(parent, (above) => setParent(value, above));
    }
    if (own) defineAll(value, own, use);
    const { prototype } = value as ClassLike;
    if (protoParent !== undefined) {
      use(protoParent, (above) => setParent(prototype, above));
    }
    if (proto) defineAll(prototype, proto, use);
    if (node.kind === 'function') return;
    for (const [name, slot] of node.privates ?? []) {
      use(slot, (privateValue) => setPrivate[name]?.(privateValue));
    }
  }

  /**
   * What is made of nodes gets its additions as soon as it is made. Originals get those of other
   * threads now, and have their own: yet they may be collected, and made again. What comes back
   * changes nothing that is there: functions that live on may have written to it.
   */
  #addGrowth(growth: Growth, origin: string, cameBack: boolean): (() => void)[] {
    const grow = (): void =>
      this.#use(growth.of, origin, (thing) => this.#grow(thing, growth, origin, cameBack));
    const targets = [growth.of as Mention];
    // A table that lives yet has lost the entry with its key.
    if (cameBack && growth.kind === 'weakEntry') targets.push(growth.key as Mention);
    return targets.map((target) => {
      const id = idOf(target, origin);
      const isMade = this.#values.has(id);
      if (!isMade) this.#growths.set(id, [...(this.#growths.get(id) ?? []), grow]);
      if (isMade || (!cameBack && this.#identity.thingOf(id) !== undefined)) this.#later.push(grow);
      return () => this.#dropGrowth(id, grow);
    });
  }

  #dropGrowth(id: CodeId, grow: () => void): void {
    const left = (this.#growths.get(id) ?? []).filter((other) => other !== grow);
    if (left.length > 0) this.#growths.set(id, left);
    else this.#growths.delete(id);
  }

  #grow(thing: unknown, growth: Growth, origin: string, cameBack: boolean): void {
    const use: Use = (slot, then) => this.#use(slot, origin, then);
    if (growth.kind === 'properties') {
      const { keys, values, others } = growth.own;
      const own = { keys, values, ...(others && { others }) };
      return defineAll(thing as object, own, use, cameBack);
    }
    this.#useAll([growth.key, growth.value], origin, ([key, value]) => {
      const table = thing as WeakMap<object, unknown> | WeakSet<object>;
      // What is there was put there since.
      if (table.has(key as object)) return;
      if (table instanceof WeakSet) table.add(key as object);
      else table.set(key as object, value);
    });
  }

  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    try {
      while (this.#later.length > 0) {
        const batch = this.#later;
        this.#later = [];
        for (const action of batch) action();
      }
    } finally {
      this.#draining = false;
    }
  }
}

/** A slot that names a node. */
type Mention = Exclude<Slot, Primitive>;

const idOf = ([reference]: Mention, origin: string): CodeId =>
  typeof reference === 'number' ? `${origin}:${reference}` : reference;

interface ClassLike {
  readonly prototype: object;
}

const isThing = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) ||
  typeof value === 'function' ||
  (typeof value === 'symbol' && Symbol.keyFor(value) === undefined);

function setParent(thing: object, parent: unknown): void {
  Object.setPrototypeOf(thing, parent as object | null);
}

function argumentsOf(items: unknown[]): unknown {
  const list = function (): unknown {
    // eslint-disable-next-line prefer-rest-params -- this very object is wanted
    return arguments;
  };
  return Reflect.apply(list, undefined, items);
}

function rename(fn: object, name: string): object {
  const descriptor = descriptorOf(fn, 'name');
  if (descriptor?.value !== name && (!descriptor || descriptor.configurable)) {
    Object.defineProperty(fn, 'name', { value: name, configurable: true });
  }
  return fn;
}
