import type { ParcelId } from '../base/ids';
import type { Parcel, Payload } from './payload';

/** What a thread tells the raylet of captured code. */
export type FromCodeHolder =
  | { readonly type: 'parcel'; readonly parcel: Parcel }
  /** Nothing of these lives on the thread, which was sent each so often (to capture it counts as once). */
  | {
      readonly type: 'parcelsGone';
      readonly parcels: readonly (readonly [ParcelId, received: number])[];
    };

/** What the raylet tells a thread of it. */
export type ToCodeHolder =
  | { readonly type: 'parcel'; readonly parcel: Parcel }
  /** Nothing needs these: they are sent again before something does. What of them lives may live on. */
  | { readonly type: 'forget'; readonly parcels: readonly ParcelId[] };

/** Who is told what becomes of captured code on a thread. */
export interface CodeReports {
  /** Nothing that it brought lives here, or that it was captured from; it came here so often. */
  gone(parcel: ParcelId, received: number): void;
  /** A payload in it was never read, and never will be. */
  discard(payload: Payload): void;
}
