import type { Clock } from '../base/clock';
import type { RuntimeEvent } from '../base/events';
import { collectGarbage } from '../base/garbage';
import type { ClientId, NodeId } from '../base/ids';
import { dispatch, spawn, start, stop, type ActorRef, type ActorSystem } from '../nact/actors';
import type { FromWorker } from '../protocol/messages';
import type { Turns } from '../protocol/turns';
import { copiedSize, type FatalFailure } from '../protocol/payload';
import { Collector } from './collector';
import { Links, type Link } from './links';
import { Logs, type LogsOptions } from './logs/logs';
import type { StartThread } from './pool/pool';
import type { SchedulerMessage } from './scheduler/events';
import { Shell, type Happening, type SchedulerCore } from './shell';
import { SpillFiles } from './spill/files';
import { sessionFolder } from './spill/folder';
import { Spiller } from './spill/spiller';
import { Supervisors } from './supervisors';
import { Ticker } from './ticker';
import { Workers } from './workers';

export interface RayletOptions {
  readonly node: NodeId;
  readonly driver: Link;
  readonly scheduler: SchedulerCore;
  readonly startThread: StartThread;
  readonly logs: LogsOptions;
  readonly clock: Clock;
  /** For what need not come while the driver blocks the raylet's thread. @defaultValue the same */
  readonly freeClock?: Clock;
  /** What its actors run on. @defaultValue the event loop */
  readonly turns?: Turns;
  /** Sees every change of state. */
  readonly onEvent?: (event: RuntimeEvent) => void;
  /** All threads have ended and the driver has been told. */
  readonly onStopped: () => void;
}

/** How long what was sent is taken in at the end, in milliseconds: as long as the driver waits. */
const DRAIN_LIMIT = 1000;

/** What a client has sent, in one batch or in several. */
interface Messages {
  readonly type: 'messages';
  readonly from: ClientId;
  readonly messages: SchedulerMessage[];
}

/** Something for the scheduler, or `posted`: there is something to send. */
type News = Exclude<Happening, { readonly type: 'messages' }> | Messages | 'posted';

/**
 * What the scheduler's actor is told. All that arrives before it comes to the first of it is one
 * message, in the order it came.
 */
type Message =
  | { readonly type: 'news'; readonly news: News[] }
  | { readonly type: 'drain'; readonly token: number }
  | { readonly type: 'stop' };

/** The raylet of one machine: the scheduler in an actor, and around it threads, instances and logs. */
export class Raylet {
  private readonly driver: ClientId;
  private readonly system: ActorSystem;
  private readonly logs: Logs;
  private readonly links: Links;
  private readonly ticker: Ticker;
  private readonly freeTicker: Ticker;
  private readonly workers: Workers;
  private readonly supervisors: Supervisors;
  private readonly spiller: Spiller;
  private readonly shell: Shell;
  private readonly scheduler: ActorRef<Message>;
  private arrived: News[] = [];
  private stopping = false;

  constructor(private readonly options: RayletOptions) {
    const { node, clock, freeClock = clock, startThread, turns } = options;
    this.driver = `${node}-0`;
    const onFault = (actor: string, error: unknown): void => this.fail(actor, error);
    this.system = start({ onFault, ...(turns && { turns }) });
    this.logs = new Logs(options.logs);
    this.links = new Links((from, batch) => this.receive(from, batch));
    const tick = (): void => this.hear({ type: 'tick' });
    this.ticker = new Ticker(clock, tick);
    this.freeTicker = new Ticker(freeClock, tick);
    const { system, links, logs, ticker, freeTicker } = this;
    this.workers = new Workers({
      system,
      startThread,
      links,
      logs,
      clock,
      onOnline: (worker) => this.hear({ type: 'workerOnline', worker }),
      onExited: (worker, exit, claims) =>
        this.hear({ type: 'workerExited', worker, exit, ...(claims ? { claims } : {}) }),
      onCannotStart: (reason) =>
        this.fatal({
          kind: 'system',
          code: 'RUNTIME_FAILED',
          reason: `worker threads fail to start: ${reason}`,
        }),
    });
    const { workers } = this;
    this.supervisors = new Supervisors({
      system,
      links,
      workers,
      flush: () => this.hear('posted'),
      onAlive: (actor, worker) => this.hear({ type: 'actorAlive', actor, worker }),
      onLeft: (actor, worker) => this.hear({ type: 'actorLeft', actor, worker }),
      onDied: (actor, failure) => this.hear({ type: 'actorDied', actor, failure }),
    });
    const { supervisors } = this;
    const onEvent = options.onEvent ?? (() => {});
    const { scheduler } = options;
    const tickers = { ticker, freeTicker };
    const collector = new Collector(clock, collectGarbage);
    this.spiller = new Spiller({
      system,
      files: new SpillFiles(sessionFolder(node)),
      onSpilled: (file, problem) =>
        this.hear({ type: 'spilled', file, ...(problem !== undefined && { problem }) }),
      onRestored: (file, read) => this.hear({ type: 'restored', file, ...read }),
    });
    const { spiller } = this;
    const kept = { workers, supervisors, collector, spiller };
    const parts = { scheduler, clock, links, logs, ...tickers, ...kept, onEvent };
    this.shell = new Shell(parts);
    this.scheduler = spawn<undefined, Message>(
      system,
      'scheduler',
      (_, message) => this.handle(message),
      { initialState: undefined },
    );
    links.open(this.driver, options.driver);
    this.spiller.sweep();
    this.hear({ type: 'tick' });
  }

