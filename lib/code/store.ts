import { InternalError } from '../base/errors';
import type { CodeId, ParcelId } from '../base/ids';
import type { Codec } from '../data/codec';
import type { Parcel } from '../protocol/payload';
import { describe } from './graph/describe';
import { createCaptureContext } from './graph/create-context';
import { describeFunction } from './graph/functions';
import type { Node } from './graph/nodes';
import { Transaction } from './graph/transaction';
import { childTrail } from './graph/trail';
import { unpackBody } from './graph/wire';
import { functionKind, instanceKind } from './kinds';
import { createModuleLoader } from './modules/module-loader';
import type { ModuleReference } from './modules/types';
import { Rebuilder } from './rebuild/rebuilder';
import { createStackMapper } from './stacks/stack-mapper';

export interface CodeStoreOptions {
  readonly codec: Codec;
  readonly nextId: () => string;
  /** Sends a parcel to whoever may need it; called once for each. */
  readonly emit: (parcel: Parcel) => void;
  readonly driver: boolean;
  /** What rayx itself exports on this thread; found by name on the others. */
  readonly self?: () => object;
  /** The driver's main script, which never runs elsewhere. Default: that of this process. */
  readonly entry?: string | undefined;
  /** Told of captures over 10 MB. Default: `console.warn`. */
  readonly warn?: (text: string) => void;
}

export interface Captured {
  readonly id: CodeId;
  /** All that the reader must have, in order. */
  readonly parcels: readonly ParcelId[];
  /** It, or something it uses, names `getSync` or `Atomics.wait`. */
  readonly blocking: boolean;
}

/** Functions and classes on the move, as one thread sees them: what it has given, and what it was given. */
export interface CodeStore {
  /**
   * Reads a function or class with all it uses; the second time, answers what it answered before.
   *
   * @param name for messages: the first step of every path
   * @throws CaptureError when something it uses cannot travel
   */
  // eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- functions and classes alike
  capture(target: Function, name: string): Captured;
  /** Keeps a parcel of another thread; nothing is made of it until it is needed. */
  take(parcel: Parcel): void;
  /** To be awaited before `resolve` when it answers a promise: some module can only be imported. */
  prepare(parcels: readonly ParcelId[]): void | Promise<void>;
  /** The function or class: the same each time, and on the thread that captured it the original. */
  resolve(id: CodeId): unknown;
  /** A stack of another thread, as places in the files as written. */
  mapStack(stack: string): string;
  dispose(): void;
}

export const createCodeStore = (options: CodeStoreOptions): CodeStore => new Store(options);

class Store implements CodeStore {
  readonly #emit: (parcel: Parcel) => void;
  readonly #context;
  readonly #loader;
  readonly #rebuilder: Rebuilder;
  readonly #captured = new WeakMap<object, Captured>();
  readonly #requires = new Map<ParcelId, readonly ParcelId[]>();
  readonly #unread = new Map<ParcelId, Parcel>();
  /** Imports of taken parcels that were not prepared yet. */
  readonly #imports = new Map<ParcelId, ModuleReference[]>();
  #open: Transaction | undefined;
  #mapStack: ((stack: string) => string) | undefined;

  constructor(options: CodeStoreOptions) {
    const { codec, nextId, emit, driver } = options;
    const self = options.self ?? (() => ({}));
    const entry = options.entry ?? (driver ? process.argv[1] : undefined);
    const warn = options.warn ?? ((text) => console.warn(`rayx: ${text}`));
    this.#emit = emit;
    this.#context = createCaptureContext({ codec, nextId, self, entry, warn });
    this.#loader = createModuleLoader({ self });
    const { identity, natives, weakTables } = this.#context;
    this.#rebuilder = new Rebuilder({ identity, weakTables, codec, loader: this.#loader });
    const host = {
      identity,
      natives,
      weakTables,
      captureValue: (value: object, path: string) => this.#capture(value, path, false),
      resolve: (id: CodeId) => this.resolve(id),
    };
    codec.registerLast(functionKind(host));
    codec.registerLast(instanceKind(host));
  }

