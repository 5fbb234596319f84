import type { BufferId, ObjectId, ParcelId } from '../base/ids';

/** Values that cross a thread boundary as themselves. */
export type Primitive = undefined | null | boolean | number | string | bigint;

/** Memory beside a value, which all threads that have the value share. */
export interface SharedPart {
  /**
   * Each thread puts the object that it has of this memory already in the place of the one that came.
   * Undefined where the memory is not here: the store may have written it to disk.
   */
  memory: SharedArrayBuffer | undefined;
  /** Of memory of the object store; a user's own has none, and is nobody's to use again. */
  readonly id?: BufferId;
}

/**
 * A value in transit. The raylet stores and forwards it and never looks inside; what it must know
 * (which objects are held, which code the reader needs) stands beside the bytes.
 */
export interface EncodedValue {
  /** How `bytes` is to be read; known to `data/` alone. */
  readonly format: string;
  /**
   * Exactly its own buffer: a posted view sends the whole buffer behind it. Short plain values are
   * text instead, which is several times cheaper to post. Many bytes are only counted here: they lie
   * at the beginning of the last shared part.
   */
  readonly bytes: Uint8Array | string | number;
  /** Binary that left the value, and many bytes, one copy for all threads. */
  readonly shared?: readonly SharedPart[];
  /** Refs inside the value, each as often as it is made: whoever keeps the value holds these. */
  readonly refs?: readonly ObjectId[];
  /** Code the reader must have before decoding. */
  readonly code?: readonly ParcelId[];
}

export type Payload = Primitive | EncodedValue;

/** Whether a payload is bytes to decode, not a value that travelled as itself. */
export const isEncoded = (payload: Payload): payload is EncodedValue =>
  typeof payload === 'object' && payload !== null;

const NONE: readonly SharedPart[] = [];

/** Whether all of a payload is here, what lies beside it too. */
export const isPresent = (payload: Payload): boolean =>
  sharedIn(payload).every(({ memory }) => memory !== undefined);

/** The shared memory beside a payload. */
export const sharedIn = (payload: Payload): readonly SharedPart[] =>
  isEncoded(payload) ? (payload.shared ?? NONE) : NONE;

/** The part that holds the bytes themselves, where they are many: no view shows it. */
export const bodyOf = (payload: Payload): SharedPart | undefined =>
  isEncoded(payload) && typeof payload.bytes === 'number' ? payload.shared?.at(-1) : undefined;

/** Memory that a payload takes, in bytes (two for each character of text). */
export function payloadSize(payload: Payload): number {
  const { shared = [] } = isEncoded(payload) ? payload : {};
  return shared.reduce((sum, { memory }) => sum + (memory?.byteLength ?? 0), copiedSize(payload));
}

/** Bytes of it that are copied from thread to thread. */
export function copiedSize(payload: Payload): number {
  if (typeof payload === 'string') return 2 * payload.length;
  if (!isEncoded(payload)) return 8;
  const { bytes } = payload;
  if (typeof bytes === 'number') return 0;
  return typeof bytes === 'string' ? 2 * bytes.length : bytes.byteLength;
}

/** Newly captured code. Its body is read by `code/` alone. */
export interface Parcel {
  readonly id: ParcelId;
  /** Parcels the reader must have taken in before this one. */
  readonly requires: readonly ParcelId[];
  readonly body: Payload;
}

/** What was thrown. */
export interface ThrownFailure {
  readonly kind: 'thrown';
  /** Name of the task whose code threw. */
  readonly task: string;
  /** The thrown value, written by the error codec of `data/`. */
  readonly error: Payload;
}

/** What was thrown, or why nothing ran: an error as data. */
export type Failure =
  | ThrownFailure
  | {
      /** The task never ran, because something it needed had failed. */
      readonly kind: 'dependency';
      readonly task: string;
      /**
       * Names of the failed calls from the nearest to the one that failed by itself. Long chains
       * keep the first and last few: a chain of 100,000 must not grow 100,000 errors each.
       */
      readonly via: readonly string[];
      readonly root: Exclude<Failure, { readonly kind: 'dependency' }>;
    }
  | SystemFailure;

