import type { ActorId } from '../../base/ids';
import type { CreateActor, MethodCall } from '../../protocol/messages';
import type { Failure, Outcome, SystemFailure } from '../../protocol/payload';
import type { Calls } from './calls';
import type { Clients } from './clients';
import type { CodeBook } from './code-book';
import type { Journal } from './journal';
import {
  cameThrough,
  clearLanes,
  leaveLane,
  newLanes,
  queueUp,
  takeCall,
  underWay,
  waitingCalls,
  wantsToStart,
} from './lanes';
import type { ActorRecord, CallRecord, ClientRecord, SpecRecord } from './records';
import type { ReadyQueue } from './ready-queue';
import type { ResourcePool } from './resources';
import { move } from './states';
import type { Waiting } from './waiting';
import type { Workers } from './workers';

/** Instances of remote classes: their creation, and the order of the calls to them. */
export class Actors {
  private readonly living = new Map<ActorId, ActorRecord>();
  /** Calls may still come to them. */
  private readonly dead = new Map<ActorId, ActorRecord>();
  /** Instances that may take a call. */
  private readonly stirred = new Set<ActorRecord>();
  /** Those of them that have lent their CPU, and need it for a call. */
  private readonly stalled = new Set<ActorRecord>();
  /** Living instances with resources of their own. */
  private readonly keepers = new Set<ActorRecord>();

  constructor(
    private readonly journal: Journal,
    private readonly clients: Clients,
    private readonly code: CodeBook,
    private readonly resources: ResourcePool,
    private readonly calls: Calls,
    private readonly queue: ReadyQueue,
    private readonly workers: Workers,
    private readonly waiting: Waiting,
  ) {}

  create(call: CreateActor, from: ClientRecord): void {
    const spec = this.code.spec(call.spec);
    const { actor: id } = call;
    const actor: ActorRecord = {
      id,
      spec,
      state: 'creating',
      creation: undefined,
      worker: undefined,
      holds: undefined,
      ...newLanes(spec.spec.actor),
      inFlight: new Set(),
      failure: undefined,
    };
    this.living.set(id, actor);
    const { at } = this.journal;
    this.journal.log({ at, type: 'actorCreated', actor: id, name: spec.spec.name });
    actor.creation = this.calls.submit({ kind: 'creation', call }, from, spec, actor);
  }

  /** Gives the instance a thread: its arguments are there and its resources free. */
  place(creation: CallRecord, spec: SpecRecord): void {
    const { message, actor } = creation;
    if (message.kind !== 'creation' || actor === undefined) return;
    actor.holds = this.resources.take(spec.shape);
    const worker = this.workers.start(actor);
    actor.worker = creation.worker = worker;
    move(this.journal, creation, 'assigned');
    const values = this.calls.values(creation);
    this.code.define(worker.client, spec);
    this.code.prepareAll(worker.client, message.call.args, values);
    const { at } = this.journal;
    this.journal.log({ at, type: 'actorPlaced', actor: actor.id, worker: worker.client.id });
    this.journal.emit({
      type: 'createActor',
      call: message.call,
      spec: spec.spec,
      worker: worker.client.id,
      ...(values !== undefined && { values }),
    });
  }

  alive(id: ActorId): void {
    const actor = this.living.get(id);
    if (actor?.state !== 'creating' || actor.creation === undefined) return;
    actor.state = 'alive';
    this.journal.log({ at: this.journal.at, type: 'actorAlive', actor: id });
    this.endCreation(actor, { ok: true, value: undefined });
    // What it declares it keeps for life; the CPU that everybody needs to be placed goes back.
    if (Object.keys(actor.spec.spec.resources).length === 0) this.giveBack(actor);
    else this.keepCpu(actor);
    this.stirred.add(actor);
  }

  died(id: ActorId, failure: SystemFailure): void {
    const actor = this.living.get(id);
    if (actor === undefined) return;
    this.living.delete(id);
    this.dead.set(id, actor);
    actor.state = 'dead';
    actor.failure = failure;
    const reason = failure.code === 'ACTOR_DIED' ? failure.reason : failure.code;
    this.journal.log({ at: this.journal.at, type: 'actorDied', actor: id, reason });
    this.giveBack(actor);
    const outcome = { ok: false, failure } as const;
    this.endCreation(actor, outcome);
    for (const call of actor.inFlight) {
      this.waiting.clear(call);
      this.calls.finish(call, outcome);
    }
    for (const call of waitingCalls(actor)) this.calls.finish(call, outcome);
    actor.inFlight.clear();
    clearLanes(actor);
    actor.worker = undefined;
  }

  submit(call: MethodCall, from: ClientRecord): CallRecord {
    const actor = this.living.get(call.actor) ?? this.dead.get(call.actor);
    if (actor === undefined) throw this.journal.bug(`no actor ${call.actor}`, call.actor);
    const record = this.calls.submit({ kind: 'method', call }, from, undefined, actor);
    if (actor.failure !== undefined) {
      if (record.state === 'pending') {
        this.calls.finish(record, { ok: false, failure: actor.failure });
      }
      return record;
    }
    queueUp(actor, record);
    return record;
  }

