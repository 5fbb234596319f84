import type { ActorId, CallId } from '../../base/ids';
import type { WorkerExit } from '../../protocol/messages';
import { KILLED, type Outcome, payloadOf, type SystemFailure } from '../../protocol/payload';
import type { Calls } from './calls';
import type { Hosts } from './hosts';
import type { Journal } from './journal';
import { clearLanes, waitingCalls } from './lanes';
import type { ActorNames } from './names';
import type { ObjectDirectory } from './objects';
import type { ReadyQueue } from './ready-queue';
import type { ActorRecord, ClientRecord, Crash, WorkerRecord } from './records';
import type { ResourcePool } from './resources';
import type { Restarts } from './restarts';
import type { Waiting } from './waiting';

/** Which instances live, what they have taken, and how they end. */
export class Lives {
  /** Instances that are not what they were: what follows is not done yet. */
  readonly departed: ActorRecord[] = [];
  private readonly living = new Map<ActorId, ActorRecord>();
  /** Calls may still come to them. */
  private readonly dead = new Map<ActorId, ActorRecord>();
  /** Living instances that keep resources of their own. */
  readonly keepers = new Set<ActorRecord>();

  constructor(
    private readonly journal: Journal,
    private readonly resources: ResourcePool,
    private readonly objects: ObjectDirectory,
    private readonly calls: Calls,
    private readonly queue: ReadyQueue,
    private readonly waiting: Waiting,
    private readonly names: ActorNames,
    private readonly restarts: Restarts,
    private readonly hosts: Hosts,
  ) {}

  add(actor: ActorRecord): void {
    this.living.set(actor.id, actor);
    actor.spec.object.pins += 1;
    this.names.add(actor);
  }

  /** The instance of that id, if it is not dead. */
  get(id: ActorId): ActorRecord | undefined {
    return this.living.get(id);
  }

  /** The instance of that id, dead or not, as long as somebody can call it. */
  find(id: ActorId): ActorRecord | undefined {
    return this.living.get(id) ?? this.dead.get(id);
  }