  capture(target: object, name: string): Captured {
    const known = this.#captured.get(target);
    if (known) return known;
    const captured = this.#capture(target, name, true);
    if (!this.#open) this.#captured.set(target, captured);
    return captured;
  }

  take(parcel: Parcel): void {
    if (this.#requires.has(parcel.id)) return;
    this.#requires.set(parcel.id, parcel.requires);
    this.#unread.set(parcel.id, parcel);
  }

  prepare(parcels: readonly ParcelId[]): void | Promise<void> {
    const loads: Promise<unknown>[] = [];
    for (const id of this.#withRequired(parcels)) {
      this.#read(id);
      for (const reference of this.#imports.get(id) ?? []) {
        if (this.#loader.needsAsync(reference)) loads.push(this.#loader.loadAsync(reference));
      }
      if (loads.length === 0) this.#imports.delete(id);
    }
    return loads.length === 0 ? undefined : Promise.all(loads).then(() => undefined);
  }

  resolve(id: CodeId): unknown {
    const own = this.#context.identity.thingOf(id);
    if (own !== undefined) return own;
    for (const parcel of this.#unread.keys()) this.#read(parcel);
    return this.#rebuilder.resolve(id);
  }

  mapStack(stack: string): string {
    this.#mapStack ??= createStackMapper({ scripts: this.#context.scripts });
    return this.#mapStack(stack);
  }

  dispose(): void {
    this.#context.inspector.dispose();
  }

  #capture(target: object, name: string, byValue: boolean): Captured {
    const context = this.#context;
    const open = this.#open;
    // A function met while another is captured becomes part of that capture.
    if (open) return this.#join(open, target, name, byValue);
    const known = context.identity.idOf(target);
    if (known !== undefined) return this.#answer(known, context.identity.parcelOf(known));

    const tx = new Transaction(context, context.homeOf(target));
    this.#open = tx;
    let parcel: Parcel | undefined;
    try {
      tx.slot(target, undefined, name, this.#describer(tx, target, name, byValue));
      parcel = tx.commit();
    } catch (refusal) {
      tx.rollback();
      throw refusal;
    } finally {
      this.#open = undefined;
    }
    if (parcel) {
      this.#requires.set(parcel.id, parcel.requires);
      this.#emit(parcel);
    }
    return this.#answer(context.identity.idOf(target) as CodeId, parcel?.id);
  }

  #join(open: Transaction, target: object, name: string, byValue: boolean): Captured {
    open.slot(target, undefined, name, this.#describer(open, target, name, byValue));
    open.run();
    const id = this.#context.identity.idOf(target) as CodeId;
    return { id, parcels: [open.parcel], blocking: open.blocking };
  }

  /** What is made remote is copied even where others would import it: its file may be a script. */
  #describer(
    tx: Transaction,
    target: object,
    name: string,
    byValue: boolean,
  ): (() => Node) | undefined {
    const context = this.#context;
    if (!byValue || context.homeOf(target) === undefined) return undefined;
    const trail = childTrail(undefined, name);
    return () =>
      context.codec.hasKind(target)
        ? describe(target, context, tx, trail)
        : describeFunction(target, context, tx, trail);
  }

  #answer(id: CodeId, parcel: ParcelId | undefined): Captured {
    const parcels = parcel === undefined ? [] : this.#withRequired([parcel]);
    const { blockingParcels } = this.#context;
    return { id, parcels, blocking: parcel !== undefined && blockingParcels.has(parcel) };
  }

  /** The parcels and all that they require, each after what it requires. */
  #withRequired(parcels: readonly ParcelId[]): ParcelId[] {
    const ordered = new Set<ParcelId>();
    const seen = new Set<ParcelId>();
    const stack = [...parcels].reverse();
    for (let id = stack.at(-1); id !== undefined; id = stack.at(-1)) {
      const requires = this.#requires.get(id);
      if (!requires) throw new InternalError(`parcel ${id} has not come to this thread`);
      if (seen.has(id)) ordered.add(stack.pop() as ParcelId);
      else stack.push(...requires.filter((required) => !seen.has(required)));
      seen.add(id);
    }
    return [...ordered];
  }

  #read(id: ParcelId): void {
    const parcel = this.#unread.get(id);
    if (!parcel) return;
    this.#unread.delete(id);
    const body = unpackBody(parcel);
    const imports: ModuleReference[] = [];
    for (const [number, node] of body.nodes) {
      this.#context.identity.setParcel(`${body.origin}:${number}`, id);
      if (node.kind !== 'import') continue;
      this.#loader.addTexts(node.texts);
      imports.push(node.reference);
    }
    if (imports.length > 0) this.#imports.set(id, imports);
    this.#rebuilder.add(body);
  }
}