  /** The arguments of a creation or a method call are there, or one of them has failed. */
  resolved(call: CallRecord): void {
    const { actor, message } = call;
    if (actor === undefined) return;
    if (call.state === 'pending') move(this.journal, call, 'ready');
    if (message.kind === 'method') {
      cameThrough(actor, call);
      this.stirred.add(actor);
    } else if (call.state === 'ready') {
      this.queue.push(call, actor.spec.shape);
    } else if (call.object.outcome?.ok === false) {
      this.died(actor.id, this.stillborn(actor, call.object.outcome.failure));
    }
  }

  /** A method has ended. */
  done(call: CallRecord, outcome: Outcome): void {
    const { actor } = call;
    if (actor === undefined) return;
    actor.inFlight.delete(call);
    leaveLane(actor, call);
    this.waiting.clear(call);
    this.calls.finish(call, outcome);
    if (actor.holds !== undefined) this.waiting.settleCpu(actor, actor.holds);
    this.stirred.add(actor);
  }

  /** Hands calls to all instances that can take some: results have been told by now. */
  dispatch(): void {
    for (const actor of this.stirred) this.pump(actor);
    this.stirred.clear();
  }

  /**
   * Hands calls to instances that had lent their CPU: what is answered goes on before. What living
   * instances keep does not come back: rather one over the limit than a wait for ever.
   *
   * @param cpus whether free CPUs may be taken
   */
  wake(cpus: boolean): void {
    for (const actor of [...this.stalled]) {
      this.stalled.delete(actor);
      const { holds } = actor;
      if (cpus && holds !== undefined && !holds.holdsCpu && wantsToStart(actor)) {
        const kept = this.resources.cpuInUse <= this.cpuKept;
        if (kept || this.resources.fitsCpu(holds.shape)) this.waiting.regainCpu(actor, holds);
      }
      this.pump(actor);
      if (holds !== undefined) this.waiting.settleCpu(actor, holds);
    }
  }

  /** The instance cannot go on: its supervisor ends it and answers with its death. */
  end(actor: ActorRecord, reason: string): void {
    this.journal.emit({ type: 'endActor', actor: actor.id, reason });
  }

  /** Whether some instance is at work, and not just waiting for others. */
  areBusy(): boolean {
    for (const actor of this.living.values()) {
      const { creation, inFlight } = actor;
      const isMade = creation?.worker === undefined;
      const calls = isMade ? [...inFlight] : [creation];
      const waits = calls.filter((call) => call.waits !== undefined && call.waits.size > 0);
      if (waits.length < (isMade ? underWay(actor) : 1)) return true;
    }
    return false;
  }

  /** Units of CPU that living instances have, and keep. */
  get cpuKept(): number {
    let units = 0;
    for (const { holds } of this.keepers) if (holds?.holdsCpu) units += holds.shape.cpu;
    return units;
  }

  /** Those that are not dead. */
  values(): Iterable<ActorRecord> {
    return this.living.values();
  }

  /** Hands the instance calls while it takes more. */
  private pump(actor: ActorRecord): void {
    if (actor.state !== 'alive') return;
    const { holds } = actor;
    const awake = holds === undefined || holds.holdsCpu || holds.shape.cpu === 0;
    for (let call = takeCall(actor, awake); call; call = takeCall(actor, awake)) {
      this.invoke(actor, call);
    }
    if (!awake && wantsToStart(actor)) this.stalled.add(actor);
  }

  private invoke(actor: ActorRecord, call: CallRecord): void {
    const { message } = call;
    if (actor.worker === undefined || message.kind !== 'method') return;
    call.worker = actor.worker;
    actor.inFlight.add(call);
    move(this.journal, call, 'assigned');
    const values = this.calls.values(call);
    this.code.prepareAll(actor.worker.client, message.call.args, values);
    this.clients.post(actor.worker.client, {
      type: 'invoke',
      call: message.call,
      ...(values !== undefined && { values }),
    });
  }

  /** What it declares is its own again, though its call may have ended while it waited. */
  private keepCpu(actor: ActorRecord): void {
    if (actor.holds === undefined) return;
    this.keepers.add(actor);
    this.resources.takeCpu(actor.holds);
  }

  private giveBack(actor: ActorRecord): void {
    if (actor.holds !== undefined) this.resources.give(actor.holds);
    actor.holds = undefined;
    this.keepers.delete(actor);
  }

  private endCreation(actor: ActorRecord, outcome: Outcome): void {
    const { creation } = actor;
    actor.creation = undefined;
    if (creation === undefined || creation.state === 'finished') return;
    this.waiting.clear(creation);
    this.calls.finish(creation, outcome);
  }

  private stillborn(actor: ActorRecord, cause: Failure): SystemFailure {
    return {
      kind: 'system',
      code: 'ACTOR_DIED',
      actorName: actor.spec.spec.name,
      actorId: actor.id,
      reason: 'an argument of its constructor failed',
      cause,
    };
  }
}
