import type { ActorId, WorkerId } from '../../base/ids';
import type { CreateActor, MethodCall } from '../../protocol/messages';
import type { Outcome, Payload, SystemFailure } from '../../protocol/payload';
import type { CallValues } from './call-values';
import type { Calls } from './calls';
import type { Clients } from './clients';
import type { CodeBook } from './code-book';
import type { Hosts } from './hosts';
import type { Journal } from './journal';
import {
  cameThrough,
  goBack,
  leaveLane,
  newLanes,
  queueUp,
  takeCall,
  underWay,
  wantsToStart,
} from './lanes';
import { deathOf, type Lives } from './lives';
import type { ActorRecord, CallRecord, ClientRecord, SpecRecord } from './records';
import type { ReadyQueue } from './ready-queue';
import type { ResourcePool } from './resources';
import type { Restarts } from './restarts';
import { charge, methodPolicy, type Retries } from './retries';
import { move } from './states';
import type { Waiting } from './waiting';

/** Instances of remote classes: their creation, and the order of the calls to them. */
export class Actors {
  /** Instances that may take a call. */
  private readonly stirred = new Set<ActorRecord>();
  /** Those of them that have lent their CPU, and need it for a call. */
  private readonly stalled = new Set<ActorRecord>();

  /** The last that was found at work: there may be very many to look at. */
  private busy: ActorRecord | undefined;

  constructor(
    private readonly journal: Journal,
    private readonly clients: Clients,
    private readonly code: CodeBook,
    private readonly resources: ResourcePool,
    private readonly calls: Calls,
    private readonly queue: ReadyQueue,
    private readonly hosts: Hosts,
    private readonly waiting: Waiting,
    private readonly restarts: Restarts,
    private readonly lives: Lives,
    private readonly retries: Retries,
    private readonly values: CallValues,
  ) {}

  create(call: CreateActor, from: ClientRecord): void {
    const spec = this.code.spec(call.spec);
    const { actor: id } = call;
    const actor = newActor(call, spec);
    this.lives.add(actor);
    const { at } = this.journal;
    this.journal.log({ at, type: 'actorCreated', actor: id, name: spec.spec.name });
    const creation = this.calls.submit({ kind: 'creation', call }, from, spec, actor);
    actor.creation = creation;
    actor.object = creation.object;
    creation.object.actor = actor;
    // It lives until it is killed, whoever holds it.
    if (spec.spec.actor?.detached) creation.object.pins += 1;
    this.restarts.prepare(actor);
  }

  /** Gives the instance a thread: its arguments are there and its resources free. */
  place(creation: CallRecord, spec: SpecRecord): void {
    const { message, actor } = creation;
    if (message.kind !== 'creation' || actor === undefined) return;
    actor.holds = this.resources.take(spec.shape);
    const worker = this.hosts.take(actor);
    actor.worker = creation.worker = worker;
    move(this.journal, creation, 'assigned');
    const values = this.calls.values(creation);
    this.code.define(worker.client, spec);
    this.code.prepareAll(worker.client, message.call.args, values);
    this.code.prepare(worker.client, actor.saved?.state);
    const { at } = this.journal;
    this.journal.log({ at, type: 'actorPlaced', actor: actor.id, worker: worker.client.id });
    this.journal.emit({
      type: 'createActor',
      call: message.call,
      spec: spec.spec,
      worker: worker.client.id,
      ...(values !== undefined && { values }),
      ...(actor.restarts > 0 && { restarts: actor.restarts }),
      ...(actor.saved !== undefined && { state: actor.saved.state }),
    });
  }

  /** Its constructor has run on that thread. */
  alive(id: ActorId, worker: WorkerId): void {
    const actor = this.lives.get(id);
    // Those on threads of before are of no interest.
    if (actor?.creation === undefined || actor.worker?.client.id !== worker) return;
    actor.state = 'alive';
    this.restarts.end(actor);
    this.journal.log({ at: this.journal.at, type: 'actorAlive', actor: id });
    this.lives.endCreation(actor, { ok: true, value: undefined });
    // What it declares it keeps for life; the CPU that everybody needs to be placed goes back.
    if (Object.keys(actor.spec.spec.resources).length === 0) this.lives.giveBack(actor);
    else this.lives.keepCpu(actor);
    this.stirred.add(actor);
  }

