import { TaskCancelledError } from '../../lib/base/errors';
import { systemClock } from '../../lib/base/clock';
import { createCodec } from '../../lib/data/codec';
import { ClaimTable } from '../../lib/protocol/claims';
import { OutputGauge } from '../../lib/protocol/output-gauge';
import type { Callbacks } from '../../lib/protocol/callbacks';
import type { CallContext } from '../../lib/protocol/context';
import type { Gate } from '../../lib/protocol/host';
import { createMemoryChannel } from '../../lib/protocol/memory-channel';
import type { FromWorker, MethodCall, StreamPolicy, ToWorker } from '../../lib/protocol/messages';
import type { RemoteSpec } from '../../lib/protocol/specs';
import { copiedSize } from '../../lib/protocol/payload';
import type { Payload } from '../../lib/protocol/payload';
import { Executor } from '../../lib/worker/executor';
import { splitChannel } from '../../lib/worker/split-channel';

type Done = Extract<FromWorker, { type: 'done' }>;
type RunOptions = Partial<Pick<Extract<ToWorker, { type: 'run' }>, 'beside' | 'values'>> & {
  readonly refArgs?: readonly (readonly [number, string])[];
  readonly stream?: StreamPolicy;
};

interface Pause {
  readonly call: string;
  readonly taken: number;
  readonly open: () => void;
}

/** An executor whose raylet is played by the spec; code is handed over as it is. */
export class Bench {
  readonly said: FromWorker[] = [];
  readonly ended: CallContext[] = [];
  /** Calls that were told to end, with the code of the reason. */
  readonly aborted: (readonly [CallContext, string])[] = [];
  /** What was never read. */
  readonly discarded: Payload[] = [];
  readonly exits: number[] = [];
  /** Generators that pause, and how many of their items must be taken. */
  pauses: Pause[] = [];
  readonly executor: Executor;
  readonly codec = createCodec();
  readonly claims = new ClaimTable();
  /** Parcels that are asked for wait for this. */
  preparing: Promise<void> | undefined;
  /** Whether the raylet is as fast as the worker. */
  follows = true;
  private readonly gauge = new OutputGauge();
  private readonly functions = new Map<string, unknown>();
  private readonly channel;
  private readonly passed: unknown[] = [];
  private calls = 0;

  constructor() {
    const [ours, theirs] = createMemoryChannel<ToWorker, FromWorker>();
    this.channel = ours;
    const { gauge } = this;
    ours.listen((batch) => {
      this.said.push(...batch);
      if (this.follows) this.follow(batch);
    });
    this.executor = new Executor({
      channel: theirs,
      claims: this.claims,
      gauge,
      codec: this.codec,
      code: {
        take: () => {},
        prepare: () => this.preparing,
        resolve: (id) => this.functions.get(id),
      },
      client: {
        callEnded: (context) => this.ended.push(context),
        callAborted: (context, { code }) => this.aborted.push([context, code]),
        discard: (payload) => this.discarded.push(payload),
        pause: (context, taken) => this.pause(context, taken),
      },
      clock: systemClock,
      exit: (code) => this.exits.push(code),
    });
    splitChannel({
      channel: theirs,
      onOrder: (order) => this.executor.receive(order),
      onParcel: () => {},
    }).listen(() => {});
  }

  /** The raylet has taken in what the worker has said. */
  follow(batch: readonly FromWorker[] = this.said): void {
    for (const said of batch)
      if (said.type === 'yielded') this.gauge.written(copiedSize(said.value));
  }

  send(...messages: readonly ToWorker[]): void {
    for (const message of messages) this.channel.post(message);
    this.channel.flush();
  }

  define(
    kind: RemoteSpec['kind'],
    code: unknown,
    name: string,
    parts: Partial<RemoteSpec> = {},
  ): string {
    const id = `spec of ${name}`;
    this.functions.set(`code of ${name}`, code);
    const spec: RemoteSpec = {
      id,
      kind,
      name,
      code: { id: `code of ${name}`, parcels: [] },
      resources: { CPU: 1 },
      maxRetries: 0,
      blocking: false,
      ...parts,
    };
    this.send({ type: 'define', spec });
    return id;
  }

