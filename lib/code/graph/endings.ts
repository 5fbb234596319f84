import type { ParcelId } from '../../base/ids';

/** What is to be taken back with a parcel that was refused, or of which nothing lives any more. */
export class Endings {
  readonly #actions = new Map<ParcelId, (() => void)[]>();

  add(parcel: ParcelId, action: () => void): void {
    const actions = this.#actions.get(parcel);
    if (actions === undefined) this.#actions.set(parcel, [action]);
    else actions.push(action);
  }

  /** There is no such parcel any more. */
  run(parcel: ParcelId): void {
    for (const action of this.#actions.get(parcel) ?? []) action();
    this.#actions.delete(parcel);
  }
}
