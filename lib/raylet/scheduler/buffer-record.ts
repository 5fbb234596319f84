import type { BufferId } from '../../base/ids';
import type { SharedPart } from '../../protocol/payload';
import type { ClientRecord } from './records';

/**
 * Where the bytes of a buffer in use lie.
 * - memory: here; perhaps on disk too, as they came from there
 * - unloading: here; clients are asked to let go of it
 * - writing: here, and on their way to disk
 * - disk: there alone
 * - reading: on their way back, with memory taken for them
 * - lost: nowhere, what was on disk cannot be read
 */
export type BufferPlace = 'memory' | 'unloading' | 'writing' | 'disk' | 'reading' | 'lost';

/** Memory of the object store: one SharedArrayBuffer, for one value at a time. */
export interface BufferRecord {
  readonly id: BufferId;
  /** Beside all payloads that are kept here: one object, so that all of them have the memory, or none. */
  readonly part: SharedPart;
  /** Bytes. */
  readonly size: number;
  /** Whoever made the memory, and gets it back when nobody has it any more. */
  home: ClientRecord | undefined;
  /** A value that its home has stored, and keeps, has it beside it. */
  isKeptAtHome: boolean;
  /** Payloads that are kept here and have it beside them, each as often as it does. */
  holds: number;
  /** Those of them that cannot do without the memory. */
  pins: number;
  /** Threads that it was sent to and that have not said that it is gone there, with how often. */
  readonly seen: Map<ClientRecord, number>;
  /** In use; at its home, to be used again; or told to be let go of there. */
  state: 'used' | 'idle' | 'leaving';
  /** Since when it is idle. */
  idleSince: number;
  place: BufferPlace;
  /** The file with its bytes: whole unless it is being written. */
  file: number | undefined;
  /** Clients that have not answered whether they have let go of it, and since when they are asked. */
  asked: Set<ClientRecord> | undefined;
  askedAt: number;
  /** No client keeps a value with it, as far as they were asked; views may show it. */
  unloaded: boolean;
  /** Loads that want it here at the moment. */
  loads: number;
  /** Why its bytes are lost. */
  problem: string | undefined;
}

export const newBufferRecord = (
  id: BufferId,
  memory: SharedArrayBuffer,
  home: ClientRecord | undefined,
): BufferRecord => ({
  id,
  part: { id, memory },
  size: memory.byteLength,
  home,
  isKeptAtHome: false,
  holds: 0,
  pins: 0,
  seen: new Map(),
  state: 'used',
  idleSince: 0,
  place: 'memory',
  file: undefined,
  asked: undefined,
  askedAt: 0,
  unloaded: false,
  loads: 0,
  problem: undefined,
});

/** Whether nobody has it any more. */
export const isUnheld = ({ state, holds, loads, seen }: BufferRecord): boolean =>
  state === 'used' && holds === 0 && loads === 0 && seen.size === 0;

/** Whether its bytes take memory of the store. */
export const isInMemory = ({ place }: BufferRecord): boolean =>
  place !== 'disk' && place !== 'lost';

/** Whether its bytes may be on disk alone: only stored values and arguments have it, and nobody wants it now. */
export const mayLeave = ({ state, holds, pins, loads }: BufferRecord): boolean =>
  state === 'used' && holds > 0 && pins === 0 && loads === 0;
