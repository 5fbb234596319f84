import type { SystemFailure } from '../../protocol/payload';
import type { Agenda } from './agenda';
import type { Calls } from './calls';
import { PATIENCE } from './hosts';
import type { Journal } from './journal';
import { cameThrough, clearLanes, mayHaveStarted, queueUp, waitingCalls } from './lanes';
import type { ObjectDirectory } from './objects';
import type { ActorRecord, CallRecord, Crash, WorkerRecord } from './records';
import { move } from './states';
import type { Waiting } from './waiting';

/** The longest delay before a restart, in milliseconds. */
const MAX_DELAY = 60_000;
/** Doublings after which every delay is the longest. */
const MAX_DOUBLINGS = 30;

const NONE: ReadonlySet<CallRecord> = new Set();

/** Making instances anew after a crash: whether, when, and with which of their calls. */
export class Restarts {
  constructor(
    private readonly journal: Journal,
    private readonly agenda: Agenda,
    private readonly objects: ObjectDirectory,
    private readonly calls: Calls,
    private readonly waiting: Waiting,
  ) {}

  /** Whether its class lets the instance be made anew once more. */
  allowed({ spec, restarts }: ActorRecord): boolean {
    const { maxRestarts = 0 } = spec.spec.actor ?? {};
    return maxRestarts === -1 || restarts < maxRestarts;
  }

  /** The crash that was one too many, told with those before. */
  counted({ restarts }: ActorRecord, crash: Crash): Crash {
    if (restarts === 0) return crash;
    const times = restarts === 1 ? 'a restart' : `${restarts} restarts`;
    return { ...crash, reason: `${crash.reason}, after ${times}` };
  }

  /** Keeps what a restart would need. */
  prepare(actor: ActorRecord): void {
    if (!this.allowed(actor) || actor.creation?.state === 'finished') return;
    const { args, refArgs = [] } = actor.message;
    const needed = refArgs.map(([, id]) => id);
    actor.pinned = needed.filter((id) => this.objects.get(id) !== undefined);
    this.objects.pin(actor.pinned);
    this.objects.keep(args);
    actor.keepsArgs = true;
  }

  /** The instance has crashed and is to be made anew. `leaving`: its thread, if it is still there. */
  begin(actor: ActorRecord, crash: Crash, leaving: WorkerRecord | undefined): void {
    actor.rest?.cancel?.();
    actor.restarts += 1;
    actor.state = 'restarting';
    const { restarts } = actor;
    const since = this.journal.at;
    const until = since + delayOf(actor);
    actor.rest = { crash, since, until, leaving, cancel: undefined };
    const { reason } = crash;
    this.journal.log({ at: since, type: 'actorRestarting', actor: actor.id, restarts, reason });
    this.takeBack(actor, crash);
    const { creation } = actor;
    // One that waits for its arguments or for resources has lost nothing.
    if (creation?.worker !== undefined) {
      this.waiting.clear(creation);
      creation.worker = undefined;
      actor.creation = undefined;
      this.calls.end(creation);
    }
    this.proceed(actor);
  }

  /** It has gone from a thread of before. */
  left(actor: ActorRecord, worker: WorkerRecord): void {
    if (actor.rest?.leaving !== worker) return;
    actor.rest.leaving = undefined;
    this.proceed(actor);
  }

  /** The instance lives again, or is dead: nothing of its restart remains. */
  end(actor: ActorRecord): void {
    actor.rest?.cancel?.();
    actor.rest = undefined;
    if (actor.state === 'dead') this.release(actor);
  }

  /** What becomes of a call that will not be made again. */
  unavailable({ id, spec, rest }: ActorRecord): SystemFailure {
    const reason = rest?.crash.reason ?? 'it has crashed';
    const actorName = spec.spec.name;
    return { kind: 'system', code: 'ACTOR_UNAVAILABLE', actorName, actorId: id, reason };
  }

  /** Runs the constructor again as soon as the delay is over and it has left its old thread. */
  private proceed(actor: ActorRecord): void {
    const { rest, object } = actor;
    if (rest === undefined || object === undefined || actor.creation !== undefined) return;
    rest.cancel?.();
    rest.cancel = undefined;
    const { leaving, since, until } = rest;
    const due = leaving === undefined ? until : Math.max(until, since + PATIENCE);
    if (due > this.journal.at) {
      rest.cancel = this.agenda.at(due, () => this.proceed(actor));
      return;
    }
    const message = { kind: 'creation', call: actor.message } as const;
    actor.creation = this.calls.again(message, object, actor);
    // From here on it keeps its arguments itself; there may be no further time.
    if (!this.allowed(actor)) this.release(actor);
  }

  private release(actor: ActorRecord): void {
    this.objects.unpin(actor.pinned);
    actor.pinned = [];
    if (actor.keepsArgs) this.objects.letGo(actor.message.args);
    actor.keepsArgs = false;
  }

  /** Puts calls that may be made again in their lines, in the order they were made; fails the others. */
  private takeBack(actor: ActorRecord, { idle }: Crash): void {
    const kept: CallRecord[] = [];
    const outcome = { ok: false, failure: this.unavailable(actor) } as const;
    const started = idle ? NONE : mayHaveStarted(actor);
    for (const call of actor.inFlight) {
      this.calls.attemptDied(call);
      this.waiting.clear(call);
      // What was told to end has been told how it ended.
      const begun = started.has(call);
      if (call.state === 'abandoned' || isLost(call, begun)) {
        this.calls.finish(call, outcome);
        continue;
      }
      if (begun) this.charge(call);
      call.worker = undefined;
      call.suspendedFor = 0;
      move(this.journal, call, 'ready');
      kept.push(call);
    }
    for (const call of waitingCalls(actor)) {
      if (isLost(call, false)) this.calls.finish(call, outcome);
      else kept.push(call);
    }
    actor.inFlight.clear();
    clearLanes(actor);
    for (const call of kept) {
      queueUp(actor, call);
      if (call.state === 'ready') cameThrough(actor, call);
    }
  }

  private charge(call: CallRecord): void {
    if (call.retries > 0) call.retries -= 1;
    call.attempt += 1;
    const { at } = this.journal;
    this.journal.log({ at, type: 'callRetried', call: call.id, attempt: call.attempt });
  }
}

/** It may not be made again, and what it may it has begun: a retry is paid for before it begins. */
const isLost = ({ retries, attempt }: CallRecord, begun: boolean): boolean =>
  retries === 0 && (begun || attempt === 0);

function delayOf({ spec, restarts }: ActorRecord): number {
  const { restartDelay = 0 } = spec.spec.actor ?? {};
  return Math.min(restartDelay * 2 ** Math.min(restarts - 1, MAX_DOUBLINGS), MAX_DELAY);
}
