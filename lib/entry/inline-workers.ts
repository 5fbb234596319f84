import type { Clock } from '../base/clock';
import type { ActorId, CallId } from '../base/ids';
import type { Client } from '../client/contract';
import type { CodeStore } from '../code/store';
import type { Codec } from '../data/codec';
import type { Memory } from '../data/memory';
import type { Channel } from '../protocol/channel';
import { ClaimTable } from '../protocol/claims';
import { createMemoryChannel } from '../protocol/memory-channel';
import type {
  CreateActor,
  FromClient,
  FromWorker,
  MethodCall,
  TaskCall,
  ToWorker,
} from '../protocol/messages';
import { OutputGauge } from '../protocol/output-gauge';
import type { Turns } from '../protocol/turns';
import { watchChannel } from '../protocol/mapped-channel';
import type { StartThread } from '../raylet/pool/pool';
import { Executor } from '../worker/executor';
import { splitChannel } from '../worker/split-channel';
import type { WorkerOrder } from '../worker/tools';

/** Whoever stood still here would wait for a raylet that stands still with him. */
class PatientGauge extends OutputGauge {
  override sent(length: number): void {
    this.add(length);
  }
}

/** What all workers of a thread share. */
export interface InlineParts {
  readonly turns: Turns;
  readonly clock: Clock;
  readonly codec: Codec;
  readonly memory: Memory;
  readonly code: CodeStore;
  /** The thread's only client. */
  readonly client: Client;
  /** Sends what that client has posted. */
  readonly flush: () => void;
  /** Shows a line of rayx itself. */
  readonly warn: (text: string) => void;
}

type Link = Channel<FromWorker, ToWorker>;

/** A call that a worker was given, and the instance it is of. */
interface Given {
  readonly worker: InlineWorker;
  readonly actor: ActorId | undefined;
}

interface InlineWorker {
  readonly link: Link;
  readonly executor: Executor;
}

/**
 * Workers without threads: each an executor of its own. They share the client of the thread, which
 * speaks to the raylet as the driver's; only what a task says of itself goes by its worker.
 */
export class InlineWorkers {
  private readonly all = new Set<InlineWorker>();
  /** By the calls they were given. */
  private readonly byCall = new Map<CallId, Given>();
  private readonly unflushed = new Set<Link>();
  private warned = false;

  /** @param parts asked for when the first worker starts */
  constructor(private readonly parts: () => InlineParts) {}

  readonly start: StartThread = ({ envVars, onEnd }) => {
    if (envVars !== undefined) this.warnOfVariables();
    const { turns, clock, codec, memory, code, client, flush } = this.parts();
    const [channel, link] = createMemoryChannel<ToWorker, FromWorker>(turns);
    const [claims, gauge] = [new ClaimTable(), new PatientGauge()];
    const executor = new Executor({
      channel: this.reporting(link, flush),
      claims,
      gauge,
      codec,
      code,
      client,
      clock,
      turns,
      exit: (exitCode) => end(`its worker ended with code ${exitCode}`),
    });
    const road = splitChannel({
      channel: watchChannel(link, memory.takeIn),
      onOrder: (order) => {
        const call = callOf(order);
        if (call !== undefined) {
          this.byCall.set(call.id, { worker, actor: 'actor' in call ? call.actor : undefined });
        }
        executor.receive(order);
      },
      onParcel: (parcel) => code.take(parcel),
    });
    const worker: InlineWorker = { link, executor };
    const end = (reason: string): void => {
      if (!this.all.delete(worker)) return;
      abandon(worker);
      this.forget((given) => given.worker === worker);
      this.unflushed.delete(worker.link);
      turns.soon(() => onEnd({ kind: 'exit', reason }));
    };
    this.all.add(worker);
    road.listen((messages) => {
      if (this.all.has(worker)) client.receive(messages);
    });
    link.post({ type: 'online' });
    link.flush();
    return { channel, claims, gauge, terminate: () => end('its worker was ended') };
  };

  /** How much tasks have said that was not sent yet. */
  get unsent(): number {
    return this.unflushed.size;
  }

  /** What a task says of itself. Of one that was given up nobody hears any more. */
  say(task: CallId, message: FromClient): void {
    const link = this.byCall.get(task)?.worker.link;
    if (link === undefined) return;
    link.post(message);
    this.unflushed.add(link);
  }

  flush(): void {
    for (const link of this.unflushed) link.flush();
    this.unflushed.clear();
  }

  /** The process ends: nothing that has not begun begins any more. */
  abandonAll(): void {
    for (const worker of this.all) abandon(worker);
  }

  private warnOfVariables(): void {
    if (this.warned) return;
    this.warned = true;
    this.parts().warn(
      'runtimeEnv does nothing in inline mode, where all calls have the variables of the script; ' +
        'set them in process.env',
    );
  }

  /** Reports follow what the client has said in the course of the call. */
  private reporting(link: Link, flush: () => void): Link {
    return {
      get unsent() {
        return link.unsent;
      },
      post: (message) => {
        if (message.type === 'done') this.byCall.delete(message.call);
        if (message.type === 'created') this.byCall.delete(message.actor);
        if (message.type === 'dropped') this.forget(({ actor }) => actor === message.actor);
        link.post(message);
      },
      flush() {
        flush();
        link.flush();
      },
      listen: (receive) => link.listen(receive),
      receiveNow: () => link.receiveNow(),
      waitForBatch: (timeout) => link.waitForBatch(timeout),
      ref: () => link.ref(),
      unref: () => link.unref(),
      close: () => link.close(),
    };
  }

  private forget(isGone: (given: Given) => boolean): void {
    for (const [call, given] of this.byCall) if (isGone(given)) this.byCall.delete(call);
  }
}

/** The call that an order gives. */
function callOf(order: WorkerOrder): TaskCall | CreateActor | MethodCall | undefined {
  switch (order.type) {
    case 'run':
    case 'createInstance':
    case 'invoke':
      return order.call;
    default:
      return undefined;
  }
}

function abandon({ executor, link }: InlineWorker): void {
  executor.abandon();
  link.close();
}
