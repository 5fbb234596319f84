import type { PendingWait } from '../../protocol/messages';
import type { Deadlock } from '../../protocol/payload';
import type { Clients } from './clients';
import { type Delivery, keepBack } from './delivery';
import type { Hand } from './hand';
import type { Journal } from './journal';
import { lendsCpu } from './lanes';
import type { ObjectDirectory } from './objects';
import {
  type ActorRecord,
  type CallRecord,
  type ClientRecord,
  holdOf,
  isSuspended,
  type ObjectRecord,
  type WaitRecord,
} from './records';
import type { Hold, ResourcePool } from './resources';
import { move } from './states';
import type { Workers } from './workers';

/**
 * Milliseconds by which a wait seems shorter from here than it is, at most: word of it and its
 * answer travel, and the thread may be busy. They must not make a short function look long.
 */
const TRAVEL = 5;

/** Calls that wait: they lend their CPU to others, and get it again together with the answer. */
export class Waiting {
  /** Calls that are answered and have no CPU yet, first come first served. */
  private readonly queue = new Set<CallRecord>();
  /** Calls that wait and are not answered, with a CPU to lend or without; the last began last. */
  private readonly waiters = new Set<CallRecord>();

  constructor(
    private readonly journal: Journal,
    private readonly clients: Clients,
    private readonly objects: ObjectDirectory,
    private readonly delivery: Delivery,
    private readonly resources: ResourcePool,
    private readonly workers: Workers,
    private readonly hand: Hand,
  ) {}

  /** The call ended a turn with waits pending. */
  wait(call: CallRecord, waits: readonly PendingWait[], blocking: boolean): void {
    const from = call.worker?.client;
    if (from === undefined) return;
    if (blocking && call.spec !== undefined) call.spec.profile.blocking = true;
    call.waits ??= new Map();
    for (const wait of waits) this.add(call, wait, from, blocking);
    if (isSuspended(call)) {
      if (blocking) this.block(call);
      if (this.hasAnswer(call)) this.answered(call);
      else if (call.state === 'resuming') this.waitAgain(call);
    } else if (this.hasAnswer(call)) {
      this.started(call);
      this.grant(call);
    } else if (call.waits.size > 0) {
      this.suspend(call, blocking);
    }
  }

  /** Waits ended by time-out or abort: the task runs, CPU or not. */
  unwait(call: CallRecord, ids: readonly number[]): void {
    for (const id of ids) this.end(call, id);
    if (isSuspended(call)) this.goOn(call);
    else this.stopWaiting(call);
  }

  /**
   * Its waits fail: they would last for ever. Where its thread stands still, only what that stands
   * for is known to. The task runs, CPU or not.
   */
  refuse(call: CallRecord, failure: Deadlock): void {
    const { worker } = call;
    if (worker === undefined) return;
    const waits = [...(call.waits?.values() ?? [])].filter(isRefused).map(({ id }) => id);
    this.unwait(call, waits);
    this.clients.post(worker.client, { type: 'deadlocked', task: call.id, waits, failure });
  }

  /** An object settled: answers the waits for it. */
  objectSettled(object: ObjectRecord): void {
    const { waits } = object;
    if (waits === undefined) return;
    object.waits = undefined;
    const failed = object.outcome?.ok === false;
    for (const wait of waits) {
      wait.remaining -= 1;
      if (wait.remaining > 0 && !(failed && wait.failFast)) continue;
      wait.answered = true;
      wait.answeredBy = object.settledAs;
      if (counts(wait)) this.answered(wait.call);
    }
  }

  /** So many items of the generator are taken: it goes on if it paused for that. */
  itemsTaken(call: CallRecord, count: number): void {
    for (const wait of call.waits?.values() ?? []) {
      if (wait.taken === undefined || wait.taken > count || wait.answered) continue;
      wait.answered = true;
      return this.answered(call);
    }
  }