/** The reason of an actor's death that was ended on purpose by `kill()`. */
export const KILLED = 'kill() was called';

/** An error that rayx itself makes, by its class and the fields of its constructor. */
export type SystemFailure = { readonly kind: 'system' } & (
  | {
      readonly code: 'ACTOR_DIED';
      readonly actorName: string;
      readonly actorId: string;
      readonly reason: string;
      readonly cause?: Failure;
    }
  | {
      readonly code: 'ACTOR_UNAVAILABLE';
      readonly actorName: string;
      readonly actorId: string;
      readonly reason: string;
    }
  | { readonly code: 'TASK_CANCELLED'; readonly taskName: string; readonly reason: string }
  | { readonly code: 'TASK_TIMEOUT'; readonly taskName: string; readonly timeout: number }
  | {
      readonly code: 'DEADLOCK';
      readonly taskName: string;
      readonly circle: readonly string[];
      /** Where it waited. */
      readonly stack?: string;
    }
  | {
      readonly code: 'WORKER_CRASHED' | 'OUT_OF_MEMORY';
      readonly taskName: string;
      readonly reason: string;
      readonly lastLines: readonly string[];
      /** How often the task ran; absent for once. */
      readonly attempts?: number;
    }
  | { readonly code: 'OBJECT_LOST'; readonly objectId: ObjectId; readonly reason: string }
  | NoRoom
  | { readonly code: 'SHUTDOWN'; readonly what: string }
  | { readonly code: 'RUNTIME_FAILED'; readonly reason: string }
  | { readonly code: 'CAPTURE' | 'SERIALIZATION'; readonly path: string; readonly reason: string }
  | { readonly code: 'INVALID_CALL'; readonly message: string }
  | { readonly code: 'INTERNAL'; readonly message: string }
);

/** Why there is no room in the object store: neither in memory, nor on disk. */
export type NoRoom =
  | {
      readonly kind: 'system';
      readonly code: 'OBJECT_STORE_FULL';
      readonly size: number;
      readonly capacity: number;
    }
  | { readonly kind: 'system'; readonly code: 'OUT_OF_DISK'; readonly reason: string };

/** A call that would have waited for ever, in a circle. */
export type Deadlock = Extract<SystemFailure, { readonly code: 'DEADLOCK' }>;

/** Why the runtime cannot go on. */
export type FatalFailure = Extract<
  SystemFailure,
  { readonly code: 'RUNTIME_FAILED' } | { readonly code: 'INTERNAL' }
>;

/** What becomes of an object whose value was freed. */
export const freedFailure = (objectId: ObjectId): SystemFailure => ({
  kind: 'system',
  code: 'OBJECT_LOST',
  objectId,
  reason: 'it was freed, by free() or at the end of its `using`',
});

/** What became of an object: its value, or why there is none. */
export type Outcome =
  | {
      readonly ok: true;
      readonly value: Payload;
      /** Behind the last item of a stream: there is none. */
      readonly end?: true;
    }
  | { readonly ok: false; readonly failure: Failure };

/** The outcome behind the last item of a stream. */
export const END_OF_STREAM: Outcome = { ok: true, value: undefined, end: true };

/** What an outcome carries along: the value, or what was thrown where a failure began. */
export function payloadOf(outcome: Outcome): Payload {
  if (outcome.ok) return outcome.value;
  let failure: Failure = outcome.failure;
  for (;;) {
    if (failure.kind === 'thrown') return failure.error;
    if (failure.kind === 'dependency') failure = failure.root;
    else if (failure.code === 'ACTOR_DIED' && failure.cause !== undefined) failure = failure.cause;
    else return undefined;
  }
}
