import type { RuntimeEvent } from '../../base/events';
import type { ClientId, ObjectId } from '../../base/ids';
import type { Usage } from '../../protocol/usage';
import { payloadsIn } from '../../protocol/payloads-in';
import { isEncoded, type Payload } from '../../protocol/payload';
import type { SchedulerEvent, SchedulerMessage, SchedulerOptions } from './events';
import type { Instruction } from './instructions';
import type { Bereft } from './calls';
import { createParts, type Parts } from './parts';
import {
  type ActorRecord,
  type CallRecord,
  type ClientRecord,
  isSuspended,
  type ObjectRecord,
  type SpecRecord,
  type Lineage,
} from './records';
import { charge } from './retries';
import { standstill, type Standstill } from './standstill';
import { move } from './states';
import { validate } from './validate';

/**
 * Decides what runs where and when, and who is told what: a state machine without timers, input or
 * output. Time comes in with the events.
 *
 * @example
 * const scheduler = new Scheduler({ node: 'n', numCpus: 2, resources: {}, maxThreads: 16, idleTimeout: 1000 }, 0);
 * scheduler.handle({ type: 'tick', at: 0 }); // starts two workers
 */
export class Scheduler {
  private readonly parts: Parts;
  /** When the next tick asked for is due. */
  private tickAt = Infinity;
  private tickWhenFreeAt = Infinity;
  private announcedReady = false;
  /** Payloads with memory beside them in the message at hand. */
  private readonly brought: Payload[] = [];
  private readonly noteMemory = (payload: Payload): void => {
    if (isEncoded(payload) && payload.shared !== undefined) this.brought.push(payload);
  };
  private closed = false;

  constructor(
    private readonly options: SchedulerOptions,
    at: number,
  ) {
    this.parts = createParts(options, at);
    this.parts.workers.keepWarm();
  }

  /** Takes in what has happened and answers what is to be done, in order. */
  handle(event: SchedulerEvent): readonly Instruction[] {
    if (this.closed) return [];
    this.parts.journal.at = event.at;
    this.take(event);
    if (this.closed) return this.parts.journal.take();
    this.parts.cancellation.follow();
    do {
      this.drawConsequences();
      this.parts.dispatcher.dispatch();
      this.settleMemory();
      this.parts.spilling.settle();
    } while (this.undone > 0 || this.parts.buffers.areInDoubt || this.parts.loading.takeNews());
    if (this.parts.journal.hasNews) {
      this.parts.deadlocks.stir();
      this.parts.lostHandles.stir();
    }
    this.parts.lostHandles.look();
    this.keepHouse();
    return this.parts.journal.take();
  }

  /** How much it keeps: objects, calls without result, actors, shared memory, and the resources in use. */
  usage(): Usage {
    const { objects, calls, lives, resources, code, parcels, environments } = this.parts;
    const taken = resources.inUse();
    const { used } = this.parts.buffers.usage;
    return {
      // That of a remote function is none that anybody has asked for.
      objects: objects.size - code.objectCount,
      calls: calls.table.size,
      actors: lives.size,
      specs: code.size,
      parcels: parcels.size,
      shapes: resources.shapes.size,
      environments: environments.size,
      buffers: used,
      loads: this.parts.loading.size,
      taken,
    };
  }

  /** What lately happened to a call, an object, an actor or a worker. */
  story(id: string): readonly RuntimeEvent[] {
    return this.parts.journal.story(id);
  }

  /** What keeps an object from settling, when nothing more happens by itself. */
  standstill(id: ObjectId): Standstill {
    return standstill(id, this.parts);
  }

  /** Derives every index anew from the records and throws an InternalError where they differ. */
  validate(): void {
    // It may be asked for in the middle of a batch.
    this.settleMemory();
    validate(this.parts);
  }

