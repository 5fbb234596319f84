import type { CodeId, ParcelId } from '../base/ids';
import type { FromWorker, ToWorker } from '../protocol/messages';
import type { Parcel, Payload } from '../protocol/payload';

/** What the worker needs of the codec. */
export interface ValueCodec {
  encode(value: unknown, path: string): Payload;
  decode(payload: Payload): unknown;
  decodeOnce(payload: Payload): unknown;
  encodeThrown(thrown: unknown): Payload;
  decodeThrown(payload: Payload): unknown;
}

/** What the worker needs of the code store. */
export interface CodeSource {
  take(parcel: Parcel): void;
  prepare(parcels: readonly ParcelId[]): void | Promise<void>;
  resolve(id: CodeId): unknown;
}

/** The messages a worker carries out itself; all others are for the client on its thread. */
export type WorkerOrder = Extract<
  ToWorker,
  {
    type:
      | 'define'
      | 'undefine'
      | 'run'
      | 'createInstance'
      | 'dropInstance'
      | 'invoke'
      | 'abort'
      | 'taken'
      | 'judge'
      | 'resumeInstance'
      | 'retire';
  }
>;

/** What a worker reports for its calls. */
export type WorkerReport = Exclude<FromWorker, { type: 'online' }>;
