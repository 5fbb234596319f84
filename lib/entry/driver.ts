import { randomBytes } from 'node:crypto';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { RuntimeOptions } from '../base/options/init';
import type { Runtime } from '../client/runtime';
import { entryScript } from '../code/modules/entry-script';
import type { FromClient, ToClient } from '../protocol/messages';
import { createPortChannel, createWakeMemory } from '../protocol/port-channel';
import { threadFlags, threadNodeOptions, withGrantedFlags } from './exec-argv';
import type * as Local from './local-runtime';
import type { Road } from './local-runtime';
import type { RayletSeed } from './seeds';
import { threadFile } from './thread-files';

/** Starts the raylet's thread and this thread's client. Calls may be made on return. */
export function startRuntime(options: RuntimeOptions): Runtime {
  const node = randomBytes(5).toString('hex');
  const entry = entryScript();
  const { raylet, road } = startRaylet(node, options, entry);
  const carrier = {
    road,
    gone: new Promise((resolve) => raylet.once('exit', resolve)),
    ref: () => raylet.ref(),
    halt: () => {},
  };
  // While the threads start, this one loads what it could do without until now.
  const { LocalRuntime } = require('./local-runtime') as typeof Local;
  const runtime = new LocalRuntime({ node, options, carrier, entry });
  raylet.on('error', (error) => runtime.fail(`the raylet's thread failed: ${error.stack}`));
  return runtime;
}

function startRaylet(
  node: string,
  options: RuntimeOptions,
  entry: string | undefined,
): { raylet: Worker; road: Road } {
  const { port1, port2 } = new MessageChannel();
  const wake = createWakeMemory();
  const { NODE_OPTIONS } = process.env;
  const env = NODE_OPTIONS === undefined ? {} : { NODE_OPTIONS: threadNodeOptions(NODE_OPTIONS) };
  const { numCpus, resources, maxThreads, idleTimeout, workerHeapMb, logToDriver } = options;
  const { namespace, objectStoreMemory, recordCreationSites } = options;
  const { started: raylet } = withGrantedFlags(threadFlags(process.execArgv), (execArgv) => {
    const seed: RayletSeed = {
      ...{ node, port: port2, wake, numCpus, resources, maxThreads, idleTimeout, logToDriver },
      ...{ objectStoreMemory, recordCreationSites },
      ...{ execArgv, env },
      ...(entry !== undefined && { entry }),
      ...(workerHeapMb !== undefined && { workerHeapMb }),
      ...(namespace !== undefined && { namespace }),
    };
    return new Worker(threadFile('raylet'), {
      workerData: seed,
      transferList: [port2],
      name: 'rayx raylet',
      execArgv: [...execArgv],
      env: { ...process.env, ...env },
    });
  });
  raylet.unref();
  const road = createPortChannel<FromClient, ToClient>({
    port: port1,
    wake,
    side: 0,
    receive: receiveMessageOnPort,
  });
  return { raylet, road };
}