  private take(event: SchedulerEvent): void {
    switch (event.type) {
      case 'messages':
        return this.takeAll(event.messages, event.from);
      case 'workerOnline':
      case 'workerExited':
      case 'revoked':
      case 'actorLeft': {
        const worker = this.parts.workers.all.get(event.worker);
        if (worker === undefined) return;
        if (event.type === 'workerOnline') return this.parts.workers.online(worker);
        if (event.type === 'actorLeft') return this.parts.lives.left(event.actor, worker);
        if (event.type === 'revoked') return this.parts.hand.revoked(worker, event.calls);
        return this.parts.faults.workerExited(worker, event.exit, event.claims);
      }
      case 'spilled':
        return this.parts.spilling.spilled(event.file, event.problem);
      case 'restored':
        return this.parts.loading.restored(event.file, event.memory, event.problem ?? '');
      case 'tick':
        this.tickAt = this.tickWhenFreeAt = Infinity;
        this.parts.agenda.run(event.at);
        this.parts.hand.tick();
        return this.parts.workers.retireIdle();
      case 'actorAlive':
        return this.parts.actors.alive(event.actor, event.worker);
      case 'actorDied':
        return this.parts.lives.died(event.actor, event.failure);
      case 'drain':
        return this.drain(event.token);
      case 'shutdown':
        return this.shutdown();
    }
  }

  private takeAll(messages: readonly SchedulerMessage[], sender: ClientId): void {
    const from = this.parts.clients.get(sender);
    for (const message of messages) {
      // A thread that has ended has nothing more to say.
      if (from?.alive !== true) return;
      this.takeWithMemory(message, from);
      this.parts.cancellation.follow();
      this.drawConsequences();
    }
  }

  /** The memory that a message brings is held while it is dealt with, whether it is kept or not. */
  private takeWithMemory(message: SchedulerMessage, from: ClientRecord): void {
    const { brought } = this;
    payloadsIn(message, this.noteMemory);
    for (const payload of brought) this.parts.buffers.hold(payload);
    this.takeMessage(message, from);
    while (brought.length > 0) this.parts.buffers.letGo(brought.pop());
  }

  private takeMessage(message: SchedulerMessage, from: ClientRecord): void {
    switch (message.type) {
      case 'define':
        return this.parts.code.learnSpec(message.spec, from);
      case 'parcel':
        return this.parts.code.learnParcel(message.parcel, from);
      case 'parcelsGone':
        return this.parts.parcels.gone(message.parcels, from);
      case 'submit': {
        const { call } = message;
        const spec = this.parts.code.spec(call.spec);
        const record = this.parts.calls.submit({ kind: 'task', call }, from, spec, undefined);
        return this.parts.cancellation.submitted(record);
      }
      case 'createActor':
        return this.parts.actors.create(message.call, from);
      case 'killActor':
        return this.parts.lives.kill(message.actor, message.restart);
      case 'exitActor':
        return this.parts.lives.exit(message.actor, message.call, from);
      case 'callActor':
        return this.parts.cancellation.submitted(this.parts.actors.submit(message.call, from));
      case 'crashed': {
        const actor = this.parts.lives.get(message.actor);
        return actor && this.parts.judgements.crashed(actor, message.crash, from);
      }
      case 'judged':
        return this.parts.judgements.judged(message, from);
      case 'saved': {
        const actor = this.parts.lives.get(message.actor);
        return actor && this.parts.savedStates.keep(actor, message.state, from);
      }
      case 'put':
        return this.parts.delivery.put(message, from);
      case 'want':
        return this.parts.delivery.want(from, message.ids);
      case 'taken':
        return this.parts.streams.taken(message.stream, message.count, from);
      case 'leaveStream':
        return this.parts.streams.left(message, from);
      case 'follow':
        return this.parts.progress.follow(message.id, message.token, from);
      case 'unfollow':
        return this.parts.progress.unfollow(message.id, from);
      case 'ask':
        return this.parts.questions.take(message.token, message.question, from, this);
      case 'cancel':
        return this.parts.cancellation.cancel(message.ids, message);
      case 'looked':
        return message.ids.forEach((id) => this.parts.objects.looked(id));
      case 'allocated':
        return this.parts.buffers.allocated({ id: message.id, memory: message.memory }, from);
      case 'shown':
        return this.parts.buffers.shown(message.ids, from);
      case 'gone':
        return this.parts.buffers.gone(message.buffers, from);
      case 'collected':
        return this.parts.buffers.collected(from);
      case 'unloaded':
        return this.parts.spilling.unloaded(message.ids, from);
      case 'fetch':
        return this.parts.delivery.fetch(from, message.token, message.ids);
      case 'evicted':
        return this.parts.buffers.evicted(message.ids);
      case 'free':
        return message.ids.forEach((id) => this.parts.objects.free(id));
      case 'hold':
        return this.parts.objects.hold(from, message.ids);
      case 'release':
        return message.ids.forEach(([id, received]) =>
          this.parts.objects.release(from, id, received),
        );
      default:
        return this.takeFromCall(message, from);
    }
  }

