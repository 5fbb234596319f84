import * as v8 from 'node:v8';
import { InternalError, SerializationError } from '../base/errors';
import {
  bodyOf,
  isEncoded,
  type EncodedValue,
  type Payload,
  type SharedPart,
} from '../protocol/payload';
import { SHARED_FROM } from './binary';
import { errorKind, safeString } from './error-kind';
import type { Graph } from './graph';
import { readGraph } from './graph-reader';
import { GraphWriter } from './graph-writer';
import type { Kind } from './kinds';
import { Memory } from './memory';
import { chooseRoad, plainParts } from './quick';
import { className, isPrimitive } from './shape';
import { Sink } from './sink';
import { Trial, type Refusal } from './trial';

/** Turns values into payloads and back, each thread with one of its own. */
export interface Codec {
  /** Adds a kind. Throws an InternalError when its id is taken. */
  register<T, D, C>(kind: Kind<T, D, C>): void;
  /** The same for a kind that is asked last, when no other kind, built-in ones included, will have the value. */
  registerLast<T, D, C>(kind: Kind<T, D, C>): void;
  /** Whether a kind added by `register` would write the value. */
  hasKind(value: unknown): boolean;
  /**
   * The value in transit. What cannot travel is refused with a SerializationError whose path starts
   * with `path`, such as `args`. The value is read once, at once.
   */
  encode(value: unknown, path: string): Payload;
  /**
   * A value of its own, equal to the one that was encoded.
   *
   * @param copy binary is private memory, which may be written, instead of views of what all share
   */
  decode(payload: Payload, copy?: boolean): unknown;
  /** As `decode`, for what has come and is not read again. */
  decodeOnce(payload: Payload): unknown;
  /** As `encode`, for what was thrown. Never throws: what cannot be sent is described. */
  encodeThrown(thrown: unknown): Payload;
  /** As `decode`. Never throws: what cannot be read here is described by an Error. */
  decodeThrown(payload: Payload): unknown;
  /**
   * Runs `attempt`, in which values are encoded for trial only: what cannot travel is noted, all of
   * it, and nothing is posted or kept.
   */
  tryOut(attempt: () => void): readonly Refusal[];
  /** The trial under way: kinds that keep what they write are to have it taken back at its end. */
  readonly trial: Trial | undefined;
}

export interface CodecOptions {
  /** What becomes of the stack of each error that is read. @defaultValue it stays */
  readonly mapStack?: (stack: string) => string;
  /** Where shared memory comes from. @defaultValue one of its own */
  readonly memory?: Memory;
}

/**
 * @example
 * const codec = createCodec();
 * codec.decode(codec.encode(new Map([['a', 1n]]), 'args[0]')); // Map(1) { 'a' => 1n }
 */
export const createCodec = (options: CodecOptions = {}): Codec => new TableCodec(options);

class TableCodec implements Codec {
  private readonly kinds: Kind<unknown>[] = [];
  private readonly lastKinds: Kind<unknown>[] = [];
  private readonly byId = new Map<string, Kind<unknown>>();
  /** Holds things for as long as the payloads written of them lie on this thread. */
  private readonly kept = new WeakMap<EncodedValue, readonly object[]>();

  trial: Trial | undefined;

  /** Asked after the registered kinds, which may know some errors better. */
  private readonly errors: Kind<unknown>;

  private readonly memory: Memory;

  constructor({ mapStack = (stack) => stack, memory = new Memory('codec') }: CodecOptions) {
    this.memory = memory;
    this.errors = errorKind(mapStack);
    this.byId.set(this.errors.id, this.errors);
  }

  register<T, D, C>(kind: Kind<T, D, C>): void {
    this.name(kind);
    this.kinds.push(kind);
  }

  registerLast<T, D, C>(kind: Kind<T, D, C>): void {
    this.name(kind);
    this.lastKinds.push(kind);
  }

  hasKind(value: unknown): boolean {
    return this.kinds.some((kind) => kind.test(value));
  }

  private name(kind: Kind<unknown>): void {
    if (this.byId.has(kind.id)) {
      throw new InternalError(`there is already a kind with the id ${kind.id}`);
    }
    this.byId.set(kind.id, kind);
  }

  encode(value: unknown, path: string): Payload {
    if (isPrimitive(value)) {
      return typeof value === 'string' && value.length >= SHARED_FROM
        ? { format: 'v8', ...this.pour(v8.serialize(value), []) }
        : value;
    }
    if (typeof value !== 'object') return this.encodeGraph(value, path, this.kindOf);
    const road = chooseRoad(value);
    if (road === 'json') return { format: 'json', bytes: JSON.stringify(value) };
    if (road === 'v8') {
      const bytes = serialized(value);
      if (bytes !== undefined) return { format: 'v8', ...this.pour(bytes, []) };
    }
    return this.encodeGraph(value, path, this.kindOf);
  }

