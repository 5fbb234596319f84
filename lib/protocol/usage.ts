import type { Resources } from './specs';

/** How much the raylet keeps. */
export interface Usage {
  readonly objects: number;
  readonly calls: number;
  /** Dead ones that can still be called count too. */
  readonly actors: number;
  /** Remote functions and classes that somebody can call. */
  readonly specs: number;
  /** Pieces of captured code. */
  readonly parcels: number;
  /** Bytes of shared memory in use. */
  readonly buffers: number;
  /** Reads of values that are on their way back from disk. */
  readonly loads: number;
  readonly taken: Resources;
}