  private takeFromCall(
    message: Extract<
      SchedulerMessage,
      { type: 'waiting' | 'unwait' | 'started' | 'yielded' | 'progress' | 'done' | 'poisoned' }
    >,
    from: ClientRecord,
  ): void {
    if (message.type === 'poisoned') {
      const worker = this.parts.workers.all.get(from.id);
      return worker && this.parts.faults.poisoned(worker, message);
    }
    const call = this.parts.calls.table.get('task' in message ? message.task : message.call);
    // What a call says that has been lost since, or runs elsewhere by now, is of no interest.
    if (call?.worker?.client !== from || call.state === 'finished') return;
    if (message.type === 'started') return this.parts.deadlines.started(call, message.attempt);
    // Its waits are over, as it is going to learn.
    if ('task' in message && call.state === 'abandoned') return;
    if (message.type === 'waiting') {
      this.parts.waiting.wait(call, message.waits, message.blocking);
      return message.blocking ? this.parts.judgements.stoodStill(call.actor) : undefined;
    }
    if (message.type === 'unwait') return this.parts.waiting.unwait(call, message.waits);
    if (message.type === 'yielded')
      return this.parts.streams.yielded(call, message.index, message.value);
    if (message.type === 'progress') return this.parts.progress.reported(call, message.value);
    const { exitCode, lastLines } = message;
    if (exitCode !== undefined) return this.parts.faults.calledExit(call, exitCode, lastLines);
    if (call.message.kind === 'method') {
      this.parts.actors.done(call, message);
      const { actor } = call;
      if (message.crash && actor) this.parts.judgements.crashed(actor, message.crash, from);
      return;
    }
    this.taskDone(call, message);
  }

  private taskDone(call: CallRecord, done: Extract<SchedulerMessage, { type: 'done' }>): void {
    const last = isSuspended(call) ? this.parts.journal.at - call.suspendedAt : 0;
    const took = Math.max(0, done.took - call.suspendedFor - last);
    call.spec?.profile.ended(took, done.blocked, call.cold);
    this.parts.waiting.clear(call);
    if (call.state === 'abandoned') return this.parts.abandoned.ended(call);
    if (done.retry && charge(call)) return this.parts.retries.task(call);
    this.parts.workers.remove(call);
    this.parts.calls.finish(call, done.outcome, undefined, done.rest);
  }

  /** One thing leads to another: by lists, so that a chain of any length needs no stack. */
  private drawConsequences(): void {
    const { settled, orphans, unnamed, unneeded } = this.parts.objects;
    const { resolved, bereft } = this.parts.calls;
    const { departed } = this.parts.lives;
    while (this.undone > 0) {
      work(settled, this.objectSettled);
      work(resolved, this.resolved);
      work(orphans, this.orphaned);
      work(departed, this.departed);
      work(bereft, this.bereft);
      work(unnamed, this.unnamed);
      work(unneeded, this.unneeded);
    }
  }

