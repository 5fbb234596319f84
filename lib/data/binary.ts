import { types } from 'node:util';
import { InternalError } from '../base/errors';
import type { SharedPart } from '../protocol/payload';
import type { Memory as StoreMemory } from './memory';
import { className } from './shape';

/*
 * Binary leaves the value first: each stretch of memory that the value shows is one window, written
 * once whoever looks at it. Large windows go to shared memory of their own, small ones inline.
 */

/**
 * From this many bytes on a window is shared memory. Measured as the time of a call with such an
 * argument, and with such a result: at 64 KB both roads take the same, at 128 KB copies along with the
 * messages (thread to raylet to thread) take a quarter more, at 32 KB about a third less, since shared
 * memory must be made, counted, and given back by a collection of garbage.
 */
export const SHARED_FROM = 64 * 1024;

type View = ArrayBufferView<ArrayBufferLike>;
type Memory = ArrayBufferLike;

/** Sorts of views by their place in the list, which is part of the format. Buffer stands first. */
const VIEW_NAMES = [
  'Buffer',
  'DataView',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float16Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
] as const;
const BUFFER = 0;
/** In the place of a view: the memory itself. */
const WHOLE = -1;

type ViewMaker = new (memory: Memory, offset: number, length: number) => View;

/** One appearance of memory in a value: what, of which window, where in it, how many elements. */
export type Sight = readonly [sort: number, window: number, offset: number, length: number];

/** Windows as they travel: bytes, or the index of shared memory; `real` asks for an ArrayBuffer. */
type Window = readonly [content: Uint8Array | number, real: boolean];

export interface BinaryPart {
  readonly windows: readonly Window[];
  readonly sights: readonly Sight[];
}

/** The sort of a view, by its class; undefined for a class derived from it. */
function sortOf(view: View): number | undefined {
  const sort = (VIEW_NAMES as readonly string[]).indexOf(className(view));
  if (sort < BUFFER) return undefined;
  return Buffer.isBuffer(view) === (sort === BUFFER) ? sort : undefined;
}

/** A typed array counts in elements, a DataView and memory in bytes. */
const isList = (value: View | Memory): value is View & { readonly length: number } =>
  types.isTypedArray(value);

/** Whether this is binary that travels by windows: a view of a built-in class, or memory. */
export function isBinary(value: object): value is View | Memory {
  return (
    types.isAnyArrayBuffer(value) || (ArrayBuffer.isView(value) && sortOf(value) !== undefined)
  );
}

interface Seen {
  readonly memory: Memory;
  readonly sort: number;
  readonly from: number;
  readonly to: number;
  readonly length: number;
}

/** Collects the binary of one value, then lays out its windows. */
export class BinaryWriter {
  private readonly seen: Seen[] = [];

  get count(): number {
    return this.seen.length;
  }

  /** Forgets everything added after there were `count`. */
  rollBack(count: number): void {
    this.seen.length = count;
  }

  /** Adds one appearance; answers its number. Throws a TypeError for detached memory. */
  add(value: View | Memory): number {
    const view = ArrayBuffer.isView(value);
    const memory: Memory = view ? value.buffer : value;
    if (isDetached(memory)) throw new TypeError('detached');
    const from = view ? value.byteOffset : 0;
    const to = from + value.byteLength;
    const sort = view ? (sortOf(value) ?? WHOLE) : WHOLE;
    const length = isList(value) ? value.length : value.byteLength;
    return this.seen.push({ memory, sort, from, to, length }) - 1;
  }

  /** Copies the windows; `shared` receives the memory that travels beside the bytes, taken of `store`. */
  finish(shared: SharedPart[], store: StoreMemory): BinaryPart {
    const windows: Window[] = [];
    const sights: Sight[] = new Array<Sight>(this.seen.length);
    for (const [memory, numbers] of this.byMemory()) {
      for (const { from, to, members, whole } of this.clusters(memory, numbers)) {
        const window = windows.push(copyOut(memory, from, to, whole, shared, store)) - 1;
        for (const number of members) {
          const { sort, from: start, length } = this.seen[number] as Seen;
          sights[number] = [sort, window, start - from, length];
        }
      }
    }
    return { windows, sights };
  }

  private byMemory(): Map<Memory, number[]> {
    const groups = new Map<Memory, number[]>();
    for (const [number, { memory }] of this.seen.entries()) {
      const group = groups.get(memory);
      if (group) group.push(number);
      else groups.set(memory, [number]);
    }
    return groups;
  }

