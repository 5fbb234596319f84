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
  /** Distinct amounts of resources that they ask for, each in one environment. */
  readonly shapes: number;
  /** Distinct environment variables of them and of threads. */
  readonly environments: number;
  /** Bytes of shared memory in use. */
  readonly buffers: number;
  /** Reads of values that are on their way back from disk. */
  readonly loads: number;
  readonly taken: Resources;
}
