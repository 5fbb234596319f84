import { InternalError } from '../base/errors';
import type { CodeId, ParcelId } from '../base/ids';
import type { Codec } from '../data/codec';
import type { CodeReports } from '../protocol/code';
import type { Parcel } from '../protocol/payload';
import type { Capturer, Found } from './graph/capturer';
import { Identity } from './graph/identity';
import { WeakTables } from './graph/weak-tables';
import { unpackBody } from './graph/wire';
import { functionKind, instanceKind, type KindHost } from './kinds';
import { createModuleLoader } from './modules/module-loader';
import type { ModuleLoader, ModuleReference } from './modules/types';
import { Rebuilder } from './rebuild/rebuilder';

export interface CodeStoreOptions {
  readonly codec: Codec;
  readonly nextId: () => string;
  /** Sends a parcel to whoever may need it; called once for each. */
  readonly emit: (parcel: Parcel) => void;
  readonly driver: boolean;
  /**
   * All code stays on this thread: captures are made for what they refuse, nothing is sent, and
   * everything resolves to itself. @defaultValue false
   */
  readonly local?: boolean;
  /** What rayx itself exports on this thread; found by name on the others. */
  readonly self?: () => object;
  /** The driver's main script, which never runs elsewhere: path or URL. Default: there is none. */
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
  /**
   * Keeps a parcel, given once: of another thread, or one of this thread's own that comes back.
   * Nothing is made of it until it is needed.
   */
  take(parcel: Parcel): void;
  /** Nothing needs these parcels, and they are given again before something does. What lives of them may live on. */
  forget(parcels: readonly ParcelId[]): void;
  /** Whether all of them are here, and none was forgotten. */
  has(parcels: readonly ParcelId[]): boolean;
  /** To be called before anything is forgotten. Default: nobody is told. */
  connect(reports: CodeReports): void;
  /** To be awaited before `resolve` when it answers a promise: some module can only be imported. */
  prepare(parcels: readonly ParcelId[]): void | Promise<void>;
  /**
   * The function or class: the same each time. On the thread that captured it the original, or, where
   * that was collected, one made again of the parcel that came back.
   */
  resolve(id: CodeId): unknown;
  /** A stack of another thread, as places in the files as written. */
  mapStack(stack: string): string;
  dispose(): void;
}

export const createCodeStore = (options: CodeStoreOptions): CodeStore => new Store(options);

/** What there is of a parcel on this thread. */
interface Holding {
  readonly requires: readonly ParcelId[];
  /** Known once it was read, or from its capture. */
  nodes: readonly CodeId[];
  /**
   * - captured: the things are those it was captured from, and it has not come
   * - whole: everything can be made of it
   * - forgotten: there are only the things that live yet
   */
  state: 'captured' | 'whole' | 'forgotten';
  /** How many things it was captured from, or had brought when it was forgotten, live yet. */
  living: number;
  /** How often it came, its capture included. */
  received: number;
}

interface Import {
  readonly node: CodeId;
  readonly reference: ModuleReference;
}

class Store implements CodeStore {
  readonly #options: CodeStoreOptions;
  readonly #self: () => object;
  readonly #identity: Identity;
  readonly #weakTables = new WeakTables();
  readonly #loader: ModuleLoader;
  readonly #rebuilder: Rebuilder;
  readonly #captured = new WeakMap<object, Captured>();
  readonly #holdings = new Map<ParcelId, Holding>();
  readonly #unread = new Map<ParcelId, Parcel>();
  /** Imports of taken parcels that were not prepared yet. */
  readonly #imports = new Map<ParcelId, readonly Import[]>();
  /** With all that they require: nothing of it can need an import any more. */
  readonly #prepared = new Set<ParcelId>();
  #capturer: Capturer | undefined;
  #mapStack: ((stack: string) => string) | undefined;
  #reports: CodeReports = { gone: () => {}, discard: () => {} };