  /** Windows of one memory: those that overlap or lie near become one, so that they stay shared. */
  private clusters(memory: Memory, numbers: readonly number[]): Cluster[] {
    if (types.isSharedArrayBuffer(memory)) {
      return [{ from: 0, to: memory.byteLength, members: numbers, whole: true }];
    }
    const inOrder = numbers.toSorted((a, b) => this.at(a).from - this.at(b).from);
    const clusters: (Cluster & { members: number[] })[] = [];
    for (const number of inOrder) {
      const { from, to, sort } = this.at(number);
      const last = clusters.at(-1);
      if (last && from - last.to <= allowedGap(last, this.at(number))) {
        last.to = Math.max(last.to, to);
        last.members.push(number);
        last.whole ||= sort === WHOLE;
      } else {
        clusters.push({ from: alignDown(from), to, members: [number], whole: sort === WHOLE });
      }
    }
    return clusters;
  }

  private at(number: number): Seen {
    return this.seen[number] as Seen;
  }
}

interface Cluster {
  readonly from: number;
  to: number;
  readonly members: readonly number[];
  /** The memory itself is in the value, not only views of it. */
  whole: boolean;
}

/** Views need their offsets aligned as they were; 8 suits every element size. */
const alignDown = (offset: number): number => offset - (offset % 8);

/**
 * Bytes between two windows that may go along to keep them in one memory: as many as they have
 * themselves. None for Buffers: those of a pool have nothing in common with their neighbours.
 */
function allowedGap(cluster: Cluster, { memory, from, to, sort }: Seen): number {
  const pooled = sort === BUFFER || memory.byteLength === Buffer.poolSize;
  if (pooled) return -1;
  return cluster.to - cluster.from + (to - from);
}

function isDetached(memory: Memory): boolean {
  if (memory.byteLength > 0 || types.isSharedArrayBuffer(memory)) return false;
  try {
    // The `detached` property is younger than the oldest Node we run on.
    new Uint8Array(memory);
    return false;
  } catch {
    return true;
  }
}

/**
 * Somebody's own shared memory travels as itself: sharing is what they made it for, and what rayx
 * has shared before needs no second copy.
 */
function copyOut(
  memory: Memory,
  from: number,
  to: number,
  whole: boolean,
  shared: SharedPart[],
  store: StoreMemory,
): Window {
  if (types.isSharedArrayBuffer(memory)) {
    const id = store.idOf(memory);
    return [shared.push({ memory, ...(id !== undefined && { id }) }) - 1, false];
  }
  const bytes = new Uint8Array(memory, from, to - from);
  if (bytes.byteLength < SHARED_FROM) return [bytes, whole];
  const copy = store.take(bytes.byteLength);
  copyBytes(bytes, copy.memory);
  return [shared.push(copy) - 1, whole];
}

/**
 * V8 writes and reads shared memory word by word, for the sake of atomics, at half the speed of Node's
 * own copying, which is behind `fill`.
 */
function copyBytes(from: Uint8Array, to: Memory): void {
  Buffer.from(to).fill(from);
}

function privateCopy(memory: Memory): ArrayBuffer {
  const bytes = new Uint8Array(memory);
  // Nothing cannot fill anything.
  if (bytes.byteLength === 0) return new ArrayBuffer(0);
  const copy = new ArrayBuffer(bytes.byteLength);
  copyBytes(bytes, copy);
  return copy;
}

/**
 * The views and memories of a value, in the order of their numbers.
 *
 * @param copy none of them is shared
 */
export function readBinary(
  { windows, sights }: BinaryPart,
  shared: readonly SharedPart[],
  copy = false,
): object[] {
  const memories = windows.map(([content, real]): Memory => {
    // A copy: the bytes lie inside the payload, which may be decoded again.
    if (typeof content !== 'number') return content.slice().buffer;
    const { memory } = shared[content] as SharedPart;
    if (memory === undefined) throw new InternalError('a value was read that is not here');
    if (!real && !copy) return memory;
    return privateCopy(memory);
  });
  return sights.map(([sort, window, offset, length]) => {
    const memory = memories[window] as Memory;
    if (sort === WHOLE) return memory;
    if (sort === BUFFER) return Buffer.from(memory, offset, length);
    const name = VIEW_NAMES[sort] as Exclude<(typeof VIEW_NAMES)[number], 'Buffer'>;
    const View = (globalThis as unknown as Record<string, ViewMaker>)[name];
    if (!View) throw new TypeError(`this version of Node has no ${name}`);
    return new View(memory, offset, length);
  });
}
