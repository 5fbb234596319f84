import type { MessagePort } from 'node:worker_threads';
import type { NodeId } from '../base/ids';

/** What the raylet's thread is born with: its `workerData`. */
export interface RayletSeed {
  readonly node: NodeId;
  readonly port: MessagePort;
  readonly wake: SharedArrayBuffer;
  readonly numCpus: number;
  readonly resources: Readonly<Record<string, number>>;
  /** Bytes of the object store. */
  readonly objectStoreMemory: number;
  readonly maxThreads: number;
  readonly idleTimeout: number;
  readonly workerHeapMb?: number;
  /** Where actors are named unless somebody says otherwise. */
  readonly namespace?: string;
  readonly logToDriver: boolean;
  readonly recordCreationSites: boolean;
  /** URL of the driver's main script. */
  readonly entry?: string;
  /** For the worker threads it will start. */
  readonly execArgv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}
