import type { ObjectId, ParcelId } from '../base/ids';

/** What a kind may say to the payload that is being written. */
export interface EncodeSink {
  /** Dotted path of the value being written, for errors: `args[1].config`. */
  readonly path: string;
  /** The payload names this object: whoever keeps the payload holds it. */
  ref(id: ObjectId): void;
  /** The reader needs this parcel before it decodes. */
  code(parcel: ParcelId): void;
  /**
   * Runs `action` once the whole value has been written, and never when writing it is refused: a
   * kind posts messages, or keeps what it has newly numbered, only here.
   */
  after(action: () => void): void;
}

/**
 * A sort of value that plain data does not cover. `data/` knows no function, ref or handle: other
 * rooms add theirs. The first kind whose `test` holds writes the value.
 */
export interface Kind<T, D = unknown> {
  /** Unique and stable; it is written before the data. */
  readonly id: string;
  test(value: unknown): value is T;
  /** The value as data that is encoded in turn, so it may hold further values of any kind. */
  encode(value: T, sink: EncodeSink): D;
  decode(data: D): T;
}
