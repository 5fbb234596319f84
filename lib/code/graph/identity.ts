import { whenCollected } from '../../base/garbage';
import type { CodeId, ParcelId } from '../../base/ids';

/** Which captured or rebuilt thing has which id, on this thread. */
export class Identity {
  /** Symbols included: those made by `Symbol()` are legal keys. */
  readonly #ids = new WeakMap<object, CodeId>();
  /** Symbols of `Symbol.for` live for ever, so they are no legal keys there. */
  readonly #registered = new Map<object, CodeId>();
  readonly #live = new Map<CodeId, WeakRef<object> | { deref(): object }>();
  readonly #parcels = new Map<CodeId, ParcelId>();
  readonly #holdsAll: boolean;
  readonly #onCollected: (parcel: ParcelId) => void;

  /**
   * @param onCollected a thing is gone that a parcel was captured from, or had brought
   * @param holdsAll keeps everything from being collected, asked or not
   */
  constructor(onCollected: (parcel: ParcelId) => void, holdsAll = false) {
    this.#onCollected = onCollected;
    this.#holdsAll = holdsAll;
  }

  idOf(thing: object | symbol): CodeId | undefined {
    return this.#tableOf(thing).get(thing as object);
  }

  thingOf(id: CodeId): object | undefined {
    return this.#live.get(id)?.deref();
  }

  /** All captured things that are there yet. */
  *things(): Generator<object> {
    for (const live of this.#live.values()) {
      const thing = live.deref();
      if (thing !== undefined) yield thing;
    }
  }

  /** The parcel that brings the node. */
  parcelOf(id: CodeId): ParcelId | undefined {
    return this.#parcels.get(id);
  }

  add(thing: object | symbol, id: CodeId): void {
    const object = thing as object;
    const table = this.#tableOf(object);
    table.set(object, id);
    if (this.#holdsAll || table === this.#registered) {
      this.#live.set(id, { deref: () => object });
    } else {
      this.#watch(object, id);
    }
  }

  /** Keeps a thing that was added from being collected from now on. */
  hold(thing: object): void {
    const id = this.#ids.get(thing);
    if (id !== undefined) this.#live.set(id, { deref: () => thing });
  }

  /** A thing made here of another thread's node: sent on, it is still that node. */
  alias(thing: object, id: CodeId): void {
    this.#tableOf(thing).set(thing, id);
  }

  setParcel(id: CodeId, parcel: ParcelId): void {
    this.#parcels.set(id, parcel);
  }

  /** Nothing of its parcel lives here, or can be made. */
  forget(id: CodeId): void {
    this.#parcels.delete(id);
  }

  /** Forgets a node of a capture that was refused. */
  remove(thing: object | symbol, id: CodeId): void {
    this.#tableOf(thing).delete(thing as object);
    this.#live.delete(id);
    this.#parcels.delete(id);
  }

  /**
   * A thing made here is found by its id as long as it lives, and no longer.
   *
   * @returns whether there was none, so that it will be told when it is gone
   */
  release(thing: object, id: CodeId): boolean {
    if (this.thingOf(id) !== undefined) return false;
    this.#watch(thing, id);
    return true;
  }

  /** In a method of its own: a callback beside one that leads to the object would lead there, too. */
  #watch(object: object, id: CodeId): void {
    const live = new WeakRef(object);
    this.#live.set(id, live);
    whenCollected(object, () => {
      // Another may have been made of the node before this was told: both count.
      if (this.#live.get(id) === live) this.#live.delete(id);
      const parcel = this.#parcels.get(id);
      if (parcel !== undefined) this.#onCollected(parcel);
    });
  }

  #tableOf(thing: object | symbol): Table {
    const isRegistered = typeof thing === 'symbol' && Symbol.keyFor(thing) !== undefined;
    return isRegistered ? this.#registered : this.#ids;
  }
}

interface Table {
  get(thing: object): CodeId | undefined;
  set(thing: object, id: CodeId): unknown;
  delete(thing: object): boolean;
}
