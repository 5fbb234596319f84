import type { NodeId, WorkerId } from '../../base/ids';
import { CLAIM_SLOTS } from '../../protocol/claims';
import type { Clients } from './clients';
import type { Journal } from './journal';
import {
  type ActorRecord,
  type CallRecord,
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
  /** Threads for tasks, coming or there, that take calls. */
  threads = 0;
  /** How many of them are coming. */
  starting = 0;
  /** Task calls on threads that are not suspended. */
  active = 0;
  /** Threads without calls, the warmest last. */
  private idle: WorkerRecord[] = [];
  private started = 0;

  constructor(
    private readonly journal: Journal,
    private readonly clients: Clients,
    private readonly resources: ResourcePool,
    private readonly node: NodeId,
  ) {}

  start(actor?: ActorRecord): WorkerRecord {
    this.started += 1;
    const id = `${this.node}-${this.started}`;
    const worker: WorkerRecord = {
      client: this.clients.add(id),
      state: 'starting',
      actor,
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
    if (actor === undefined) {
      this.threads += 1;
      this.starting += 1;
    }
    this.journal.log({ at: this.journal.at, type: 'workerStarting', worker: id });
    this.journal.emit({
      type: 'startWorker',
      worker: id,
      ...(actor !== undefined && { actor: actor.id }),
    });
    return worker;
  }

  online(worker: WorkerRecord): void {
    if (worker.state !== 'starting') return;
    worker.state = 'online';
    this.journal.log({ at: this.journal.at, type: 'workerReady', worker: worker.client.id });
    if (worker.actor !== undefined) return;
    this.starting -= 1;
    this.becomeIdle(worker);
  }

  /** No more calls for it; it goes when the last has ended. */
  drain(worker: WorkerRecord): void {
    if (worker.state !== 'online') return;
    worker.state = 'draining';
    this.threads -= 1;
    this.idle = this.idle.filter((other) => other !== worker);
    for (const { lease } of worker.calls) if (lease !== undefined) this.close(lease);
    if (worker.calls.size === 0) this.retire(worker);
  }

  /** The thread has ended. Calls on it are taken off by whoever knows what becomes of them. */
  end(worker: WorkerRecord, reason: string): void {
    if (worker.actor === undefined) {
      if (worker.state === 'starting') this.starting -= 1;
      if (worker.state === 'starting' || worker.state === 'online') this.threads -= 1;
      this.idle = this.idle.filter((other) => other !== worker);
    }
    worker.state = 'ended';
    for (const { lease } of worker.calls) if (lease !== undefined) this.close(lease);
    this.all.delete(worker.client.id);
    this.clients.end(worker.client);
    this.journal.log({
      at: this.journal.at,
      type: 'workerEnded',
      worker: worker.client.id,
      reason,
    });
  }

  /** A thread without calls, if there is one. */
  idleThread(): WorkerRecord | undefined {
    return this.idle.at(-1);
  }

  isIdle(worker: WorkerRecord): boolean {
    return this.idle.includes(worker);
  }

  /** Ends threads above `keep` that have had no calls for `timeout` milliseconds. */
  retireIdle(keep: number, timeout: number): void {
    while (this.nextRetirement(keep, timeout) <= this.journal.at) {
      const coldest = this.idle[0];
      if (coldest !== undefined) this.retire(coldest);
    }
  }

  /** When the next thread is to end for want of work. */
  nextRetirement(keep: number, timeout: number): number {
    const coldest = this.threads > keep ? this.idle[0] : undefined;
    return coldest === undefined ? Infinity : coldest.idleSince + timeout;
  }

  /** Takes resources for a thread's next call. */
  lease(worker: WorkerRecord, shape: Shape, open: boolean): Lease {
    const frontSince = this.journal.at;
    const hold = this.resources.take(shape);
    const lease = { ...hold, worker, calls: [], open, work: 0, frontSince };
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

  /** Whether something runs, and all that runs is known to be short and has not run for `patience`. */
  soonFree(patience: number): boolean {
    for (const { calls } of this.all.values()) {
      for (const call of calls) {
        if (isSuspended(call) || call.lease === undefined) continue;
        const late = this.journal.at - call.lease.frontSince >= patience;
        if (late || !call.spec?.profile.short) return false;
      }
    }
    return this.active > 0;
  }

  /** Nothing more is added to the lease. */
  close(lease: Lease): void {
    lease.open = false;
    this.open.delete(lease);
  }

  retire(worker: WorkerRecord): void {
    if (worker.state === 'online') this.threads -= 1;
    this.idle = this.idle.filter((other) => other !== worker);
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

  private becomeIdle(worker: WorkerRecord): void {
    worker.idleSince = this.journal.at;
    this.idle.push(worker);
  }

  private leaveIdle(worker: WorkerRecord): void {
    if (this.idle.at(-1) === worker) this.idle.pop();
    else this.idle = this.idle.filter((other) => other !== worker);
  }
}
