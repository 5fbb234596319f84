import type { ObjectId, ParcelId } from '../base/ids';

/** What a kind may say to the payload that is being written. */
export interface EncodeSink {
  /** Dotted path of the value being written, for errors: `args[1].config`. */
  readonly path: string;
  /** The payload names this object: whoever keeps the payload holds it. Answers its place in the payload. */
  ref(id: ObjectId): number;
  /** The reader needs this parcel before it decodes. */
  code(parcel: ParcelId): void;
  /** Read on this thread, the payload means this very thing: whoever keeps it here keeps the thing. */
  keep(thing: object): void;
  /**
   * Runs `action` once the whole value has been written, and never when writing it is refused: a
   * kind posts messages, or keeps what it has newly numbered, only here.
   */
  after(action: () => void): void;
}

/** What a kind is told of the payload that is being read. */
export interface DecodeSource {
  /** The object that the payload names at this place. */
  ref(place: number): ObjectId;
}

/**
 * A sort of value that plain data does not cover. `data/` knows no function, ref or handle: other
 * rooms add theirs. The first kind whose `test` holds writes the value, built-in kinds come last.
 * Ordinary objects, arrays, Map, Set, Date and RegExp are never offered to a kind.
 */
export interface Kind<T, D = unknown, C = unknown> {
  /** Unique and stable; it is written before the data. */
  readonly id: string;
  test(value: unknown): value is T;
  /** The value as data that is encoded in turn, so it may hold further values of any kind. */
  encode(value: T, sink: EncodeSink): D;
  /**
   * Makes the value. `data` is complete by now, so it must not lead back to the value itself; only
   * a container that the value lies in may be held, and is completed later.
   */
  decode(data: D, source: DecodeSource): T;
  /**
   * For values that may contain themselves: what is put into the value by `fill` after `decode` has
   * made it. Encoded in turn, and may lead back to the value.
   */
  content?(value: T, sink: EncodeSink): C;
  fill?(value: T, content: C): void;
}

/**
 * Wraps a part of a kind's data that may be lost without losing the value: where it cannot be sent,
 * a sentence that says why arrives in its place.
 */
export class Lenient {
  constructor(readonly value: unknown) {}
}