  /** How many things have consequences that are not drawn yet. */
  private get undone(): number {
    const { settled, orphans, unnamed, unneeded } = this.parts.objects;
    const { resolved, bereft } = this.parts.calls;
    const { departed } = this.parts.lives;
    const ofCalls = resolved.length + bereft.length;
    const forgotten = orphans.length + departed.length + unnamed.length + unneeded.length;
    return settled.length + ofCalls + forgotten;
  }

  private readonly objectSettled = (object: ObjectRecord): void => {
    this.parts.delivery.announce(object);
    this.parts.waiting.objectSettled(object);
    this.parts.calls.objectSettled(object);
    this.parts.objects.settledFor(object);
  };

  private readonly resolved = (call: CallRecord): void => {
    if (call.message.kind !== 'task') return this.parts.actors.resolved(call);
    if (call.state !== 'pending' || call.spec === undefined) return;
    move(this.parts.journal, call, 'ready');
    this.parts.queue.push(call, call.spec.shape);
  };

  private readonly orphaned = (actor: ActorRecord): void => this.parts.lives.orphaned(actor);

  private readonly unneeded = (lineage: Lineage): void => this.parts.lineages.release(lineage);

  /** The instance is dead, or is to be made anew. */
  private readonly departed = (actor: ActorRecord): void => {
    this.parts.judgements.departed(actor);
    if (actor.state === 'dead') this.parts.savedStates.drop(actor);
  };

  private readonly bereft = (bereft: Bereft): void => this.parts.cancellation.cancelBereft(bereft);

  private readonly unnamed = (spec: SpecRecord): void => this.parts.code.forgetSpec(spec);

  private settleMemory(): void {
    this.forgetCode();
    this.parts.buffers.settle();
  }

  /** What goes with code that nobody needs may lead to more of it. */
  private forgetCode(): void {
    const { parcels, code } = this.parts;
    for (parcels.settle(); parcels.lost.length > 0; parcels.settle()) {
      for (const record of parcels.lost.splice(0)) code.forgetParcel(record);
      this.drawConsequences();
    }
  }

  /** Keeps enough threads, and asks for the tick that somebody needs. */
  private keepHouse(): void {
    const { numCpus } = this.options;
    this.parts.workers.keepWarm();
    const { usual } = this.parts.workers;
    const standing = usual.threads - usual.starting;
    if (!this.announcedReady && standing >= numCpus) {
      this.announcedReady = true;
      this.parts.clients.post(this.parts.clients.driver, { type: 'ready', workers: standing });
    }
    const { at } = this.parts.journal;
    const retirement = this.parts.workers.nextRetirement;
    const look = Math.min(this.parts.hand.nextLook, this.parts.dispatcher.looksAt);
    const next = Math.min(look, retirement, this.parts.agenda.next);
    if (next < this.tickAt) {
      this.tickAt = next;
      this.parts.journal.emit({ type: 'tickAfter', delay: Math.max(0, next - at) });
    }
    const { nextLook } = this.parts.lostHandles;
    if (nextLook >= this.tickWhenFreeAt) return;
    this.tickWhenFreeAt = nextLook;
    const delay = Math.max(0, nextLook - at);
    this.parts.journal.emit({ type: 'tickAfter', delay, whenFree: true });
  }

  private drain(token: number): void {
    const { clients, objects } = this.parts;
    clients.post(clients.driver, { type: 'drained', token, unseen: objects.unseen() });
  }

  private shutdown(): void {
    this.parts.delivery.shutdown();
    this.closed = true;
  }
}

/** Takes from the list what is in it now, and acts on each. */
function work<T>(list: T[], act: (item: T) => void): void {
  // Mostly there is one, and a list of its own for that would be made for each call, twice.
  const only = list.length === 1 ? list.pop() : undefined;
  if (only !== undefined) act(only);
  else if (list.length > 0) for (const item of list.splice(0)) act(item);
}
