import { getHeapStatistics } from 'node:v8';
import {
  MessageChannel,
  receiveMessageOnPort,
  Worker,
  type MessagePort,
} from 'node:worker_threads';
import type { NodeId, WorkerId } from '../../base/ids';
import { ClaimTable } from '../../protocol/claims';
import { OutputGauge } from '../../protocol/output-gauge';
import { createPortChannel, createWakeMemory } from '../../protocol/port-channel';
import type { StartThread, ThreadEnd } from './pool';

/** What a worker thread is born with: its `workerData`. */
export interface WorkerSeed {
  readonly worker: WorkerId;
  readonly node: NodeId;
  /** CPUs that tasks share. */
  readonly numCpus: number;
  readonly port: MessagePort;
  readonly wake: SharedArrayBuffer;
  readonly claims: SharedArrayBuffer;
  readonly gauge: SharedArrayBuffer;
  readonly recordCreationSites: boolean;
  /** URL of the driver's main script, which must not run here. */
  readonly entry?: string;
}

export interface ThreadOptions {
  readonly node: NodeId;
  readonly numCpus: number;
  /** The compiled main file of a worker. */
  readonly file: string;
  readonly execArgv: readonly string[];
  /** Environment variables that differ from the process's own; undefined takes one away. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly recordCreationSites: boolean;
  /** URL of the driver's main script. */
  readonly entry?: string;
  /** Heap limit of each worker in megabytes. */
  readonly heapMb?: number;
}

const MEGABYTE = 2 ** 20;

/** Starts each worker as a thread of this process. */
export function threadStarter(options: ThreadOptions): StartThread {
  const { node, numCpus, file, execArgv, entry, recordCreationSites } = options;
  return ({ worker, onEnd, envVars, heapLimit }) => {
    const heapMb =
      heapLimit === undefined
        ? (options.heapMb ?? usualHeapMb())
        : Math.round(heapLimit / MEGABYTE);
    const { port1, port2 } = new MessageChannel();
    const wake = createWakeMemory();
    const claims = new ClaimTable();
    const gauge = new OutputGauge();
    const memory = { wake, claims: claims.memory, gauge: gauge.memory };
    const workerData: WorkerSeed = {
      ...{ worker, node, numCpus, port: port2, ...memory, recordCreationSites },
      ...(entry !== undefined && { entry }),
    };
    const thread = new Worker(file, {
      workerData,
      transferList: [port2],
      name: `rayx ${worker}`,
      execArgv: [...execArgv],
      env: { ...process.env, ...options.env, ...envVars },
      resourceLimits: { maxOldGenerationSizeMb: heapMb },
    });
    reportEnd(thread, onEnd, heapMb);
    return {
      channel: createPortChannel({ port: port1, wake, side: 0, receive: receiveMessageOnPort }),
      claims,
      gauge,
      terminate: () => void thread.terminate(),
    };
  };
}

/**
 * Without a limit of its own a thread that fills its heap ends the whole process, and so it does at
 * Node's own limit to the byte: V8 needs some room to end the thread alone (tried: 4,000 of 4,144 MB
 * does, 4,096 does not).
 */
const SHARE_OF_HEAP = 0.9;

const usualHeapMb = (): number =>
  Math.floor((SHARE_OF_HEAP * getHeapStatistics().heap_size_limit) / MEGABYTE);

function reportEnd(thread: Worker, onEnd: (end: ThreadEnd) => void, heapMb: number): void {
  let fault: ThreadEnd | undefined;
  thread.once('error', (error: NodeJS.ErrnoException) => {
    const heap = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    fault = heap
      ? {
          kind: 'heap',
          reason: `its thread reached its heap limit of ${heapMb} MB`,
        }
      : { kind: 'error', reason: `its thread ended by ${error.stack ?? String(error)}` };
  });
  thread.once('exit', (code) => {
    onEnd(fault ?? { kind: 'exit', reason: `its thread ended with code ${code}` });
  });
}
