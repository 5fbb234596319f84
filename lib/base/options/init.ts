import { availableParallelism } from 'node:os';
import type { RayError } from '../errors';
import { validateOptions } from './validate';

/** What `init` takes. All times in milliseconds. */
export interface InitOptions {
  /** CPUs that tasks share. @defaultValue the machine's parallelism */
  readonly numCpus?: number;
  /** Custom resources of this machine, by name; amounts down to 0.0001. */
  readonly resources?: Readonly<Record<string, number>>;
  /** Shows what tasks and actors print on the driver's output. @defaultValue true */
  readonly logToDriver?: boolean;
  /** Lets a second `init` pass. @defaultValue false */
  readonly ignoreReinitError?: boolean;
  /** Worker threads for tasks. @defaultValue `max(4 × numCpus, 16)` */
  readonly maxThreads?: number;
  /** Milliseconds after which an idle thread above `numCpus` ends. @defaultValue 10000 */
  readonly idleTimeout?: number;
  /** Heap limit of each worker thread, in megabytes. @defaultValue Node's own */
  readonly workerHeapMb?: number;
  /** Gets the error of each failed ref nobody looked at, instead of a report on stderr. */
  readonly onUnhandledError?: (error: RayError) => void;
}

/** The options of a runtime after defaults. */
export interface RuntimeOptions {
  readonly numCpus: number;
  readonly resources: Readonly<Record<string, number>>;
  readonly logToDriver: boolean;
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
    resources: { ...options?.resources },
    logToDriver: options?.logToDriver ?? true,
    maxThreads: options?.maxThreads ?? Math.max(4 * numCpus, 16),
    idleTimeout: options?.idleTimeout ?? 10_000,
    ...(options?.workerHeapMb !== undefined && { workerHeapMb: options.workerHeapMb }),
    ...(options?.onUnhandledError && { onUnhandledError: options.onUnhandledError }),
  };
}
