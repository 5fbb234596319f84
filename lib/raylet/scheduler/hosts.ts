import type { Agenda } from './agenda';
import type { Environment } from './environments';
import type { SchedulerOptions } from './events';
import type { Journal } from './journal';
import type { ActorRecord, Host, WorkerRecord } from './records';
import type { Workers } from './workers';

/**
 * Milliseconds within which an instance leaves its thread, or that ends; until then a restart waits
 * for it, since it may have ports and files open. User code that does not return may take for ever.
 */
export const PATIENCE = 1000;

/**
 * The threads that instances live on. One that asks for a thread of its own gets it. Those that share
 * are spread over as many threads as there are CPUs, which come as they are needed and retire when
 * they are empty.
 */
export class Hosts {
  /** Threads that take instances which share, by their variables. */
  private readonly shared = new Map<Environment, Set<WorkerRecord>>();
  /** Takes the retirement of an empty one off the agenda. */
  private readonly retirements = new Map<WorkerRecord, () => void>();

  constructor(
    private readonly journal: Journal,
    private readonly agenda: Agenda,
    private readonly workers: Workers,
    private readonly options: SchedulerOptions,
  ) {}

  /** Gives the instance a place on a thread. */
  take(actor: ActorRecord): WorkerRecord {
    const { shape, spec } = actor.spec;
    const worker = spec.actor?.sharesThread
      ? this.leastOf(shape.env, actor)
      : this.workers.start(shape.env, newHost(false), actor);
    worker.host?.tenants.add(actor);
    this.keep(worker);
    return worker;
  }

  /** The instance is to go; answers whether its thread has still to say that it has. */
  leave(actor: ActorRecord, worker: WorkerRecord): boolean {
    const { host } = worker;
    host?.tenants.delete(actor);
    if (host === undefined || worker.state === 'ended') return false;
    host.leaving.set(actor.id, this.journal.at);
    this.retireIfEmpty(worker);
    return true;
  }

  /** It has gone, and the thread lives on. */
  left(id: ActorRecord['id'], worker: WorkerRecord): void {
    if (worker.host?.leaving.delete(id)) this.retireIfEmpty(worker);
  }

  /** The thread has ended. */
  ended(worker: WorkerRecord): void {
    this.keep(worker);
    const threads = this.shared.get(worker.env);
    threads?.delete(worker);
    if (threads?.size === 0) this.shared.delete(worker.env);
  }

  /** Threads that take instances which share, for `validate`. */
  *all(): Iterable<WorkerRecord> {
    for (const threads of this.shared.values()) yield* threads;
  }

  /** The thread with the fewest instances; a new one while each CPU may have one more. */
  private leastOf(env: Environment, { id }: ActorRecord): WorkerRecord {
    let threads = this.shared.get(env);
    if (threads === undefined) this.shared.set(env, (threads = new Set()));
    let least: WorkerRecord | undefined;
    let count = 0;
    let fewest = Infinity;
    for (const thread of threads) {
      const { tenants, leaving } = thread.host ?? newHost(true);
      // What it was before must have gone: messages of both could not be told apart.
      if (leaving.has(id) || this.standsStill(leaving)) continue;
      count += 1;
      if (tenants.size >= fewest) continue;
      fewest = tenants.size;
      least = thread;
    }
    if (least !== undefined && (fewest === 0 || count >= this.options.numCpus)) return least;
    const thread = this.workers.start(env, newHost(true));
    threads.add(thread);
    return thread;
  }

  /** An instance should long have gone: perhaps it never lets go of the thread. */
  private standsStill(leaving: Host['leaving']): boolean {
    for (const since of leaving.values()) return this.journal.at - since >= PATIENCE;
    return false;
  }

  /** Where the last one does not go the thread is ended under it. */
  private retireIfEmpty(worker: WorkerRecord): void {
    const { host } = worker;
    if (!host?.shared || host.tenants.size > 0) return;
    this.keep(worker);
    const due = this.journal.at + (host.leaving.size > 0 ? PATIENCE : this.options.idleTimeout);
    if (due === Infinity) return;
    this.retirements.set(
      worker,
      this.agenda.at(due, () => this.retire(worker)),
    );
  }

  private retire(worker: WorkerRecord): void {
    this.ended(worker);
    this.workers.retire(worker);
  }

  /** It does not retire. */
  private keep(worker: WorkerRecord): void {
    this.retirements.get(worker)?.();
    this.retirements.delete(worker);
  }
}

const newHost = (shared: boolean): Host => ({ shared, tenants: new Set(), leaving: new Map() });
