import { randomBytes } from 'node:crypto';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { systemClock } from '../base/clock';
import { InternalError, ShutdownError } from '../base/errors';
import { idSource } from '../base/ids';
import type { RuntimeOptions } from '../base/options/init';
import { createClient, type ControlMessage } from '../client/client';
import type { Client } from '../client/contract';
import type { Runtime } from '../client/runtime';
import { entryScript } from '../code/modules/entry-script';
import type * as Code from '../code/store';
import type * as Data from '../data/codec';
import type { Channel } from '../protocol/channel';
import type { FromClient, ToClient } from '../protocol/messages';
import { createPortChannel, createWakeMemory } from '../protocol/port-channel';
import { threadFlags, threadNodeOptions, withGrantedFlags } from './exec-argv';
import { ownExports } from './own-exports';
import type { RayletSeed } from './seeds';
import { threadFile } from './thread-files';

type Road = Channel<FromClient, ToClient>;

/** How long the end of the process waits for the last lines of tasks, in milliseconds. */
const DRAIN_LIMIT = 1000;

/** Starts the raylet's thread and this thread's client. Calls may be made on return. */
export function startRuntime(options: RuntimeOptions): Runtime {
  return new DriverRuntime(options);
}

class DriverRuntime implements Runtime {
  readonly client: Client;
  readonly ready: Promise<void>;
  private readonly road: Road;
  private readonly raylet: Worker;
  private readonly atExit = (): void => this.drain();
  private isReady: () => void = () => {};
  private cannotStart: (error: Error) => void = () => {};
  private hasStopped: () => void = () => {};
  private failed = false;
  private drains = 0;

  constructor(options: RuntimeOptions) {
    const node = randomBytes(5).toString('hex');
    this.ready = new Promise((resolve, reject) => {
      this.isReady = resolve;
      this.cannotStart = reject;
    });
    const entry = entryScript();
    const { raylet, road } = startRaylet(node, options, entry);
    this.raylet = raylet;
    this.road = road;
    // While the threads start, this one loads what it can do without until now.
    const { createCodec } = require('../data/codec') as typeof Data;
    const { createCodeStore } = require('../code/store') as typeof Code;
    const codec = createCodec({ mapStack: (stack) => code.mapStack(stack) });
    const code = createCodeStore({
      codec,
      nextId: idSource(),
      self: ownExports,
      emit: (parcel) => road.post({ type: 'parcel', parcel }),
      driver: true,
      entry,
    });
    this.client = createClient({
      id: `${node}-0`,
      node,
      role: 'driver',
      channel: road,
      codec,
      code,
      clock: systemClock,
      numCpus: options.numCpus,
      onControl: (message) => this.control(message),
      ...(options.onUnhandledError && { onUnhandledError: options.onUnhandledError }),
    });
    road.listen((messages) => this.client.receive(messages));
    raylet.on('error', (error) => this.fail(`the raylet's thread failed: ${error.stack}`));
    process.on('exit', this.atExit);
  }

  async shutdown(): Promise<void> {
    const stopped = new Promise<void>((resolve) => (this.hasStopped = resolve));
    const exited = new Promise<void>((resolve) => this.raylet.once('exit', () => resolve()));
    process.off('exit', this.atExit);
    this.cannotStart(new ShutdownError());
    this.client.flush();
    this.client.close();
    this.road.ref();
    this.raylet.ref();
    this.road.post({ type: 'drain', token: (this.drains += 1) });
    this.road.post({ type: 'stop' });
    this.road.flush();
    await Promise.race([stopped, exited]);
    this.road.close();
    await exited;
  }

  private control(message: ControlMessage): void {
    switch (message.type) {
      case 'ready':
        return this.isReady();
      case 'stopped':
        return this.hasStopped();
      case 'fatal':
        return this.end(message.failure);
      case 'drained':
        return;
    }
  }

  /** The raylet is lost without having said why. */
  private fail(message: string): void {
    this.client.receive([
      { type: 'fatal', failure: { kind: 'system', code: 'INTERNAL', message } },
    ]);
  }

  /** Nothing will ever be answered: say so once, and refuse what is asked from now on. */
  private end(failure: Extract<ControlMessage, { type: 'fatal' }>['failure']): void {
    if (this.failed) return;
    this.failed = true;
    const message = 'message' in failure ? failure.message : 'the runtime cannot go on';
    process.stderr.write(`rayx: ${message}\n`);
    this.cannotStart(new InternalError(message));
    this.client.close();
  }

  /** Waits, blocking, until the lines that tasks have printed so far are on their descriptors. */
  private drain(): void {
    const token = (this.drains += 1);
    const deadline = performance.now() + DRAIN_LIMIT;
    this.client.flush();
    this.road.post({ type: 'drain', token });
    this.road.flush();
    while (this.road.waitForBatch(Math.max(0, deadline - performance.now()))) {
      const batch = this.road.receiveNow() ?? [];
      // Values that come now come too late: only what is to be reported is taken in.
      this.client.receive(batch.filter(({ type }) => type === 'drained' || type === 'unseen'));
      if (batch.some((message) => message.type === 'drained' && message.token === token)) return;
    }
  }
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
  const { started: raylet } = withGrantedFlags(threadFlags(process.execArgv), (execArgv) => {
    const seed: RayletSeed = {
      ...{ node, port: port2, wake, numCpus, resources, maxThreads, idleTimeout, logToDriver },
      ...{ execArgv, env },
      ...(entry !== undefined && { entry }),
      ...(workerHeapMb !== undefined && { workerHeapMb }),
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
