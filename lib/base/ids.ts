import { randomBytes } from 'node:crypto';

/** A machine's raylet and everything that hangs on it. Random, so that clusters can join. */
export type NodeId = string;
/** A thread that holds a client: the driver or a worker. `<node>-0` is the driver. */
export type ClientId = string;
/** A worker thread: `<node>-<n>`, n from 1. */
export type WorkerId = ClientId;
/** A value in the object store; what an `ObjectRef` names. */
export type ObjectId = string;
/** One call of a function or method; equal to the id of the object it produces. */
export type CallId = ObjectId;
export type ActorId = string;
/** A function or class together with its options, declared once and named by every call. */
export type SpecId = string;
/** A captured function, class or object in the code graph. */
export type CodeId = string;
/** A shared buffer of the object store: `<home>/<n>`, where its home is the thread that made it. */
export type BufferId = string;
/** A batch of newly captured code, sent at most once to each thread. */
export type ParcelId = string;

/** Spreads consecutive numbers over 32 bits (an odd multiplier permutes them: Knuth, TAOCP 6.4). */
const KNUTH = 0x9e3779b1;

/**
 * A source of globally unique ids: the scrambled count, so that short prints differ, then a prefix
 * drawn at random once per source, so that no two threads or machines ever agree.
 *
 * @example
 * const nextId = idSource();
 * nextId(); // '9e3779b1c04a1f7d23b8'
 */
export function idSource(): () => string {
  const origin = randomBytes(6).toString('hex');
  let count = 0;
  return () => {
    count += 1;
    const scrambled = Math.imul(count, KNUTH);
    const high = twoDigits(scrambled >>> 24) + twoDigits(scrambled >>> 16);
    return high + (twoDigits(scrambled >>> 8) + twoDigits(scrambled)) + origin;
  };
}

/**
 * Which id of its source it is, counted from 1, and so small for one that was made early; undefined
 * for what `idSource` did not make.
 */
export function countOf(id: string): number | undefined {
  if (id.length !== ID_LENGTH) return undefined;
  let scrambled = 0;
  for (let at = 0; at < COUNT_LENGTH; at += 1) {
    const digit = VALUES[id.charCodeAt(at)];
    if (digit === undefined || digit < 0) return undefined;
    scrambled = (scrambled << 4) | digit;
  }
  return Math.imul(scrambled, KNUTH_INVERSE) >>> 0;
}

/** The part of an id that all of its source have. */
export const originOf = (id: string): string => id.slice(COUNT_LENGTH);

const COUNT_LENGTH = 8;
const ID_LENGTH = 20;

/** The number that takes back what multiplying by the other did, in 32 bits. */
const KNUTH_INVERSE = 0x0e8b2f51;

/** What a hexadecimal digit stands for, by its character code; -1 for all others. */
const VALUES = Int8Array.from({ length: 128 }, (_, code) =>
  '0123456789abcdef'.indexOf(String.fromCharCode(code)),
);

/** `00` to `ff`: the engine takes longer to print a number of 32 bits than all else of an id. */
const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const twoDigits = (bits: number): string => DIGITS[bits & 0xff] ?? '';

/** Ids for the buffers that a thread makes. */
export function bufferIds(home: ClientId): () => BufferId {
  let count = 0;
  return () => {
    count += 1;
    return `${home}/${count}`;
  };
}

/** The thread that made the buffer. */
export const homeOf = (id: BufferId): ClientId => id.slice(0, id.lastIndexOf('/'));

/** The first eight characters, as shown to people. */
export const shortId = (id: string): string => id.slice(0, 8);
