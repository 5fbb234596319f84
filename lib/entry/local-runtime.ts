import { systemClock } from '../base/clock';
import { InternalError, RuntimeFailedError, ShutdownError } from '../base/errors';
import { idSource, type NodeId } from '../base/ids';
import type { RuntimeOptions } from '../base/options/init';
import { createClient } from '../client/client';
import type { ClientOptions, ControlMessage } from '../client/options';
import type { Client } from '../client/contract';
import type { Runtime } from '../client/runtime';
import { createCodeStore, type CodeStore } from '../code/store';
import { createCodec, type Codec } from '../data/codec';
import { Memory } from '../data/memory';
import type { Channel } from '../protocol/channel';
import type { FromClient, ToClient } from '../protocol/messages';
import { watchChannel } from '../protocol/mapped-channel';
import type { FatalFailure } from '../protocol/payload';
import { ownExports } from './own-exports';

export type Road = Channel<FromClient, ToClient>;

/** How long the end of the process waits for the last lines of tasks, in milliseconds. */
const DRAIN_LIMIT = 1000;

/** The raylet of this process as its driver has it, wherever it runs. */
export interface Carrier {
  readonly road: Road;
  /** Settles when it is gone. */
  readonly gone: Promise<unknown>;
  /** Lets it keep the process alive until it is gone. */
  ref(): void;
  /** The process ends: nothing that has not begun may begin any more. */
  halt(): void;
}

export interface LocalRuntimeOptions {
  readonly node: NodeId;
  readonly options: RuntimeOptions;
  readonly carrier: Carrier;
  /** URL of the main script. */
  readonly entry: string | undefined;
  /** Set where tasks run on this very thread. */
  readonly inline?: Pick<ClientOptions, 'onStandstill' | 'exitActor'>;
}

/** What the driver has of a runtime in its own process. */
export class LocalRuntime implements Runtime {
  readonly client: Client;
  readonly codec: Codec;
  readonly memory: Memory;
  readonly code: CodeStore;
  readonly ready: Promise<void>;
  private readonly carrier: Carrier;
  private readonly road: Road;
  private readonly atExit = (): void => this.drain();
  private isReady: () => void = () => {};
  private cannotStart: (error: Error) => void = () => {};
  private hasStopped: () => void = () => {};
  private failed = false;
  private exiting = false;
  private drains = 0;

  constructor({ node, options, carrier, entry, inline }: LocalRuntimeOptions) {
    this.ready = new Promise((resolve, reject) => {
      this.isReady = resolve;
      this.cannotStart = reject;
    });
    this.carrier = carrier;
    const memory = (this.memory = new Memory(`${node}-0`));
    const road = (this.road = watchChannel(carrier.road, memory.takeIn));
    const codec = createCodec({ mapStack: (stack) => code.mapStack(stack), memory });
    const code = createCodeStore({
      codec,
      nextId: idSource(),
      self: ownExports,
      emit: (parcel) => road.post({ type: 'parcel', parcel }),
      driver: true,
      local: inline !== undefined,
      entry,
    });
    this.codec = codec;
    this.code = code;
    this.client = createClient({
      id: `${node}-0`,
      node,
      role: 'driver',
      channel: road,
      codec,
      memory,
      code,
      clock: systemClock,
      numCpus: options.numCpus,
      recordCreationSites: options.recordCreationSites,
      onControl: (message) => this.control(message),
      ...(options.onUnhandledError && { onUnhandledError: options.onUnhandledError }),
      ...inline,
    });
    road.listen((messages) => this.receive(messages));
    process.on('exit', this.atExit);
  }

  async shutdown(): Promise<void> {
    const stopped = new Promise<void>((resolve) => (this.hasStopped = resolve));
    process.off('exit', this.atExit);
    this.cannotStart(new ShutdownError());
    this.client.flush();
    this.client.close();
    // Whoever waited for something hears of the end, and need not be told what became of it.
    await new Promise(setImmediate);
    this.road.ref();
    this.carrier.ref();
    this.road.post({ type: 'drain', token: (this.drains += 1) });
    this.road.post({ type: 'stop' });
    this.road.flush();
    await Promise.race([stopped, this.carrier.gone]);
    // That it is gone may be heard before what it said last.
    for (let batch; (batch = this.road.receiveNow()) !== undefined;) this.receive(batch);
    this.road.close();
    await this.carrier.gone;
  }

  /** The raylet is lost without having said why. */
  fail(message: string): void {
    this.client.receive([
      { type: 'fatal', failure: { kind: 'system', code: 'INTERNAL', message } },
    ]);
  }

  private receive(messages: readonly ToClient[]): void {
    // Values that come at the end come too late: only what is to be reported is taken in.
    const taken = this.exiting ? messages.filter(isReport) : messages;
    this.client.receive(taken);
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

  /** Nothing will ever be answered: say so once, and refuse what is asked from now on. */
  private end(failure: FatalFailure): void {
    if (this.failed) return;
    this.failed = true;
    const internal = failure.code === 'INTERNAL';
    process.stderr.write(`rayx: ${internal ? failure.message : failure.reason}\n`);
    this.cannotStart(
      internal ? new InternalError(failure.message) : new RuntimeFailedError(failure.reason),
    );
    this.client.close(failure);
  }

  /** Waits, blocking, until the lines that tasks have printed so far are on their descriptors. */
  private drain(): void {
    const token = (this.drains += 1);
    const deadline = performance.now() + DRAIN_LIMIT;
    this.exiting = true;
    this.carrier.halt();
    this.client.flush();
    this.road.post({ type: 'drain', token });
    this.road.flush();
    while (this.road.waitForBatch(Math.max(0, deadline - performance.now()))) {
      const batch = this.road.receiveNow() ?? [];
      this.receive(batch);
      if (batch.some((message) => message.type === 'drained' && message.token === token)) return;
    }
  }
}

const isReport = ({ type }: ToClient): boolean => type === 'drained' || type === 'unseen';
