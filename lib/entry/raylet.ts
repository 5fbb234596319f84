/** Main file of the raylet's thread. */
import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { systemClock } from '../base/clock';
import type { FromWorker, ToWorker } from '../protocol/messages';
import { createPortChannel } from '../protocol/port-channel';
import { writeFully } from '../raylet/logs/descriptor';
import { threadStarter } from '../raylet/pool/worker-threads';
import { Raylet } from '../raylet/raylet';
import { Scheduler } from '../raylet/scheduler/scheduler';
import type { RayletSeed } from './seeds';
import { threadFile } from './thread-files';

const seed = workerData as RayletSeed;
const { node, port, wake, numCpus, resources, maxThreads, idleTimeout, workerHeapMb, entry } = seed;
const { namespace, objectStoreMemory, recordCreationSites } = seed;

new Raylet({
  node,
  driver: createPortChannel<ToWorker, FromWorker>({
    port,
    wake,
    side: 1,
    receive: receiveMessageOnPort,
  }),
  scheduler: new Scheduler(
    {
      node,
      numCpus,
      resources,
      objectStoreMemory,
      maxThreads,
      idleTimeout,
      ...(namespace !== undefined && { namespace }),
    },
    systemClock.now(),
  ),
  startThread: threadStarter({
    node,
    numCpus,
    file: threadFile('worker'),
    execArgv: seed.execArgv,
    env: seed.env,
    recordCreationSites,
    ...(entry !== undefined && { entry }),
    ...(workerHeapMb !== undefined && { heapMb: workerHeapMb }),
  }),
  logs: { write: writeFully, shown: seed.logToDriver },
  clock: systemClock,
  onStopped: () => {},
});

// Or the build takes a file that only imports for CommonJS, and wraps all that it imports.
export {};