  /** Gives free CPUs to calls that are answered. False when one of them still has none. */
  resume(): boolean {
    for (const call of this.queue) {
      const hold = holdOf(call);
      if (hold !== undefined && !this.resources.fitsCpu(hold.shape)) return false;
      this.goOn(call);
    }
    return true;
  }

  /** Lets the first of those that are answered go on, CPU or not. */
  resumeOne(): void {
    for (const call of this.queue) return this.goOn(call);
  }

  /** The call is over, or starts anew: nothing of its waits remains. */
  clear(call: CallRecord): void {
    for (const id of [...(call.waits?.keys() ?? [])]) this.end(call, id);
    call.waits = undefined;
    this.queue.delete(call);
    call.actor?.suspended?.delete(call);
    this.waiters.delete(call);
    this.unblock(call);
    this.delivery.flush(call);
  }

  /** A call of the instance has ended: its CPU is its own while something of it runs. */
  settleCpu(actor: ActorRecord, hold: Hold): void {
    if (lendsCpu(actor)) this.resources.lendCpu(hold);
    else this.regainCpu(actor, hold);
  }

  /** The instance has its CPU again, whether there is one or not, and what is answered goes on. */
  regainCpu(actor: ActorRecord, hold: Hold): void {
    this.resources.takeCpu(hold);
    if (actor.suspended === undefined) return;
    for (const call of actor.suspended) if (call.state === 'resuming') this.runAgain(call);
  }

  /** Calls that are answered and have no CPU yet, for `validate`. */
  get resuming(): ReadonlySet<CallRecord> {
    return this.queue;
  }

  /** Calls that wait and are not answered; the last began last. */
  get waiting(): ReadonlySet<CallRecord> {
    return this.waiters;
  }

  private add(call: CallRecord, wait: PendingWait, from: ClientRecord, blocking: boolean): void {
    const objects = [...new Set(wait.refs)].map((id) => this.objects.getOrLost(id, from));
    const pending = objects.filter(({ outcome }) => outcome === undefined);
    // Known already, but perhaps kept back for another task of the same thread.
    for (const object of objects) if (object.outcome !== undefined) keepBack(call, object);
    const failed = objects.some(({ outcome }) => outcome?.ok === false);
    const remaining = wait.count - (objects.length - pending.length);
    const { id, failFast, taken, limited = false } = wait;
    const isTaken = taken !== undefined && taken <= (call.stream?.taken ?? 0);
    const answered = remaining <= 0 || (failed && failFast) || isTaken;
    const answeredBy = objects.reduce((last, { settledAs }) => Math.max(last, settledAs), 0);
    const kept = { objects: pending, remaining, failFast, taken, limited, blocking, answered };
    const record = { id, call, ...kept, answeredBy };
    call.waits?.set(id, record);
    if (answered) return;
    for (const object of pending) (object.waits ??= new Set()).add(record);
  }

  private suspend(call: CallRecord, blocking: boolean): void {
    const { lease, worker, actor } = call;
    const hold = holdOf(call);
    call.suspendedAt = this.journal.at;
    this.waiters.delete(call);
    this.waiters.add(call);
    if (blocking) this.block(call);
    if (worker === undefined || hold === undefined || (lease === undefined && !hold.shape.cpu)) {
      // A method without CPU has none to lend, and is told at once.
      this.started(call);
      this.journal.log({ at: this.journal.at, type: 'callWaiting', call: call.id });
      return this.delivery.flush(call);
    }
    if (lease !== undefined) this.workers.suspend(call);
    else if (actor !== undefined) {
      (actor.suspended ??= new Set()).add(call);
      if (lendsCpu(actor)) this.resources.lendCpu(hold);
    }
    move(this.journal, call, 'waiting');
    // Those behind it would only start when the thread is empty again.
    if (lease !== undefined && lease !== call.lease) this.hand.revokeBehind(lease);
  }

