import type { CodeId, WorkerId } from '../../base/ids';
import { CLAIM_SLOTS } from '../../protocol/claims';
import type { Clients } from './clients';
import type { Environment, Environments } from './environments';
import type { SchedulerOptions } from './events';
import type { Journal } from './journal';
import {
  type ActorRecord,
  type CallRecord,
  type Crew,
  type Host,
  isSuspended,
  type Lease,
  type WorkerRecord,
} from './records';
import type { ResourcePool, Shape } from './resources';

/** The threads, the calls on them, and the resources these hold. */
export class Workers {
  readonly all = new Map<WorkerId, WorkerRecord>();
  /** Leases that may take more short calls, or have some to take back. */
  readonly open = new Set<Lease>();
  /** Threads for tasks, coming or there, that take calls, of all environments. */
  threads = 0;
  /** How many of them are coming. */
  starting = 0;
  /** Task calls on threads that are not suspended. */
  active = 0;
  /** Those of the environment of the process. */
  readonly usual: Crew;
  /** Those of all environments that have threads for tasks. */
  readonly crews = new Map<Environment, Crew>();
  private started = 0;

  constructor(
    private readonly journal: Journal,
    private readonly clients: Clients,
    private readonly resources: ResourcePool,
    private readonly environments: Environments,
    private readonly options: SchedulerOptions,
  ) {
    this.usual = this.addCrew(environments.usual);
  }

  /** The threads that serve calls of an environment; undefined where there are none. */
  crewOf(env: Environment): Crew | undefined {
    return this.crews.get(env);
  }

  /** Starts a thread for tasks, or for instances: `actor` is the only one. */
  start(env: Environment, host?: Host, actor?: ActorRecord): WorkerRecord {
    if (host === undefined && !this.crews.has(env)) this.addCrew(env);
    env.users += 1;
    this.started += 1;
    const id = `${this.options.node}-${this.started}`;
    const worker: WorkerRecord = {
      client: this.clients.add(id),
      state: 'starting',
      host,
      env,
      runs: undefined,
      calls: new Set(),
      active: 0,
      blocked: 0,
      freeSlots: Array.from({ length: CLAIM_SLOTS }, (_, at) => CLAIM_SLOTS - 1 - at),
      turns: new Int32Array(CLAIM_SLOTS),
      revokes: [],
      idleSince: this.journal.at,
      culprit: undefined,
    };
    this.all.set(id, worker);
    this.count(worker, 1, 1);
    this.journal.log({ at: this.journal.at, type: 'workerStarting', worker: id });
    const heapLimit = actor?.spec.spec.resources.memory;
    this.journal.emit({
      type: 'startWorker',
      worker: id,
      ...(actor !== undefined && { actor: actor.id }),
      ...(host?.shared && { shared: true }),
      ...(env.variables !== undefined && { envVars: env.variables }),
      ...(heapLimit !== undefined && { heapLimit }),
    });
    return worker;
  }

  /**
   * Starts threads until each CPU has one of the usual environment. Those of others take their place
   * where there may be no more.
   */
  keepWarm(): void {
    const { numCpus, maxThreads } = this.options;
    const room = Math.max(numCpus, maxThreads);
    const { usual } = this;
    while (usual.threads < numCpus && this.threads < room) this.start(usual.env);
  }

  online(worker: WorkerRecord): void {
    if (worker.state !== 'starting') return;
    worker.state = 'online';
    this.journal.log({ at: this.journal.at, type: 'workerReady', worker: worker.client.id });
    if (worker.host !== undefined) return;
    this.count(worker, 0, -1);
    this.becomeIdle(worker);
  }

  /** A function that may run `most` times on a thread runs on this one. */
  countRun(worker: WorkerRecord, code: CodeId, most: number): void {
    worker.runs ??= new Map();
    const runs = (worker.runs.get(code) ?? 0) + 1;
    worker.runs.set(code, runs);
    if (runs >= most) this.drain(worker);
  }