  /** Many bytes go where all threads can read them, behind what is there of the value already. */
  private pour(
    bytes: Uint8Array,
    shared: readonly SharedPart[],
  ): Pick<EncodedValue, 'bytes' | 'shared'> {
    const { byteLength } = bytes;
    if (byteLength < SHARED_FROM) return { bytes, ...(shared.length > 0 && { shared }) };
    const part = this.store.take(sizeClass(byteLength));
    Buffer.from(part.memory).fill(bytes, 0, byteLength);
    return { bytes: byteLength, shared: [...shared, part] };
  }

  /** Of a trial nothing stays, so it is given nothing of what others can use. */
  private get store(): Memory {
    return this.trial ? new Memory('trial') : this.memory;
  }

  private encodeGraph(value: unknown, path: string, kindOf: FindKindOf): EncodedValue {
    const sink = new Sink();
    const memory = this.store;
    const shared: SharedPart[] = [];
    const plain = typeof value === 'object' && value !== null ? plainParts(value) : NOTHING;
    try {
      const writer = new GraphWriter(kindOf, sink, plain, memory, this.trial);
      const graph = writer.write(value, path, shared);
      const poured = this.pour(toBytes(graph, path), shared);
      if (!this.trial) sink.commit();
      const payload = { format: 'graph', ...poured, ...sink.notes() };
      if (sink.kept.length > 0) this.kept.set(payload, sink.kept);
      return payload;
    } catch (error) {
      takeBack(shared, memory);
      throw error;
    }
  }

  decode(payload: Payload, copy = false): unknown {
    if (!isEncoded(payload)) return payload;
    const { format, bytes } = payload;
    if (typeof bytes === 'string') return JSON.parse(bytes);
    const value: unknown = v8.deserialize(typeof bytes === 'number' ? poured(payload) : bytes);
    if (format === 'v8') return value;
    return readGraph(value as Graph, payload, (id) => this.byId.get(id), copy);
  }

  decodeOnce(payload: Payload): unknown {
    try {
      return this.decode(payload);
    } finally {
      this.memory.discard(payload, true);
    }
  }

  encodeThrown(thrown: unknown): Payload {
    try {
      return this.encode(thrown, 'error');
    } catch (refusal) {
      const stated = this.errors.test(thrown) ? thrown : describe(thrown, refusal);
      return this.encodeGraph(stated, 'error', this.builtInKindOf);
    }
  }

  decodeThrown(payload: Payload): unknown {
    try {
      return this.decode(payload);
    } catch (cause) {
      return new Error('an error was thrown that cannot be read here', { cause });
    }
  }

  tryOut(attempt: () => void): readonly Refusal[] {
    const outer = this.trial;
    const trial = (this.trial = new Trial());
    try {
      attempt();
    } catch (error) {
      trial.note(error, 'value');
    } finally {
      this.trial = outer;
      trial.end();
    }
    return trial.refusals;
  }

  private readonly builtInKindOf: FindKindOf = (value) =>
    this.errors.test(value) ? this.errors : undefined;

  private readonly kindOf: FindKindOf = (value) =>
    this.kinds.find((kind) => kind.test(value)) ??
    this.builtInKindOf(value) ??
    this.lastKinds.find((kind) => kind.test(value));
}

type FindKindOf = (value: unknown) => Kind<unknown> | undefined;

const NOTHING: ReadonlySet<object> = new Set();

/** V8 knows a few more objects that it cannot write; the other road says where they are. */
function serialized(value: unknown): Uint8Array | undefined {
  try {
    return v8.serialize(value);
  } catch {
    return undefined;
  }
}

/** The many bytes of a value. */
function poured(payload: EncodedValue): Uint8Array {
  const memory = bodyOf(payload)?.memory;
  if (memory === undefined) throw new InternalError('a value was read that is not here');
  return Buffer.from(memory, 0, payload.bytes as number);
}

/** A size for memory that so many bytes fit into, an eighth more at most: it can be used again. */
function sizeClass(bytes: number): number {
  const step = 2 ** Math.max(0, Math.floor(Math.log2(bytes)) - 3);
  return Math.ceil(bytes / step) * step;
}

function toBytes(graph: Graph, path: string): Uint8Array {
  try {
    return v8.serialize(graph);
  } catch (cause) {
    const reason =
      cause instanceof RangeError
        ? 'it is too deeply nested or too large; flatten it, or send it in parts'
        : `V8 cannot write it: ${safeString(cause)}`;
    throw new SerializationError(path, reason, { cause });
  }
}

/** Nothing is sent of what was copied. */
function takeBack(shared: readonly SharedPart[], memory: Memory): void {
  for (const part of shared) {
    const { id, memory: copy } = part;
    if (id === undefined || copy === undefined) continue;
    if (memory.idOf(copy) === undefined) memory.undo({ id, memory: copy });
  }
}

/** An error in the place of a thrown value that cannot be sent. */
function describe(thrown: unknown, refusal: unknown): Error {
  const reason = refusal instanceof SerializationError ? refusal.reason : safeString(refusal);
  const isObject = typeof thrown === 'object' && thrown !== null;
  const what = isObject ? `an object of class ${className(thrown)}` : `a ${typeof thrown}`;
  const error = new Error(`${what} was thrown, which cannot be sent: ${reason}`);
  error.stack = `${error.name}: ${error.message}`;
  return error;
}
