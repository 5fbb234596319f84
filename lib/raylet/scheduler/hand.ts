import type { CallId } from '../../base/ids';
import type { Calls } from './calls';
import type { Clients } from './clients';
import type { CodeBook } from './code-book';
import type { RevokedClaim } from './instructions';
import type { Journal } from './journal';
import { type ObjectDirectory, refsIn } from './objects';
import { PATIENCE } from './profile';
import type { CallRecord, Lease, SpecRecord, WorkerRecord } from './records';
import type { ReadyQueue } from './ready-queue';
import type { ResourcePool } from './resources';
import { move } from './states';
import type { Workers } from './workers';

/** The calls in the hands of workers: giving them out, a little ahead, and taking them back. */
export class Hand {
  constructor(
    private readonly journal: Journal,
    private readonly clients: Clients,
    private readonly code: CodeBook,
    private readonly objects: ObjectDirectory,
    private readonly calls: Calls,
    private readonly resources: ResourcePool,
    private readonly queue: ReadyQueue,
    private readonly workers: Workers,
  ) {}

  /** Gives the call to a thread, with resources of its own. */
  assign(call: CallRecord, spec: SpecRecord, worker: WorkerRecord): void {
    const { profile, shape } = spec;
    const beside = worker.calls.size > 0;
    // Behind a call that takes more than CPU, or beside suspended tasks, nothing is put in hand.
    // Nor behind one after which the thread may have to go.
    const maxCalls = spec.spec.task?.maxCalls ?? 0;
    const mayShare = maxCalls === 0 && !hasTimeout(spec);
    const open = profile.steady && shape.others.length === 0 && !beside && mayShare;
    this.give(call, spec, this.workers.lease(worker, shape, open), beside);
    if (maxCalls > 0) this.workers.countRun(worker, spec.spec.code.id, maxCalls);
  }

  /** Where a call may go behind others of its shape, if it is not long and some hand has room. */
  roomFor(spec: SpecRecord): Lease | undefined {
    if (!spec.profile.steady || hasTimeout(spec)) return undefined;
    if (spec.spec.task?.maxCalls !== undefined) return undefined;
    let best: Lease | undefined;
    for (const lease of this.workers.open) {
      if (lease.shape !== spec.shape || (best !== undefined && lease.work >= best.work)) continue;
      if (spec.profile.fitsBehind(lease.calls.length, lease.work)) best = lease;
    }
    return best;
  }

  /** Puts the call behind others, where `roomFor` has found room. */
  append(call: CallRecord, spec: SpecRecord, room: Lease): void {
    this.give(call, spec, room, false);
  }

  /** Asks back what lies behind calls that run long. */
  tick(): void {
    for (const lease of this.workers.open) {
      if (this.journal.at >= this.dueAt(lease)) this.revokeBehind(lease);
    }
  }

  /** When the next look at the hands is due. */
  get nextLook(): number {
    let next = Infinity;
    for (const lease of this.workers.open) next = Math.min(next, this.dueAt(lease));
    return next;
  }

  /** Somebody who goes before them waits for a CPU: asks back what is not over in a moment. */
  makeWay(): void {
    for (const lease of this.workers.open) {
      if (lease.calls.length > 1 && patienceOf(lease) > PATIENCE) this.revokeBehind(lease);
    }
  }

  /** When what lies behind the first call of the lease is to be asked back. */
  private dueAt(lease: Lease): number {
    if (lease.calls.length < 2) return Infinity;
    const patience = this.resources.fits(lease.shape) ? PATIENCE : patienceOf(lease);
    return lease.frontSince + patience;
  }

  /** Closes the lease and asks back all calls in it that may not have started. */
  revokeBehind(lease: Lease): void {
    this.workers.close(lease);
    // A front that holds the CPU has started, or is about to.
    this.askBack(lease.worker, lease.holdsCpu ? lease.calls.slice(1) : lease.calls);
  }

  askBack(worker: WorkerRecord, calls: Iterable<CallRecord>): void {
    const claims: RevokedClaim[] = [];
    for (const call of calls) {
      if (call.state !== 'assigned' || call.slot < 0) continue;
      move(this.journal, call, 'revoking');
      claims.push({ call: call.id, slot: call.slot, turn: call.turn });
    }
    if (claims.length === 0) return;
    worker.revokes.push(claims);
    this.journal.emitLast({ type: 'revoke', worker: worker.client.id, claims });
  }

  /** The oldest request is answered: `taken` did not start, the others of it did. */
  revoked(worker: WorkerRecord, taken: readonly CallId[]): void {
    const back = new Set(taken);
    for (const { call: id, turn } of worker.revokes.shift() ?? []) {
      const call = this.calls.table.get(id);
      if (call?.state !== 'revoking' || call.worker !== worker || call.turn !== turn) continue;
      if (back.has(id)) this.takeBack(call, worker);
      else this.hasStarted(call);
    }
  }

  /** The call in hand is known to have started. */
  hasStarted(call: CallRecord): void {
    this.workers.freeSlot(call);
    move(this.journal, call, 'running');
    // It started after the call before it had given the CPU back: it runs over the limit.
    if (call.lease !== undefined) this.resources.takeCpu(call.lease);
  }

  /** Puts a call that has not started back among the ready ones. */
  requeue(call: CallRecord): void {
    this.workers.remove(call);
    move(this.journal, call, 'ready');
    if (call.spec !== undefined) this.queue.push(call, call.spec.shape);
  }

  private takeBack(call: CallRecord, worker: WorkerRecord): void {
    this.unsend(call, worker);
    const { at } = this.journal;
    this.journal.log({ at, type: 'callRevoked', call: call.id, worker: worker.client.id });
    this.requeue(call);
  }

  private give(call: CallRecord, spec: SpecRecord, lease: Lease, beside: boolean): void {
    const { message } = call;
    if (message.kind !== 'task') throw this.journal.bug('only tasks are put in hand', call.id);
    const to = lease.worker.client;
    call.estimate = spec.profile.average;
    call.cold = !to.specs.has(spec.spec.id);
    this.workers.add(call, lease);
    move(this.journal, call, 'assigned');
    const values = this.calls.values(call);
    this.code.define(to, spec);
    this.code.prepareAll(to, message.call.args, values);
    this.clients.post(to, {
      type: 'run',
      call: message.call,
      attempt: call.attempt,
      ...(values !== undefined && { values }),
      claim: { slot: call.slot, turn: call.turn },
      beside,
    });
  }

  /** The worker has dropped the message unread: the refs in it never arrived. */
  private unsend(call: CallRecord, { client }: WorkerRecord): void {
    const values = this.calls.values(call) ?? [];
    for (const payload of [call.message.call.args, ...values.map(([, value]) => value)]) {
      for (const id of refsIn(payload)) this.objects.release(client, id, 1);
    }
  }
}

/** Milliseconds that its first call may run, whoever waits. */
const patienceOf = ({ calls: [first] }: Lease): number => first?.spec?.profile.patience ?? PATIENCE;

/** Its time counts from its start, so it starts by itself and not behind others. */
const hasTimeout = ({ spec }: SpecRecord): boolean => spec.task?.timeout !== undefined;