  submit(call: MethodCall, from: ClientRecord): CallRecord {
    const actor = this.lives.find(call.actor);
    const record = this.calls.submit({ kind: 'method', call }, from, undefined, actor);
    if (actor !== undefined && mayQueue(actor, record)) queueUp(actor, record);
    else if (record.state === 'pending') {
      this.calls.finish(record, { ok: false, failure: this.refusal(call.actor, actor) });
    }
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
    } else if (call.unrun !== undefined) {
      const reason = 'an argument of its constructor failed';
      this.lives.die(actor, deathOf(actor, { reason, cause: call.unrun }));
    }
  }

  /** A method has ended. */
  done(call: CallRecord, { outcome, rest, retry }: MethodEnd): void {
    const { actor } = call;
    if (actor === undefined) return;
    actor.inFlight.delete(call);
    leaveLane(actor, call);
    this.waiting.clear(call);
    if (retry && charge(call)) this.again(actor, call);
    else this.calls.finish(call, outcome, undefined, rest);
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
      if (actor.state !== 'alive') continue;
      const { holds } = actor;
      if (cpus && holds !== undefined && !holds.holdsCpu && wantsToStart(actor)) {
        const kept = this.resources.cpuInUse <= this.lives.cpuKept;
        if (kept || this.resources.fitsCpu(holds.shape)) this.waiting.regainCpu(actor, holds);
      }
      this.pump(actor);
      if (holds !== undefined) this.waiting.settleCpu(actor, holds);
    }
  }

  /** The instance may take calls again. */
  stir(actor: ActorRecord): void {
    this.stirred.add(actor);
  }

  /** Whether some instance is at work, and not just waiting for others. */
  areBusy(): boolean {
    const { busy } = this;
    if (busy !== undefined && busy.state !== 'dead' && isBusy(busy)) return true;
    for (const actor of this.lives.values()) {
      if (!isBusy(actor)) continue;
      this.busy = actor;
      return true;
    }
    this.busy = undefined;
    return false;
  }

  /** Hands the instance calls while it takes more. */
  private pump(actor: ActorRecord): void {
    if (actor.state !== 'alive' || actor.judgement !== undefined) return;
    const { holds } = actor;
    const awake = holds === undefined || holds.holdsCpu || holds.shape.cpu === 0;
    for (let call = takeCall(actor, awake); call; call = takeCall(actor, awake)) {
      if (this.values.areHere(call)) this.invoke(actor, call);
      else this.bring(actor, call);
    }
    if (!awake && wantsToStart(actor)) this.stalled.add(actor);
  }

  /** The call's arguments are on disk: it goes back to its place until they are here. */
  private bring(actor: ActorRecord, call: CallRecord): void {
    leaveLane(actor, call);
    goBack(actor, call);
    this.values.bring(call, () => {
      cameThrough(actor, call);
      this.stirred.add(actor);
    });
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
      ...(call.attempt > 0 && { attempt: call.attempt }),
    });
  }

  /** Makes a call again that threw, before the later ones of its caller. */
  private again(actor: ActorRecord, call: CallRecord): void {
    if (call.message.kind !== 'method') return;
    const { method, retryDelay } = call.message.call;
    call.worker = undefined;
    goBack(actor, call);
    const delay = retryDelay ?? methodPolicy(actor.spec.spec, method)?.retryDelay;
    this.retries.again(call, delay, () => {
      cameThrough(actor, call);
      this.stirred.add(actor);
    });
  }

  /** Why the instance takes no call: it is dead, or restarting. */
  private refusal(id: ActorId, actor: ActorRecord | undefined): SystemFailure {
    if (actor === undefined) return diedBefore(id);
    return actor.failure ?? this.restarts.unavailable(actor);
  }
}

function newActor(message: CreateActor, spec: SpecRecord): ActorRecord {
  return {
    id: message.actor,
    spec,
    message,
    state: 'creating',
    object: undefined,
    creation: undefined,
    worker: undefined,
    restarts: 0,
    rest: undefined,
    pinned: [],
    holds: undefined,
    ...newLanes(spec.spec.actor),
    inFlight: new Set(),
    failure: undefined,
  };
}

/** Whether a call of it runs that waits for nothing, or it is about to be made anew. */
function isBusy(actor: ActorRecord): boolean {
  const { creation, inFlight, rest } = actor;
  if (rest !== undefined && creation === undefined) return true;
  const isMade = creation?.worker === undefined;
  if (isMade && inFlight.size === 0) return false;
  const calls = isMade ? [...inFlight] : [creation];
  const waits = calls.filter((call) => call.waits !== undefined && call.waits.size > 0);
  return waits.length < (isMade ? underWay(actor) : 1);
}

/** Whether the call may wait for the instance: while that restarts, only one that may be made again. */
const mayQueue = ({ state }: ActorRecord, { retries }: CallRecord): boolean =>
  state === 'restarting' ? retries !== 0 : state !== 'dead';

/** The instance is forgotten, as nobody holds it. */
const diedBefore = (actorId: ActorId): SystemFailure => ({
  kind: 'system',
  code: 'ACTOR_DIED',
  actorName: 'of before',
  actorId,
  reason: 'its last handle is gone',
});

/** How a method call ended. */
interface MethodEnd {
  readonly outcome: Outcome;
  readonly rest?: readonly Payload[];
  readonly retry?: true;
}
