import type { CodeId, ParcelId } from '../base/ids';
import type { Kind } from '../data/kinds';
import type { Refusal } from '../data/trial';
import type { CodeReports } from '../protocol/code';
import type { Parcel, Payload } from '../protocol/payload';

/** What a client needs of the codec. */
export interface ClientCodec {
  register<T, D, C>(kind: Kind<T, D, C>): void;
  encode(value: unknown, path: string): Payload;
  decode(payload: Payload, copy?: boolean): unknown;
  decodeThrown(payload: Payload): unknown;
  tryOut(attempt: () => void): readonly Refusal[];
}

/** What a client needs of the code store. */
export interface ClientCode {
  capture(
    // eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- functions and classes alike
    target: Function,
    name: string,
  ): { readonly id: CodeId; readonly parcels: readonly ParcelId[]; readonly blocking: boolean };
  take(parcel: Parcel): void;
  forget(parcels: readonly ParcelId[]): void;
  has(parcels: readonly ParcelId[]): boolean;
  connect(reports: CodeReports): void;
  prepare(parcels: readonly ParcelId[]): void | Promise<void>;
  mapStack(stack: string): string;
}