  /** What it is answered is of no use to it before its thread goes on. */
  private waitAgain(call: CallRecord): void {
    this.queue.delete(call);
    this.waiters.add(call);
    move(this.journal, call, 'waiting');
  }

  private answered(call: CallRecord): void {
    if (call.state === 'waiting') {
      const hold = holdOf(call);
      // It needs none, or others of its instance run.
      if (hold?.shape.cpu === 0 || hold?.holdsCpu) return this.goOn(call);
      move(this.journal, call, 'resuming');
      this.waiters.delete(call);
      this.queue.add(call);
    } else if (call.state !== 'resuming') {
      // It runs, or needs no CPU to go on.
      this.stopWaiting(call);
      this.grant(call);
    }
  }

  /** The call runs again, CPU or not, and is told what it waited for. */
  private goOn(call: CallRecord): void {
    const { lease, actor } = call;
    if (lease !== undefined) this.workers.resume(call);
    this.runAgain(call);
    if (actor?.holds !== undefined) this.regainCpu(actor, actor.holds);
  }

  private runAgain(call: CallRecord): void {
    this.queue.delete(call);
    call.actor?.suspended?.delete(call);
    this.waiters.delete(call);
    this.unblock(call);
    call.suspendedFor += this.journal.at - call.suspendedAt + TRAVEL;
    move(this.journal, call, 'running');
    this.grant(call);
  }

  private grant(call: CallRecord): void {
    const { worker } = call;
    if (worker === undefined) return;
    this.delivery.flush(call);
    const answered = [...(call.waits?.values() ?? [])].filter((wait) => wait.answered);
    if (answered.length === 0) return;
    // In the order in which things happened, whichever of them was asked for first.
    if (answered.length > 1) answered.sort((a, b) => a.answeredBy - b.answeredBy);
    for (const { id } of answered) this.end(call, id);
    if (call.stream !== undefined && answered.some(({ taken }) => taken !== undefined)) {
      const { taken: count } = call.stream;
      this.clients.post(worker.client, { type: 'taken', call: call.id, count });
    }
    const waits = answered.map(({ id }) => id);
    this.clients.post(worker.client, { type: 'granted', task: call.id, waits });
  }

  private started(call: CallRecord): void {
    if (call.state !== 'assigned' && call.state !== 'revoking') return;
    this.workers.freeSlot(call);
    if (call.lease !== undefined) this.resources.takeCpu(call.lease);
    move(this.journal, call, 'running');
  }

  /** A call that runs all the time, as far as CPUs go, does not wait any more. */
  private stopWaiting(call: CallRecord): void {
    this.unblock(call);
    if (!this.waiters.delete(call)) return;
    this.journal.log({ at: this.journal.at, type: 'callResumed', call: call.id });
  }

  private hasAnswer(call: CallRecord): boolean {
    for (const wait of call.waits?.values() ?? []) if (wait.answered && counts(wait)) return true;
    return false;
  }

  private end(call: CallRecord, id: number): void {
    const wait = call.waits?.get(id);
    if (wait === undefined) return;
    call.waits?.delete(id);
    for (const object of wait.objects) object.waits?.delete(wait);
  }

  /** Its thread stands still: what is in hand there and has not started runs elsewhere. */
  private block(call: CallRecord): void {
    const { worker } = call;
    if (worker === undefined || call.blocksThread) return;
    call.blocksThread = true;
    worker.blocked += 1;
    this.hand.askBack(worker, worker.calls);
  }

  private unblock(call: CallRecord): void {
    if (call.blocksThread && call.worker !== undefined) call.worker.blocked -= 1;
    call.blocksThread = false;
  }
}

/** Whether its answer lets the call go on: where the thread stands still, only what it stands for. */
export const counts = ({ call, blocking }: WaitRecord): boolean => blocking || !call.blocksThread;

/** Whether it can fail for the call: a generator's pause is for its reader to end. */
const isRefused = (wait: WaitRecord): boolean => counts(wait) && wait.taken === undefined;
