import { availableParallelism, totalmem } from 'node:os';
import type { RayError } from '../errors';
import { validateOptions } from './validate';

/** What `init` takes. All times in milliseconds. */
export interface InitOptions {
  /** CPUs that tasks share. @defaultValue the machine's parallelism */
  readonly numCpus?: number;
  /** GPUs of this machine. rayx counts them, no more. @defaultValue 0 */
  readonly numGpus?: number;
  /** Bytes that calls asking for `memory` share. @defaultValue 70 % of the machine's or container's */
  readonly memory?: number;
  /** Bytes of shared memory for values; those beyond go to disk. @defaultValue 30 % of the machine's or container's memory */
  readonly objectStoreMemory?: number;
  /** Custom resources of this machine, by name; amounts down to 0.0001. */
  readonly resources?: Readonly<Record<string, number>>;
  /** Where names of actors are unique. @defaultValue one of its own for each runtime */
  readonly namespace?: string;
  /** `'inline'` runs everything on the calling thread, for debugging. @defaultValue `'threads'` */
  readonly mode?: 'threads' | 'inline';
  /** Shows what tasks and actors print on the driver's output. @defaultValue true */
  readonly logToDriver?: boolean;
  /** Shows in `listObjects()` where each object was made; costs some microseconds for each. @defaultValue false */
  readonly recordCreationSites?: boolean;
  /** Lets a second `init` pass. @defaultValue false */
  readonly ignoreReinitError?: boolean;
  /** Worker threads for tasks. @defaultValue `max(4 × numCpus, 16)` */
  readonly maxThreads?: number;
  /** Milliseconds after which an idle thread above `numCpus` ends. @defaultValue 10000 */
  readonly idleTimeout?: number;
  /** Heap limit of each worker thread, in megabytes. @defaultValue nine tenths of Node's own */
  readonly workerHeapMb?: number;
  /** Gets the error of each failed ref nobody looked at, instead of a report on stderr. */
  readonly onUnhandledError?: (error: RayError) => void;
}

/** The options of a runtime after defaults. */
export interface RuntimeOptions {
  readonly numCpus: number;
  /** All but CPUs, by name: custom ones, `GPU` and `memory`. */
  readonly resources: Readonly<Record<string, number>>;
  /** Bytes of shared memory. */
  readonly objectStoreMemory: number;
  /** Undefined: one of its own. */
  readonly namespace?: string;
  readonly mode: 'threads' | 'inline';
  readonly logToDriver: boolean;
  readonly recordCreationSites: boolean;
  readonly maxThreads: number;
  readonly idleTimeout: number;
  readonly workerHeapMb?: number;
  readonly onUnhandledError?: (error: RayError) => void;
}

/**
 * @throws InvalidOptionError for unknown or ill-typed options
 */
export function resolveInitOptions(options: InitOptions | undefined): RuntimeOptions {
  validateOptions('init', options, 'init()');
  const numCpus = options?.numCpus ?? availableParallelism();
  return {
    numCpus,
    resources: {
      ...options?.resources,
      GPU: options?.numGpus ?? 0,
      memory: options?.memory ?? shareOfMemory(CALLS_SHARE),
    },
    objectStoreMemory: options?.objectStoreMemory ?? shareOfMemory(STORE_SHARE),
    mode: options?.mode ?? 'threads',
    ...(options?.namespace !== undefined && { namespace: options.namespace }),
    logToDriver: options?.logToDriver ?? true,
    recordCreationSites: options?.recordCreationSites ?? false,
    maxThreads: options?.maxThreads ?? Math.max(4 * numCpus, 16),
    idleTimeout: options?.idleTimeout ?? 10_000,
    ...(options?.workerHeapMb !== undefined && { workerHeapMb: options.workerHeapMb }),
    ...(options?.onUnhandledError && { onUnhandledError: options.onUnhandledError }),
  };
}

/** Shares of the memory: that calls can ask for, and that of the values in the object store. */
const CALLS_SHARE = 0.7;
const STORE_SHARE = 0.3;

/** In bytes. A container's limit counts where there is one: without, Node answers 0 or more than there is. */
function shareOfMemory(share: number): number {
  const limit = process.constrainedMemory();
  const there = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return Math.floor(there * share);
}