  /** What has arrived from a client. Output is written before anything else of it is looked at. */
  private receive(from: ClientId, batch: readonly FromWorker[]): void {
    let messages: SchedulerMessage[] = [];
    const handOver = (): void => {
      this.hearMessages(from, messages);
      messages = [];
    };
    for (const message of batch) {
      switch (message.type) {
        case 'output':
          this.logs.receive(from, message);
          this.workers.written(from, message.text.length);
          break;
        case 'yielded':
          this.workers.written(from, copiedSize(message.value));
          messages.push(message);
          break;
        case 'done': {
          const { exitCode } = message;
          const lastLines = exitCode === undefined ? [] : this.logs.lastLines(from);
          messages.push(exitCode === undefined ? message : { ...message, lastLines });
          break;
        }
        case 'online':
          this.workers.online(from);
          break;
        case 'created':
          this.supervisors.created(message.actor, from, message.outcome);
          break;
        case 'dropped':
          this.supervisors.dropped(message.actor, from);
          break;
        case 'drain':
        case 'stop':
          handOver();
          this.drainLinks();
          dispatch(this.scheduler, message);
          break;
        default:
          messages.push(message);
      }
    }
    handOver();
  }

  /** Takes in all that was sent so far; a worker that never stops to print is left behind. */
  private drainLinks(): void {
    const { clock } = this.options;
    const deadline = clock.now() + DRAIN_LIMIT;
    this.links.drainAll(() => clock.now() > deadline);
  }

  /** Batches of one client with nothing between them are one to the scheduler: they are small and many. */
  private hearMessages(from: ClientId, messages: SchedulerMessage[]): void {
    if (messages.length === 0) return;
    const last = this.arrived.at(-1);
    if (typeof last === 'object' && last.type === 'messages' && last.from === from) {
      for (const message of messages) last.messages.push(message);
    } else this.hear({ type: 'messages', from, messages });
  }

  private hear(news: News): void {
    if (this.arrived.push(news) > 1) return;
    dispatch(this.scheduler, { type: 'news', news: this.arrived });
  }

  private handle(message: Message): undefined {
    switch (message.type) {
      case 'news':
        this.arrived = [];
        for (const news of message.news) this.takeIn(news);
        break;
      case 'drain':
        this.logs.flushAll();
        // The driver is about to end: nobody reads any more.
        this.spiller.close();
        this.shell.handle({ type: 'drain', token: message.token });
        break;
      case 'stop':
        this.stopping = true;
        this.shell.handle({ type: 'shutdown' });
        this.workers.terminateAll();
        this.stopWhenEmpty();
        break;
    }
    this.links.flush();
  }

  private takeIn(news: News): void {
    if (news === 'posted') return;
    // What was posted without its memory must not be sent with it: nobody has counted that.
    if (news.type === 'restored') this.links.flush();
    this.shell.handle(news);
    if (news.type !== 'workerExited') return;
    this.workers.forget(news.worker);
    this.supervisors.exited(news.worker);
    this.stopWhenEmpty();
  }

  private stopWhenEmpty(): void {
    if (!this.stopping || this.workers.count > 0) return;
    this.ticker.stop();
    this.freeTicker.stop();
    this.links.post(this.driver, { type: 'stopped' });
    this.links.flush();
    this.links.close(this.driver);
    stop(this.system);
    this.options.onStopped();
  }

  private fail(actor: string, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.fatal({ kind: 'system', code: 'INTERNAL', message: `${actor}: ${text}` });
  }

  private fatal(failure: FatalFailure): void {
    this.links.post(this.driver, { type: 'fatal', failure });
    this.links.flush();
  }
}