  /** Hands a call to the worker; answers its id. The claim lies in the slot of the call's number. */
  run(spec: string, args: readonly unknown[] = [], options: RunOptions = {}): string {
    const { beside = false, values, refArgs, stream } = options;
    const id = `call-${(this.calls += 1)}`;
    const claim = { slot: this.calls, turn: 1 };
    this.claims.hold(claim);
    this.send({
      type: 'run',
      attempt: 0,
      claim,
      beside,
      ...(values && { values }),
      call: {
        ...this.base(id, args),
        spec,
        ...(refArgs && { refArgs }),
        ...(stream && { stream }),
      },
    });
    return id;
  }

  /** Takes a call back as the raylet does. */
  revoke(call: string): boolean {
    return this.claims.revoke({ slot: Number(call.slice('call-'.length)), turn: 1 });
  }

  create(
    spec: string,
    args: readonly unknown[] = [],
    restarts?: number,
    state?: Payload,
    actor = 'actor-1',
  ): void {
    const call = { ...this.base(actor, args), actor, spec };
    const more = {
      ...(restarts !== undefined && { restarts }),
      ...(state !== undefined && { state }),
    };
    this.send({ type: 'createInstance', call, ...more });
  }

  /** Options that are functions, as they travel: here by a number. */
  callbacks(callbacks: Callbacks): Payload {
    if (this.passed.length === 0) {
      this.codec.register<unknown, number, undefined>({
        id: 'function',
        test: (value): value is unknown => typeof value === 'function',
        encode: (fn) => this.passed.push(fn) - 1,
        decode: (at) => this.passed[at],
      });
    }
    return this.codec.encode(callbacks, 'callbacks');
  }

  /** The messages of one type that the worker has sent. */
  sent<K extends FromWorker['type']>(type: K): Extract<FromWorker, { type: K }>[] {
    return this.said.filter((said): said is never => said.type === type);
  }

  invoke(
    method: string,
    args: readonly unknown[] = [],
    parts: Partial<Pick<MethodCall, 'actor' | 'group' | 'stream'>> = {},
  ): string {
    const id = `call-${(this.calls += 1)}`;
    const call = { ...this.base(id, args), actor: 'actor-1', method, ...parts };
    this.send({ type: 'invoke', call });
    return id;
  }

  /** Tells a call that runs to end, as the client on its thread does. */
  async abort(call: string): Promise<void> {
    const reason = new TaskCancelledError('a call', 'the spec says so');
    const failure = { kind: 'system', code: 'TASK_CANCELLED', taskName: call, reason: '' } as const;
    this.send({ type: 'abort', call, failure });
    const [context] = await this.until(() => this.aborted.find(([one]) => one.call === call));
    context.abortedBy = reason;
    for (const pause of this.pauses) if (pause.call === call) pause.open();
  }

  /** So many items of a generator that pauses are taken: it goes on. */
  async taken(call: string, count: number): Promise<void> {
    this.send({ type: 'taken', call, count });
    // The message arrives first, as the grant comes behind it.
    await new Promise(setImmediate);
    for (const pause of this.pauses) if (pause.call === call && pause.taken <= count) pause.open();
  }

  private pause(context: CallContext, taken: number): Gate {
    let open = false;
    const callbacks: (() => void)[] = [];
    const pause = {
      call: context.call,
      taken,
      open: () => {
        open = true;
        this.pauses = this.pauses.filter((other) => other !== pause);
        for (const callback of callbacks) callback();
      },
    };
    this.pauses.push(pause);
    return {
      get open() {
        return open;
      },
      refusal: undefined,
      onOpen: (callback) => void (open ? callback() : callbacks.push(callback)),
      close: () => {},
    };
  }

  async done(call: string): Promise<Done> {
    return this.until(() =>
      this.said.find((said): said is Done => said.type === 'done' && said.call === call),
    );
  }

  /** The value of a call that succeeds. */
  async value(call: string): Promise<unknown> {
    const { outcome } = await this.done(call);
    if (!outcome.ok) throw new Error(`${call} failed: ${JSON.stringify(outcome.failure)}`);
    return this.codec.decode(outcome.value);
  }

  /** What the code of a call threw. */
  async thrown(call: string): Promise<unknown> {
    const { outcome } = await this.done(call);
    if (outcome.ok || outcome.failure.kind !== 'thrown') throw new Error(`${call} threw nothing`);
    return this.codec.decodeThrown(outcome.failure.error);
  }

  async until<T>(look: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      await new Promise(setImmediate);
    }
  }

  private base(id: string, args: readonly unknown[]) {
    return { id, args: this.codec.encode(args, 'args'), depth: 2, caller: 'node-0' };
  }
}
