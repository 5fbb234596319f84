import type { CodeId } from '../../base/ids';
import type { ParcelId } from '../../base/ids';

/**
 * Which captured or rebuilt thing has which id, on this thread. Things that code can name
 * (classes: instances come back as theirs) are held; all else may be collected.
 */
export class Identity {
  /** Symbols included: those made by `Symbol()` are legal keys. */
  readonly #ids = new WeakMap<object, CodeId>();
  readonly #live = new Map<CodeId, WeakRef<object> | { deref(): object }>();
  readonly #parcels = new Map<CodeId, ParcelId>();
  readonly #collected = new FinalizationRegistry<CodeId>((id) => this.#live.delete(id));

  idOf(thing: object | symbol): CodeId | undefined {
    return this.#ids.get(thing as object);
  }

  thingOf(id: CodeId): object | undefined {
    return this.#live.get(id)?.deref();
  }

  /** The parcel that brings the node. */
  parcelOf(id: CodeId): ParcelId | undefined {
    return this.#parcels.get(id);
  }

  add(thing: object | symbol, id: CodeId, hold: boolean): void {
    const object = thing as object;
    this.#ids.set(object, id);
    if (hold) {
      this.#live.set(id, { deref: () => object });
    } else {
      this.#live.set(id, new WeakRef(object));
      this.#collected.register(object, id);
    }
  }

  /** A thing whose id nothing of will ever ask back: the way there is all that counts. */
  alias(thing: object, id: CodeId): void {
    this.#ids.set(thing, id);
  }

  setParcel(id: CodeId, parcel: ParcelId): void {
    this.#parcels.set(id, parcel);
  }

  /** Forgets a node of a capture that was refused. */
  remove(thing: object | symbol, id: CodeId): void {
    this.#ids.delete(thing as object);
    this.#live.delete(id);
    this.#parcels.delete(id);
  }
}