  get size(): number {
    return this.living.size + this.dead.size;
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

  /** Those that are, as long as somebody may call them. */
  theDead(): Iterable<ActorRecord> {
    return this.dead.values();
  }

  /** The death certificate: dead for ever, whatever its class allows. */
  died(id: ActorId, failure: SystemFailure): void {
    const actor = this.living.get(id);
    if (actor !== undefined) this.die(actor, failure);
  }

  /**
   * The instance cannot go on: its thread has ended, or is to end. It is made anew if its class
   * allows that, else it is dead for ever.
   */
  crash(actor: ActorRecord, crash: Crash, { restart = true } = {}): void {
    if (actor.state === 'dead') return;
    if (!restart || !this.restarts.allowed(actor)) {
      return this.die(actor, deathOf(actor, this.restarts.counted(actor, crash)));
    }
    const leaving = this.leaveThread(actor);
    this.departed.push(actor);
    this.giveBack(actor);
    this.restarts.begin(actor, crash, leaving);
  }

  /** A thread has ended, perhaps with instances on it. */
  threadEnded(worker: WorkerRecord, exit: WorkerExit): void {
    const { host } = worker;
    if (host === undefined) return;
    this.hosts.ended(worker);
    for (const id of [...host.leaving.keys()]) this.left(id, worker);
    for (const actor of [...host.tenants]) this.crash(actor, { reason: exit.reason });
  }

  /** The instance has gone from the thread it was told to leave. */
  left(id: ActorId, worker: WorkerRecord): void {
    this.hosts.left(id, worker);
    const actor = this.living.get(id);
    if (actor !== undefined) this.restarts.left(actor, worker);
  }

  /** Somebody has called `kill`. */
  kill(id: ActorId, restart: boolean): void {
    const actor = this.living.get(id);
    if (actor === undefined) return;
    const crash = { reason: KILLED };
    if (restart && this.restarts.allowed(actor)) return this.crash(actor, crash);
    this.die(actor, deathOf(actor, crash));
    this.wasIntended(actor);
  }

  /** The instance has called `exitActor`. */
  exit(id: ActorId, call: CallId, from: ClientRecord): void {
    const actor = this.living.get(id);
    if (actor?.worker?.client !== from) return;
    this.die(actor, deathOf(actor, { reason: 'it exited by exitActor()' }), true);
    this.wasIntended(actor);
    this.objects.looked(call);
  }

  /** Nobody can call the instance any more, and none of its calls is left. */
  orphaned(actor: ActorRecord): void {
    if (actor.state !== 'dead') {
      return this.die(actor, deathOf(actor, { reason: 'its last handle is gone' }), true);
    }
    this.dead.delete(actor.id);
    if (actor.failure !== undefined)
      this.objects.letGo(payloadOf({ ok: false, failure: actor.failure }));
  }

  /** What it declares is its own again, though its call may have ended while it waited. */
  keepCpu(actor: ActorRecord): void {
    if (actor.holds === undefined) return;
    this.keepers.add(actor);
    this.resources.takeCpu(actor.holds);
  }

  giveBack(actor: ActorRecord): void {
    if (actor.holds !== undefined) this.resources.give(actor.holds);
    actor.holds = undefined;
    this.keepers.delete(actor);
  }

  /** Its constructor has ended, or never will. */
  endCreation(actor: ActorRecord, outcome: Outcome): void {
    const { creation, object } = actor;
    actor.creation = undefined;
    if (creation === undefined) {
      // It rests, and its first constructor has not come to an end.
      if (object !== undefined && object.outcome === undefined)
        this.objects.settle(object, outcome);
      return;
    }
    if (creation.state === 'finished') return;
    const queued = creation.state === 'ready';
    this.waiting.clear(creation);
    this.calls.finish(creation, outcome);
    if (queued) this.queue.remove(creation, actor.spec.shape);
  }

  /** Dead for ever: all its calls fail, and what it has taken comes back. */
  die(actor: ActorRecord, failure: SystemFailure, gently = false): void {
    const { id, object } = actor;
    if (!this.living.delete(id)) return;
    this.departed.push(actor);
    this.names.remove(actor);
    actor.state = 'dead';
    actor.failure = failure;
    const reason = failure.code === 'ACTOR_DIED' ? failure.reason : failure.code;
    this.journal.log({ at: this.journal.at, type: 'actorDied', actor: id, reason });
    if (object !== undefined && this.objects.get(object.id) === object) {
      this.dead.set(id, actor);
      this.objects.keep(payloadOf({ ok: false, failure }));
    }
    this.giveBack(actor);
    this.restarts.end(actor);
    const outcome = { ok: false, failure } as const;
    this.endCreation(actor, outcome);
    for (const call of actor.inFlight) {
      this.calls.attemptDied(call);
      this.waiting.clear(call);
      this.calls.finish(call, outcome);
    }
    for (const call of waitingCalls(actor)) this.calls.finish(call, outcome);
    actor.inFlight.clear();
    clearLanes(actor);
    this.leaveThread(actor, gently);
    this.journal.emit({ type: 'buryActor', actor: id });
    if (actor.spec.spec.actor?.detached && object) this.objects.unpinOne(object);
    this.objects.unpinOne(actor.spec.object);
  }

  /** Has the instance leave its thread; answers that, unless it has ended already. */
  private leaveThread(actor: ActorRecord, gently = false): WorkerRecord | undefined {
    const { id, worker } = actor;
    actor.worker = undefined;
    if (worker === undefined || !this.hosts.leave(actor, worker)) return undefined;
    this.journal.emit({ type: 'endActor', actor: id, worker: worker.client.id, gently });
    return worker;
  }

  /** That its constructor never ended is nothing to report. */
  private wasIntended({ object }: ActorRecord): void {
    if (object !== undefined) this.objects.looked(object.id);
  }
}

/** That the instance is dead for ever, and why. */
export function deathOf({ id, spec }: ActorRecord, { reason, cause }: Crash): SystemFailure {
  return {
    kind: 'system',
    code: 'ACTOR_DIED',
    actorName: spec.spec.name,
    actorId: id,
    reason,
    ...(cause !== undefined && { cause }),
  };
}
