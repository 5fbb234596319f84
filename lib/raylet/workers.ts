import type { Clock } from '../base/clock';
import type { ActorId, CallId, WorkerId } from '../base/ids';
import { dispatch, spawn, stop, type ActorRef, type ActorSystem } from '../nact/actors';
import type { ClaimTable } from '../protocol/claims';
import type { Claim, WorkerExit } from '../protocol/messages';
import type { Links } from './links';
import type { Logs } from './logs/logs';
import { hostPrefix, taskPrefix } from './logs/logs';
import type { StartThread, ThreadEnd, ThreadTraits, WorkerThread } from './pool/pool';

/** How long an empty thread may take to end by itself, in milliseconds. */
const RETIRE_GRACE = 1000;

/** Threads in a row that end before they are ready, until starting more is given up. */
const MAX_FAILED_STARTS = 3;

export interface WorkersOptions {
  readonly system: ActorSystem;
  readonly startThread: StartThread;
  readonly links: Links;
  readonly logs: Logs;
  readonly clock: Clock;
  readonly onOnline: (worker: WorkerId) => void;
  readonly onExited: (worker: WorkerId, exit: WorkerExit, claims?: Int32Array) => void;
  /** Threads end before they are ready, again and again. */
  readonly onCannotStart: (reason: string) => void;
}

/** What the keeper of one thread is told. */
type Message =
  | { readonly type: 'online' }
  | { readonly type: 'retire' }
  | { readonly type: 'terminate' }
  | { readonly type: 'ended'; readonly end: ThreadEnd };

interface Worker {
  readonly keeper: ActorRef<Message>;
  readonly thread?: WorkerThread;
  readonly state: { online: boolean; asked: boolean };
  /** It is for instances, which crash if it does not start. */
  readonly hosts: boolean;
}

/** What a thread is started for. */
export interface ThreadUse extends ThreadTraits {
  /** For this instance alone. */
  readonly actor?: ActorId;
  /** For instances that share it. */
  readonly shared?: true;
}

/** The worker threads of a raylet, each with an actor that keeps it: start, readiness, end. */
export class Workers {
  private readonly place: ActorRef<never>;
  private readonly workers = new Map<WorkerId, Worker>();
  /** Outlive their threads: calls are taken back until the scheduler has heard of the end. */
  private readonly claims = new Map<WorkerId, ClaimTable>();
  private failedStarts = 0;

  constructor(private readonly options: WorkersOptions) {
    this.place = spawn<undefined, never>(options.system, 'workers', () => undefined, {
      initialState: undefined,
    });
  }

  get count(): number {
    return this.workers.size;
  }

  /** Starts a thread; messages may be posted to it from now on. */
  start(worker: WorkerId, use: ThreadUse = {}): void {
    // The driver was told that there is no use in going on.
    if (this.failedStarts >= MAX_FAILED_STARTS) return;
    const { links, logs, startThread } = this.options;
    const keeper = spawn<undefined, Message>(
      this.place,
      worker,
      (_, message) => this.handle(worker, message),
      { initialState: undefined },
    );
    const ended = (end: ThreadEnd): void => dispatch(keeper, { type: 'ended', end });
    const state = { online: false, asked: false };
    const { envVars, heapLimit, actor, shared = false } = use;
    const hosts = shared || actor !== undefined;
    logs.open(worker, shared ? hostPrefix(worker) : taskPrefix(worker));
    try {
      const thread = startThread({
        worker,
        onEnd: ended,
        ...(envVars && { envVars }),
        ...(heapLimit !== undefined && { heapLimit }),
      });
      this.workers.set(worker, { keeper, thread, state, hosts });
      this.claims.set(worker, thread.claims);
      links.open(worker, thread.channel);
    } catch (error) {
      this.workers.set(worker, { keeper, state, hosts });
      ended({ kind: 'error', reason: `its thread could not be started: ${String(error)}` });
    }
  }

  online(worker: WorkerId): void {
    this.tell(worker, { type: 'online' });
  }

  /** Ends a thread that holds nothing, by force if it does not answer. */
  retire(worker: WorkerId): void {
    this.tell(worker, { type: 'retire' });
  }

  /** Ends a thread whatever it does. */
  terminate(worker: WorkerId): void {
    this.tell(worker, { type: 'terminate' });
  }

  /** Ends a thread and says what it leaves as if it had ended already: a native call may hold it up. */
  endNow(worker: WorkerId, reason: string): { exit: WorkerExit; claims?: Int32Array } {
    this.terminate(worker);
    const claims = this.claims.get(worker)?.seal();
    const lastLines = this.options.logs.lastLines(worker);
    return { exit: { kind: 'forced', reason, lastLines }, ...(claims && { claims }) };
  }

  terminateAll(): void {
    for (const worker of this.workers.keys()) this.terminate(worker);
  }

  /** What the worker has printed was written, what it has yielded was taken in: it may go on. */
  written(worker: WorkerId, length: number): void {
    this.workers.get(worker)?.thread?.gauge.written(length);
  }

  /** Enters a call in the worker's claim table. */
  hold(worker: WorkerId, claim: Claim): void {
    this.claims.get(worker)?.hold(claim);
  }

  /** Takes calls back; answers those that had not started. */
  revoke(worker: WorkerId, claims: readonly (Claim & { readonly call: CallId })[]): CallId[] {
    const table = this.claims.get(worker);
    return claims.filter((claim) => table?.revoke(claim)).map(({ call }) => call);
  }

  /** The scheduler has dealt with the end of the thread. */
  forget(worker: WorkerId): void {
    this.claims.delete(worker);
  }

  private tell(worker: WorkerId, message: Message): void {
    const keeper = this.workers.get(worker)?.keeper;
    if (keeper) dispatch(keeper, message);
  }

  private handle(id: WorkerId, message: Message): undefined {
    const worker = this.workers.get(id);
    if (worker === undefined) return;
    switch (message.type) {
      case 'online':
        this.failedStarts = 0;
        worker.state.online = true;
        this.options.onOnline(id);
        break;
      case 'retire':
        worker.state.asked = true;
        this.options.links.post(id, { type: 'retire' });
        this.options.links.flush();
        this.options.clock.after(RETIRE_GRACE, () => worker.thread?.terminate());
        break;
      case 'terminate':
        worker.state.asked = true;
        worker.thread?.terminate();
        break;
      case 'ended':
        this.bury(id, worker, message.end);
        break;
    }
  }

  private bury(id: WorkerId, { keeper, thread, state, hosts }: Worker, end: ThreadEnd): void {
    const { links, logs, onExited, onCannotStart } = this.options;
    links.close(id);
    logs.flush(id);
    const lastLines = logs.lastLines(id);
    logs.close(id);
    this.workers.delete(id);
    stop(keeper);
    const kind = state.asked ? 'retired' : end.kind;
    onExited(id, { kind, reason: end.reason, lastLines }, thread?.claims.snapshot());
    if (state.online || state.asked || hosts) return;
    this.failedStarts += 1;
    if (this.failedStarts === MAX_FAILED_STARTS) onCannotStart(end.reason);
  }
}
