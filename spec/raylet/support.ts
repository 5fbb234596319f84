import { systemClock } from '../../lib/base/clock';
import { OutputGauge } from '../../lib/protocol/output-gauge';
import type { WorkerId } from '../../lib/base/ids';
import { type Channel } from '../../lib/protocol/channel';
import { ClaimTable } from '../../lib/protocol/claims';
import { createMemoryChannel } from '../../lib/protocol/memory-channel';
import type { FromWorker, ToWorker } from '../../lib/protocol/messages';
import type { RemoteSpec } from '../../lib/protocol/specs';
import type { StartThread, ThreadEnd } from '../../lib/raylet/pool/pool';
import { Raylet } from '../../lib/raylet/raylet';
import { Scheduler } from '../../lib/raylet/scheduler/scheduler';

export type Run = Extract<ToWorker, { type: 'run' }>;

export const square: RemoteSpec = {
  id: 'square-spec',
  kind: 'function',
  name: 'square',
  code: { id: 'square-code', parcels: [] },
  resources: { CPU: 1 },
  maxRetries: 0,
  blocking: false,
};

export const counter: RemoteSpec = {
  ...square,
  id: 'counter-spec',
  kind: 'class',
  name: 'Counter',
};

/** One end of a channel to the raylet, played by the spec. */
export class Peer {
  readonly received: ToWorker[] = [];

  constructor(
    private readonly channel: Channel<FromWorker, ToWorker>,
    onMessage: (message: ToWorker) => void = () => {},
  ) {
    channel.listen((batch) => {
      for (const message of batch) {
        this.received.push(message);
        onMessage(message);
      }
    });
  }

  say(...messages: readonly FromWorker[]): void {
    for (const message of messages) this.channel.post(message);
    this.channel.flush();
  }

  of<T extends ToWorker['type']>(type: T): Extract<ToWorker, { type: T }>[] {
    return this.received.filter((message) => message.type === type) as never;
  }
}

/** A worker thread played by the spec. */
export class FakeThread extends Peer {
  readonly claims = new ClaimTable();
  terminated = false;

  constructor(
    readonly worker: WorkerId,
    ends: readonly [Channel<FromWorker, ToWorker>, Channel<ToWorker, FromWorker>],
    private readonly onEnd: (end: ThreadEnd) => void,
  ) {
    super(ends[0]);
  }

  end(end: ThreadEnd): void {
    this.onEnd(end);
  }

  terminate(): void {
    if (this.terminated) return;
    this.terminated = true;
    setImmediate(() => this.onEnd({ kind: 'exit', reason: 'its thread was terminated' }));
  }

  /** Begins the call and ends it with this value. */
  answer({ call, claim }: Run, value: number): void {
    this.claims.start(claim);
    const outcome = { ok: true, value } as const;
    this.say({ type: 'done', call: call.id, outcome, took: 1, blocked: false });
  }
}

/** A raylet with the real scheduler, whose threads and driver are played by the spec. */
export class Stage {
  readonly threads: FakeThread[] = [];
  readonly driver: Peer;
  /** What was written and what the driver was told, in the order in which it happened. */
  readonly log: string[] = [];
  stopped = false;
  /** Makes the start of a thread throw. */
  refuse: Error | undefined;

  constructor(options: { numCpus?: number; shown?: boolean } = {}) {
    const { numCpus = 1, shown = true } = options;
    const [ours, theirs] = createMemoryChannel<FromWorker, ToWorker>();
    this.driver = new Peer(ours, (message) => this.log.push(`driver: ${message.type}`));
    const startThread: StartThread = ({ worker, onEnd }) => {
      if (this.refuse) throw this.refuse;
      const ends = createMemoryChannel<FromWorker, ToWorker>();
      const thread = new FakeThread(worker, ends, onEnd);
      this.threads.push(thread);
      const { claims } = thread;
      const gauge = new OutputGauge();
      return { channel: ends[1], claims, gauge, terminate: () => thread.terminate() };
    };
    new Raylet({
      node: 'node',
      driver: theirs,
      scheduler: new Scheduler(
        { node: 'node', numCpus, resources: {}, maxThreads: 16, idleTimeout: 60_000 },
        systemClock.now(),
      ),
      startThread,
      logs: { shown, write: (fd, text) => this.log.push(`${fd}: ${text}`) },
      clock: systemClock,
      onStopped: () => (this.stopped = true),
    });
  }

  /** The thread of that number, from 1, once it was started. */
  async thread(number: number): Promise<FakeThread> {
    return this.until(() => this.threads[number - 1]);
  }

  /** Waits until `look` finds something. The spec's time-out ends a wait in vain. */
  async until<T>(look: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      await new Promise(setImmediate);
    }
  }

  submit(...ids: readonly string[]): void {
    const calls = ids.map((id) => ({
      type: 'submit' as const,
      call: { id, spec: square.id, args: undefined, depth: 0, caller: 'node-0' },
    }));
    this.driver.say({ type: 'define', spec: square }, ...calls);
  }

  /** The outcome of an object, once the driver was told. */
  async outcome(id: string) {
    const settled = await this.until(() =>
      this.driver.of('settled').find((message) => message.id === id),
    );
    return settled.outcome;
  }

  async stop(): Promise<void> {
    this.driver.say({ type: 'stop' });
    await this.until(() => this.stopped);
  }
}
