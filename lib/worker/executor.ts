import type { Clock } from '../base/clock';
import type { SpecId } from '../base/ids';
import { start, stop, type ActorSystem } from '../nact/actors';
import type { Channel } from '../protocol/channel';
import type { ClaimTable } from '../protocol/claims';
import type { CallContext } from '../protocol/context';
import { ExitSignal } from '../protocol/exit-signal';
import type { ClientHost } from '../protocol/host';
import type { FromWorker, ToWorker } from '../protocol/messages';
import type { RemoteSpec } from '../protocol/specs';
import type { OutputGauge } from '../protocol/output-gauge';
import type { Payload } from '../protocol/payload';
import type { Turns } from '../protocol/turns';
import { Aborts } from './aborts';
import type { CallTools, UserCall } from './call';
import { CallbackBook } from './callbacks';
import { installGuards } from './guards';
import { Instances } from './instances';
import { Output } from './output';
import { Streams } from './streams';
import { Tasks } from './tasks';
import type { CodeSource, ValueCodec, WorkerOrder, WorkerReport } from './tools';

type Poisoned = Extract<FromWorker, { type: 'poisoned' }>;

export interface ExecutorOptions {
  readonly channel: Channel<FromWorker, ToWorker>;
  readonly claims: ClaimTable;
  readonly gauge: OutputGauge;
  readonly codec: ValueCodec;
  readonly code: CodeSource;
  readonly client: Pick<ClientHost, 'callEnded' | 'callAborted' | 'pause' | 'discard'>;
  readonly clock: Clock;
  /** Ends the thread; what was flushed before still arrives. */
  readonly exit: (code: number) => void;
  /** What its actors run on. @defaultValue the event loop */
  readonly turns?: Turns;
}

/** The working half of a worker thread: it carries out the raylet's orders. */
export class Executor {
  private readonly specs = new Map<SpecId, RemoteSpec>();
  private readonly system: ActorSystem;
  private readonly output: Output;
  private readonly aborts: Aborts;
  private readonly tasks: Tasks;
  private readonly instances: Instances;
  private readonly streams: Streams;
  private retiring = false;

  constructor(private readonly options: ExecutorOptions) {
    const { claims, gauge, codec, code, client, clock, turns } = options;
    this.output = new Output((fd, text, source) => {
      this.report({ type: 'output', fd, text, source });
      gauge.sent(text.length);
    });
    const endLine = (call: UserCall): void => this.output.endLine(call);
    const report = (message: WorkerReport): void => this.report(message);
    const note = (source: string, text: string): void => this.output.note(source, text);
    const callbacks = new CallbackBook(codec);
    const aborts = (this.aborts = new Aborts(client));
    const shown = { endLine, note, gauge };
    const own = { aborts, callbacks, thread: this };
    const tools: CallTools = { codec, code, clock, client, report, ...own, ...shown };
    const onFault = (actor: string, error: unknown): void => this.onFault(actor, error);
    const system = (this.system = start({ onFault, ...(turns && { turns }) }));
    const streams = (this.streams = new Streams(tools));
    const shared = { system, tools, streams, specs: this.specs };
    const soon = turns ? (action: () => void) => turns.soon(action) : setImmediate;
    this.tasks = new Tasks({ ...shared, claims, onEnd: () => this.endIfRetired() });
    this.instances = new Instances({ ...shared, soon });
  }

  /** Makes the thread's output, exits and uncaught errors ours. */
  guard(): void {
    this.output.install(process.stdout, process.stderr);
    installGuards({
      output: this.output,
      onPoisoned: (reason, culprit, error) =>
        this.poison(reason, culprit, this.options.codec.encodeThrown(error)),
      onActorExit: (reason, culprit) => this.poison(reason, culprit),
      isSupervised: (error, culprit) => this.instances.supervise(error, culprit),
    });
  }

  /**
   * Where there is no thread that ends: drops what has not begun, and tells what runs to end. What
   * comes of that is of no interest.
   */
  abandon(): void {
    stop(this.system);
    this.tasks.drop();
    this.aborts.abortAll('its worker was ended');
  }

  receive(order: WorkerOrder): void {
    switch (order.type) {
      case 'define':
        this.specs.set(order.spec.id, order.spec);
        break;
      case 'undefine':
        this.specs.delete(order.spec);
        break;
      case 'run':
        this.tasks.add(order);
        break;
      case 'createInstance':
        this.instances.create(order);
        break;
      case 'dropInstance':
        this.instances.drop(order.actor);
        break;
      case 'invoke':
        this.instances.invoke(order);
        break;
      case 'abort':
        this.aborts.abort(order.call, order.failure);
        break;
      case 'taken':
        this.streams.taken(order.call, order.count);
        break;
      case 'judge':
        this.instances.judge(order);
        break;
      case 'resumeInstance':
        this.instances.resume(order.actor);
        break;
      case 'retire':
        this.retiring = true;
        this.endIfRetired();
        break;
    }
  }

  /**
   * An actor dies with its thread; a thread of tasks is replaced when it is empty. Where actors share
   * a thread the one that it came from dies, and the others never hear of it.
   */
  poison(reason: string, culprit: UserCall | undefined, error?: Payload): void {
    const { instances } = this;
    const actor = instances.shareThread && culprit && instances.leave(culprit.context);
    if (instances.shareThread && actor === undefined) return;
    this.reportPoisoned(reason, {
      ...(culprit !== undefined && { culprit: culprit.context.call }),
      ...(actor && { actor }),
      ...(error !== undefined && { error }),
    });
    if (!instances.shareThread && !instances.idle) this.options.exit(1);
  }

  /**
   * The instance leaves, whatever its code makes of the signal: nothing more is begun for it here,
   * and the raylet ends the thread, or takes it off that. What is on the stack may clean up meanwhile.
   */
  exitActor(context: CallContext): never {
    const actor = this.instances.leave(context);
    if (actor !== undefined) this.report({ type: 'exitActor', actor, call: context.call });
    throw new ExitSignal('exitActor()');
  }

  /** Sends a report at once, and with it what the client on this thread has posted. */
  private report(report: WorkerReport): void {
    this.options.channel.post(report);
    this.options.channel.flush();
  }

  private reportPoisoned(reason: string, more: Partial<Poisoned> = {}): void {
    this.report({ type: 'poisoned', reason, ...more });
  }

  private endIfRetired(): void {
    if (!this.retiring || !this.tasks.idle) return;
    this.options.channel.flush();
    this.options.exit(0);
  }

  private onFault(actor: string, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.reportPoisoned(`an internal error in ${actor}: ${text}`);
    if (!this.instances.idle) this.options.exit(1);
  }
}