  constructor(options: CodeStoreOptions) {
    this.#options = options;
    this.#identity = new Identity((parcel) => this.#collected(parcel), options.local);
    this.#self = options.self ?? (() => ({}));
    const { codec } = options;
    const [identity, weakTables] = [this.#identity, this.#weakTables];
    this.#loader = createModuleLoader({ self: this.#self, driver: options.driver });
    this.#rebuilder = new Rebuilder({ identity, weakTables, codec, loader: this.#loader });
    const host: KindHost = {
      weakTables,
      isNative: (fn) => this.#capturing().isNative(fn),
      refusalOf: (instance) => this.#capturing().refusalOf(instance),
      captureValue: (value, where) =>
        this.#captured.get(value) ?? this.#capture(value, where.path, false),
      resolve: (id) => this.resolve(id),
    };
    codec.registerLast(functionKind(host));
    codec.registerLast(instanceKind(host));
  }

  capture(target: object, name: string): Captured {
    return this.#captured.get(target) ?? this.#capture(target, name, true);
  }

  take(parcel: Parcel): void {
    const { id, requires } = parcel;
    const before = this.#holdings.get(id);
    if (before === undefined) {
      this.#holdings.set(id, { requires, nodes: [], state: 'whole', living: 0, received: 1 });
    } else {
      before.state = 'whole';
      before.received += 1;
    }
    this.#unread.set(id, parcel);
  }

  forget(parcels: readonly ParcelId[]): void {
    for (const id of parcels) {
      const holding = this.#holdings.get(id);
      if (holding?.state !== 'whole') continue;
      holding.state = 'forgotten';
      const unread = this.#unread.get(id);
      if (unread === undefined) this.#forgetNodes(id, holding);
      else this.#reports.discard(unread.body);
      this.#unread.delete(id);
      this.#imports.delete(id);
      this.#prepared.delete(id);
      this.#forgetIfGone(id, holding);
    }
  }

  has(parcels: readonly ParcelId[]): boolean {
    return parcels.every((id) => {
      const holding = this.#holdings.get(id);
      return holding !== undefined && holding.state !== 'forgotten';
    });
  }

  connect(reports: CodeReports): void {
    this.#reports = reports;
  }

  prepare(parcels: readonly ParcelId[]): void | Promise<void> {
    // As at every call of a function but its first.
    if (parcels.every((id) => this.#prepared.has(id))) return undefined;
    const loads: Promise<unknown>[] = [];
    const needed = this.#withRequired(parcels);
    for (const id of needed) {
      this.#read(id);
      const unprepared = this.#imports.get(id)?.filter(({ node, reference }) => {
        // This thread's own, which may yet be collected.
        if (this.#identity.thingOf(node) !== undefined) return true;
        if (!this.#loader.needsAsync(reference)) return false;
        loads.push(this.#loader.loadAsync(reference));
        return true;
      });
      if (unprepared?.length === 0) this.#imports.delete(id);
    }
    if (loads.length > 0) return Promise.all(loads).then(() => undefined);
    if (!needed.some((id) => this.#imports.has(id))) {
      for (const id of needed) this.#prepared.add(id);
    }
    return undefined;
  }

  resolve(id: CodeId): unknown {
    const own = this.#identity.thingOf(id);
    if (own !== undefined) return own;
    for (const parcel of this.#unread.keys()) this.#read(parcel);
    return this.#rebuilder.resolve(id);
  }

  mapStack(stack: string): string {
    if (!this.#mapStack) {
      const { createStackMapper } =
        require('./stacks/stack-mapper') as typeof import('./stacks/stack-mapper');
      const { scripts } = this.#capturing();
      // What a worker passes on may be known to the thread that reads it in the end.
      this.#mapStack = createStackMapper({ scripts, keepUnknown: !this.#options.driver });
    }
    return this.#mapStack(stack);
  }

  dispose(): void {
    this.#capturer?.dispose();
  }

  #capture(target: object, name: string, byValue: boolean): Captured {
    const capturer = this.#capturing();
    const { trial } = this.#options.codec;
    if (trial && !capturer.isOpen) {
      capturer.tryOut(target, name, byValue, trial);
      return { id: '', parcels: [], blocking: false };
    }
    const captured = this.#answer(capturer.capture(target, name, byValue));
    // What an open capture brings may yet be refused with it.
    if (!capturer.isOpen) this.#captured.set(target, captured);
    return captured;
  }

  /** Threads that only run what others give them never load this half. */
  #capturing(): Capturer {
    if (this.#capturer) return this.#capturer;
    const { Capturer } = require('./graph/capturer') as typeof import('./graph/capturer');
    const { codec, nextId, driver, emit, entry } = this.#options;
    const { warn = (text: string) => console.warn(`rayx: ${text}`) } = this.#options;
    const isImported = (url: string): boolean => !driver && this.#loader.isImported(url);
    const [identity, weakTables, self] = [this.#identity, this.#weakTables, this.#self];
    const send = (parcel: Parcel, nodes: readonly CodeId[]): void => {
      if (this.#options.local) return;
      const { requires } = parcel;
      const living = nodes.length;
      this.#holdings.set(parcel.id, { requires, nodes, state: 'captured', living, received: 1 });
      emit(parcel);
    };
    const context = { identity, weakTables, codec, nextId, self, entry, warn };
    this.#capturer = new Capturer({ ...context, isImported, send });
    return this.#capturer;
  }

  #answer({ id, parcel, blocking }: Found): Captured {
    const isOpen = this.#capturer?.isOpen ?? false;
    const none = parcel === undefined || this.#options.local;
    const parcels = none ? [] : isOpen ? [parcel] : this.#withRequired([parcel], true);
    return { id, parcels, blocking };
  }

  /**
   * The parcels and all that they require, each after what it requires.
   *
   * @param mayLack passes over those of which nothing lives here: the raylet has what others require
   */
  #withRequired(parcels: readonly ParcelId[], mayLack = false): ParcelId[] {
    const ordered = new Set<ParcelId>();
    const seen = new Set<ParcelId>();
    const stack = [...parcels].reverse();
    for (let id = stack.at(-1); id !== undefined; id = stack.at(-1)) {
      const requires = this.#holdings.get(id)?.requires;
      if (requires === undefined && !mayLack)
        throw new InternalError(`parcel ${id} has not come to this thread`);
      if (requires === undefined) stack.pop();
      else if (seen.has(id)) ordered.add(stack.pop() as ParcelId);
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
    const holding = this.#holdings.get(id);
    const own = body.origin === this.#capturer?.origin;
    const cameBack = own || (holding !== undefined && holding.nodes.length > 0);
    const imports: Import[] = [];
    const nodes: CodeId[] = [];
    for (const [number, node] of body.nodes) {
      const nodeId = `${body.origin}:${number}`;
      nodes.push(nodeId);
      this.#identity.setParcel(nodeId, id);
      if (node.kind !== 'import') continue;
      if (!own) this.#loader.addTexts(node.texts);
      imports.push({ node: nodeId, reference: node.reference });
    }
    if (imports.length > 0) this.#imports.set(id, imports);
    if (holding !== undefined) holding.nodes = nodes;
    this.#rebuilder.add(id, body, cameBack);
  }

  /** What was made of it is kept by user code alone from now on. */
  #forgetNodes(id: ParcelId, holding: Holding): void {
    const { things, unread } = this.#rebuilder.forget(id, holding.nodes);
    for (const [node, thing] of things) {
      if (this.#identity.release(thing, node)) holding.living += 1;
    }
    for (const payload of unread) this.#reports.discard(payload);
  }

  #collected(id: ParcelId): void {
    const holding = this.#holdings.get(id);
    if (holding === undefined) return;
    holding.living -= 1;
    this.#forgetIfGone(id, holding);
  }

  #forgetIfGone(id: ParcelId, { nodes, state, living, received }: Holding): void {
    if (state === 'whole' || living > 0) return;
    this.#holdings.delete(id);
    for (const node of nodes) this.#identity.forget(node);
    this.#capturer?.forget(id);
    this.#reports.gone(id, received);
  }
}