  /** No more calls for it; it goes when the last has ended. */
  drain(worker: WorkerRecord): void {
    if (worker.state !== 'online') return;
    worker.state = 'draining';
    this.count(worker, -1, 0);
    this.leaveIdle(worker);
    for (const { lease } of worker.calls) if (lease !== undefined) this.close(lease);
    if (worker.calls.size === 0) this.retire(worker);
  }

  /** The thread has ended. Calls on it are taken off by whoever knows what becomes of them. */
  end(worker: WorkerRecord, reason: string): void {
    if (worker.state === 'starting') this.count(worker, -1, -1);
    else if (worker.state === 'online') this.count(worker, -1, 0);
    this.leaveIdle(worker);
    worker.state = 'ended';
    for (const { lease } of worker.calls) if (lease !== undefined) this.close(lease);
    this.all.delete(worker.client.id);
    this.environments.release(worker.env);
    this.clients.end(worker.client);
    this.journal.log({
      at: this.journal.at,
      type: 'workerEnded',
      worker: worker.client.id,
      reason,
    });
  }

  /** The thread that was idle longest among those of other environments, the usual one's last. */
  idleStranger(env: Environment): WorkerRecord | undefined {
    let found: WorkerRecord | undefined;
    for (const crew of this.crews.values()) {
      const [coldest] = crew.idle;
      if (crew.env === env || coldest === undefined) continue;
      const usualOnly = found === undefined || found.env === this.usual.env;
      if (usualOnly || coldest.idleSince < (found?.idleSince ?? 0)) found = coldest;
    }
    return found;
  }

  /** Ends threads that nobody has used for long. */
  retireIdle(): void {
    for (const crew of this.crews.values()) {
      while (this.retirementOf(crew) <= this.journal.at) {
        const coldest = crew.idle[0];
        if (coldest !== undefined) this.retire(coldest);
      }
    }
  }

  /** When the next thread is to end for want of work. */
  get nextRetirement(): number {
    let next = Infinity;
    for (const crew of this.crews.values()) next = Math.min(next, this.retirementOf(crew));
    return next;
  }

  /** Takes resources for a thread's next call. */
  lease(worker: WorkerRecord, shape: Shape, open: boolean): Lease {
    const frontSince = this.journal.at;
    const { holdsCpu } = this.resources.take(shape);
    // Field by field: V8 is a hundred times as slow where more is added to a copy.
    const lease = { shape, holdsCpu, worker, calls: [], open, work: 0, frontSince };
    if (open) this.open.add(lease);
    return lease;
  }

  /** Puts a call in hand, behind those of the lease. */
  add(call: CallRecord, lease: Lease): void {
    const { worker } = lease;
    const slot = worker.freeSlots.pop();
    if (slot === undefined) throw this.journal.bug('no claim slot is free', worker.client.id);
    if (worker.calls.size === 0) this.leaveIdle(worker);
    const turn = ((worker.turns[slot] ?? 0) + 1) & 0x1fff_ffff;
    worker.turns[slot] = turn;
    call.worker = worker;
    call.lease = lease;
    call.slot = slot;
    call.turn = turn;
    if (lease.calls.length === 0) lease.frontSince = this.journal.at;
    lease.calls.push(call);
    lease.work += call.estimate;
    worker.calls.add(call);
    worker.active += 1;
    this.active += 1;
  }

  /** Takes a call off its thread. The resources go back with the last call of its lease. */
  remove(call: CallRecord): void {
    const { worker, lease } = call;
    if (worker === undefined || lease === undefined) return;
    this.freeSlot(call);
    worker.calls.delete(call);
    if (!isSuspended(call)) {
      worker.active -= 1;
      this.active -= 1;
    }
    this.leave(call, lease);
    call.worker = undefined;
    call.lease = undefined;
    call.deadline?.();
    call.deadline = undefined;
    if (worker.calls.size > 0) return;
    if (worker.state === 'draining') this.retire(worker);
    else if (worker.state === 'online') this.becomeIdle(worker);
  }

