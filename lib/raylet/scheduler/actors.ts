import type { ActorId } from '../../base/ids';
import type { CreateActor, MethodCall } from '../../protocol/messages';
import type { Failure, Outcome, SystemFailure } from '../../protocol/payload';
import type { Calls } from './calls';
import type { Clients } from './clients';
import type { CodeBook } from './code-book';
import type { Journal } from './journal';
import type { ActorRecord, CallerLine, CallRecord, ClientRecord, SpecRecord } from './records';
import type { ReadyQueue } from './ready-queue';
import type { ResourcePool } from './resources';
import { move } from './states';
import type { Waiting } from './waiting';
import type { Workers } from './workers';

/**
 * Calls given to an instance ahead of their turn: more than a round trip between threads is worth,
 * and few enough that a new caller is soon heard beside one that has a million queued.
 */
const MOST_IN_FLIGHT = 64;

/** Instances of remote classes: their creation, and the order of the calls to them. */
export class Actors {
  private readonly living = new Map<ActorId, ActorRecord>();
  /** Calls may still come to them. */
  private readonly dead = new Map<ActorId, ActorRecord>();
  /** Instances that may take a call. */
  private readonly stirred = new Set<ActorRecord>();
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
      lines: new Map(),
      turn: new Set(),
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
    for (const { calls, head } of actor.lines.values()) {
      for (const call of calls.slice(head)) {
        if (call.state !== 'finished') this.calls.finish(call, outcome);
      }
    }
    actor.inFlight.clear();
    actor.lines.clear();
    actor.turn.clear();
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
    const { caller } = call;
    let line = actor.lines.get(caller);
    if (line === undefined) actor.lines.set(caller, (line = { caller, calls: [], head: 0 }));
    line.calls.push(record);
    return record;
  }

  /** The arguments of a creation or a method call are there, or one of them has failed. */
  resolved(call: CallRecord): void {
    const { actor, message } = call;
    if (actor === undefined) return;
    if (call.state === 'pending') move(this.journal, call, 'ready');
    if (message.kind === 'method') {
      const line = actor.lines.get(message.call.caller);
      if (line !== undefined) this.queueLine(actor, line);
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
    this.waiting.clear(call);
    this.calls.finish(call, outcome);
    this.keepCpu(actor);
    this.stirred.add(actor);
  }

  /** Hands calls to all instances that can take some: results have been told by now. */
  dispatch(): void {
    for (const actor of this.stirred) this.pump(actor);
    this.stirred.clear();
  }

  /** The instance cannot go on: its supervisor ends it and answers with its death. */
  end(actor: ActorRecord, reason: string): void {
    this.journal.emit({ type: 'endActor', actor: actor.id, reason });
  }

  /** Whether some instance is at work, and not just waiting for others. */
  areBusy(): boolean {
    for (const { creation, inFlight } of this.living.values()) {
      const calls = creation?.worker === undefined ? [...inFlight] : [creation];
      const waits = calls.some((call) => call.waits !== undefined && call.waits.size > 0);
      if (calls.length > 0 && !waits) return true;
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

  /** Hands the instance calls while it takes more, callers in turn. */
  private pump(actor: ActorRecord): void {
    if (actor.state !== 'alive') return;
    for (const line of actor.turn) {
      if (actor.inFlight.size >= MOST_IN_FLIGHT) return;
      actor.turn.delete(line);
      const call = line.calls[line.head];
      if (call === undefined) continue;
      line.head += 1;
      this.invoke(actor, call);
      // Met again by this same loop, behind the other callers.
      this.queueLine(actor, line);
    }
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

  /** Lets the caller take its turn if its first call can go: its later ones wait behind that. */
  private queueLine(actor: ActorRecord, line: CallerLine): void {
    while (line.calls[line.head]?.state === 'finished') line.head += 1;
    const first = line.calls[line.head];
    if (first === undefined) actor.lines.delete(line.caller);
    if (first?.state === 'ready') {
      actor.turn.add(line);
      this.stirred.add(actor);
    } else {
      // The one that could go was cancelled.
      actor.turn.delete(line);
    }
    // Cut off what is used up when it is half of the list: constant cost per call.
    if (line.head <= 64 || line.head * 2 <= line.calls.length) return;
    line.calls = line.calls.slice(line.head);
    line.head = 0;
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