  /** The call is known to have started: its place in the claim table serves another. */
  freeSlot(call: CallRecord): void {
    if (call.slot >= 0) call.worker?.freeSlots.push(call.slot);
    call.slot = -1;
  }

  /** Lends the task's CPU; calls behind it are left in a lease without CPU. */
  suspend(call: CallRecord): void {
    const { lease, worker } = call;
    if (lease === undefined || worker === undefined) return;
    this.freeSlot(call);
    worker.active -= 1;
    this.active -= 1;
    this.close(lease);
    this.resources.lendCpu(lease);
    if (lease.calls.length === 1) return;
    lease.calls.splice(lease.calls.indexOf(call), 1);
    lease.work -= call.estimate;
    call.lease = { ...lease, calls: [call], work: call.estimate };
  }

  /** Gives a suspended task its CPU again, whether there is one or not. */
  resume(call: CallRecord): void {
    const { lease, worker } = call;
    if (lease === undefined || worker === undefined) return;
    worker.active += 1;
    this.active += 1;
    lease.frontSince = this.journal.at;
    this.resources.takeCpu(lease);
  }

  /** Whether something runs there, and all that runs is known to be short and has not run for `patience`. */
  soonFree(env: Environment, patience: number): boolean {
    let active = 0;
    for (const { calls, env: other, active: running } of this.all.values()) {
      if (other !== env) continue;
      active += running;
      for (const call of calls) {
        if (isSuspended(call) || call.lease === undefined) continue;
        const late = this.journal.at - call.lease.frontSince >= patience;
        if (late || !call.spec?.profile.short) return false;
      }
    }
    return active > 0;
  }

  /** Nothing more is added to the lease. */
  close(lease: Lease): void {
    lease.open = false;
    this.open.delete(lease);
  }

  retire(worker: WorkerRecord): void {
    if (worker.state === 'online') this.count(worker, -1, 0);
    this.leaveIdle(worker);
    worker.state = 'retiring';
    this.journal.emit({ type: 'retireWorker', worker: worker.client.id });
  }

  private leave(call: CallRecord, lease: Lease): void {
    const at = lease.calls.indexOf(call);
    if (at === 0) lease.frontSince = this.journal.at;
    lease.calls.splice(at, 1);
    lease.work -= call.estimate;
    if (lease.calls.length > 0) return;
    this.close(lease);
    this.resources.give(lease);
  }

  private retirementOf(crew: Crew): number {
    const { numCpus, idleTimeout } = this.options;
    const keep = crew === this.usual ? numCpus : 0;
    const coldest = crew.threads > keep ? crew.idle[0] : undefined;
    return coldest === undefined ? Infinity : coldest.idleSince + idleTimeout;
  }

  private becomeIdle(worker: WorkerRecord): void {
    worker.idleSince = this.journal.at;
    this.crews.get(worker.env)?.idle.push(worker);
  }

  private leaveIdle(worker: WorkerRecord): void {
    const crew = this.crews.get(worker.env);
    if (crew === undefined) return;
    if (crew.idle.at(-1) === worker) crew.idle.pop();
    else crew.idle = crew.idle.filter((other) => other !== worker);
  }

  private addCrew(env: Environment): Crew {
    const crew: Crew = { env, threads: 0, starting: 0, idle: [] };
    this.crews.set(env, crew);
    return crew;
  }

  private count({ host, env }: WorkerRecord, threads: number, starting: number): void {
    const crew = this.crews.get(env);
    if (host !== undefined || crew === undefined) return;
    this.threads += threads;
    this.starting += starting;
    crew.threads += threads;
    crew.starting += starting;
    if (crew.threads === 0 && crew !== this.usual) this.crews.delete(env);
  }
}
