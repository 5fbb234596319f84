import type { ObjectId } from '../../base/ids';
import type { Awaited, Explanation, ResourceHolder } from '../../protocol/explanation';
import { actorLabel, workerLabel } from '../../protocol/labels';
import { holders } from './holders';
import type { Journal } from './journal';
import { callsBefore, hasLentCpu, isStarted, laneFor, startedBeside } from './places';
import type { ReadyQueue } from './ready-queue';
import { CallRecord, holdOf, type ObjectRecord, type WorkerRecord } from './records';
import { amountsOf, type Needs, unitsOf } from './resources';
import type { GraphParts } from './wait-graph';

export interface ExplainerParts extends GraphParts {
  readonly journal: Journal;
  readonly queue: ReadyQueue;
}

/** Tells people why a ref is pending. It may look at everything: nobody pays for it but who asks. */
export class Explainer {
  constructor(private readonly parts: ExplainerParts) {}

  explain(id: ObjectId): Explanation {
    const object = this.parts.objects.get(id);
    if (object === undefined) {
      return { state: 'settled', ok: false, task: 'an object', reason: 'its value is gone' };
    }
    const { name: task, outcome } = object;
    if (outcome !== undefined) {
      const reason = outcome.ok ? `the value of ${task} is here` : `${task} has failed`;
      return { state: 'settled', ok: outcome.ok, task, reason };
    }
    const call = this.parts.calls.makerOf(object);
    if (call !== undefined) return this.ofCall(call);
    return { state: 'running', task, on: object.owner.id, reason: `${task} has not made it yet` };
  }

  private ofCall(call: CallRecord): Explanation {
    const { state, worker, message } = call;
    if (state === 'delayed') return this.ofDelayed(call);
    if (message.kind === 'method' && worker === undefined) return this.ofQueued(call);
    if (state === 'pending' || state === 'loading') return this.ofArguments(call);
    if (worker === undefined) return this.ofReady(call);
    if (state === 'resuming') return this.ofResuming(call);
    if (this.parts.waiting.waiting.has(call)) return this.ofWaiting(call, worker);
    if (message.kind === 'method' && !isStarted(call)) return this.ofUnstarted(call);
    const place = call.lease?.calls.indexOf(call) ?? 0;
    if (place > 0) return this.ofHand(call, worker, place);
    const { name: task, lease } = call;
    const on = worker.client.id;
    const where = placeOf(call, worker);
    if (lease === undefined) return { state: 'running', task, on, reason: `${task} runs ${where}` };
    const elapsed = this.parts.journal.at - lease.frontSince;
    if (state === 'abandoned') {
      const reason = `${task} was told to end ${where}, and runs again when it has`;
      return { state: 'running', task, on, elapsed, reason };
    }
    const reason = `${task} has been running ${where} for ${inWords(elapsed)}`;
    return { state: 'running', task, on, elapsed, reason };
  }

  /** It has failed, and waits a while before it is run again. */
  private ofDelayed({ name: task, attempt, dueAt }: CallRecord): Explanation {
    const due = Math.max(0, dueAt - this.parts.journal.at);
    const reason = `${task} has failed ${counted(attempt, 'time')} and runs again in ${inWords(due)}`;
    return { state: 'waiting to be retried', task, failed: attempt, due, reason };
  }

  private ofArguments(call: CallRecord): Explanation {
    const refs = call.message.call.refArgs ?? [];
    const waitingFor = awaited(refs.map(([, id]) => this.parts.objects.get(id)));
    const reason =
      call.state === 'loading'
        ? `${call.name} waits for its arguments, which are read back from disk`
        : `${call.name} waits for its arguments: ${listed(namesOf(waitingFor))}`;
    return { state: 'waiting for arguments', task: call.name, waitingFor, reason };
  }

  /** A method call that the instance was not given yet. */
  private ofQueued(call: CallRecord): Explanation {
    const { actor, name: task } = call;
    if (actor?.state !== 'alive') {
      const name = actor?.spec.spec.name ?? 'its actor';
      const because = actor?.creation && this.ofCall(actor.creation);
      const crash = actor?.rest?.crash.reason;
      const state = crash === undefined ? 'not there yet' : `made anew, because ${crash}`;
      const why = because === undefined ? '' : `: ${because.reason}`;
      const reason = `${task} waits for its actor ${name}, which is ${state}${why}`;
      return {
        state: 'waiting for its actor',
        task,
        actor: name,
        reason,
        ...(because !== undefined && { because }),
      };
    }
    const lacks = call.state === 'pending' || call.state === 'loading';
    return lacks ? this.ofArguments(call) : this.ofUnstarted(call);
  }

  /** A method call that its instance could start, but for others. */
  private ofUnstarted(call: CallRecord): Explanation {
    const { name: task, actor } = call;
    const ahead = callsBefore(call).length;
    const behind = startedBeside(call).map(summary);
    if (actor !== undefined && hasLentCpu(actor) && behind.length < (laneFor(call)?.limit ?? 1)) {
      return this.ofLack(task, cpuOf(call), ahead, `${task} waits, as its actor has lent its CPU,`);
    }
    const reason =
      `${task} is behind ${counted(ahead, 'other call')} of its actor, ` +
      `which is busy with ${listed(namesOf(behind))}`;
    return { state: 'behind other calls', task, ahead, behind, reason };
  }

  /** A task that a thread was given ahead of time. */
  private ofHand(call: CallRecord, worker: WorkerRecord, ahead: number): Explanation {
    const { name: task, lease } = call;
    const behind = (lease?.calls ?? []).slice(0, 1).map(summary);
    const reason =
      `${task} is behind ${counted(ahead, 'other call')} ${placeOf(call, worker)}, ` +
      `which is busy with ${listed(namesOf(behind))}`;
    return { state: 'behind other calls', task, ahead, behind, reason };
  }

  private ofReady(call: CallRecord): Explanation {
    const { name: task, spec } = call;
    const ahead = this.aheadOf(call);
    const shape = spec?.shape;
    const lacks = shape !== undefined && this.parts.resources.lacking(shape).length > 0;
    if (shape !== undefined && lacks) return this.ofLack(task, shape, ahead, `${task} waits`);
    const before = ahead === 0 ? '' : `, behind ${counted(ahead, 'other call')}`;
    const reason = `${task} waits for a thread${before}: what it needs is free`;
    return { state: 'waiting for a thread', task, ahead, reason };
  }

  /** It is answered, and has no CPU to go on with. */
  private ofResuming(call: CallRecord): Explanation {
    const { name: task } = call;
    const ahead = [...this.parts.waiting.resuming].indexOf(call);
    return this.ofLack(task, cpuOf(call), ahead, `${task} has the answer it waited for, and waits`);
  }

  private ofLack(task: string, shape: Needs, ahead: number, head: string): Explanation {
    const { resources, workers, lives } = this.parts;
    const lacking = new Set(resources.lacking(shape).map(([name]) => name));
    const needs = amountsOf(unitsOf(shape));
    const { available: free } = resources.amounts();
    const available = pick(free, Object.keys(needs));
    const feasible = resources.feasible(shape);
    const heldBy = [...holders(workers, lives)].flatMap(({ by, units }): ResourceHolder[] => {
      const held = units.filter(([name]) => lacking.has(name));
      if (held.length === 0) return [];
      const isActor = !(by instanceof CallRecord);
      return [{ name: isActor ? by.spec.spec.name : by.name, isActor, resources: amountsOf(held) }];
    });
    const what = [...lacking].map((name) => `${name}: ${needs[name]} (${free[name] ?? 0} free)`);
    const reason =
      `${head} for ${what.join(', ')}` +
      (feasible ? heldInWords(heldBy) : ', more than this machine has') +
      (ahead === 0 ? '' : `; ${counted(ahead, 'other call')} before it`);
    return {
      state: 'waiting for resources',
      task,
      needs,
      available,
      heldBy,
      ahead,
      feasible,
      reason,
    };
  }

  private ofWaiting(call: CallRecord, worker: WorkerRecord): Explanation {
    const { name: task, blocksThread: blocking } = call;
    const waits = [...(call.waits?.values() ?? [])];
    const waitingFor = awaited(waits.flatMap(({ objects }) => objects));
    const elapsed = this.parts.journal.at - call.suspendedAt;
    const pauses = waits.some(({ taken }) => taken !== undefined);
    const names = [...namesOf(waitingFor), ...(pauses ? ['its items to be taken'] : [])];
    const what = names.length === 0 ? '' : ` for ${listed(names)}`;
    const how = blocking ? ', and blocks it' : '';
    const reason = `${task} has been waiting${what} ${placeOf(call, worker)}${how}, for ${inWords(elapsed)}`;
    const on = worker.client.id;
    return { state: 'waiting', task, on, waitingFor, elapsed, blocking, reason };
  }

  /** Calls that go before it: those that are answered, deeper ones, and earlier ones as deep. */
  private aheadOf(call: CallRecord): number {
    const { depth } = call.message.call;
    let count = this.parts.waiting.resuming.size;
    for (const [, other] of this.parts.queue.calls()) {
      const deeper = other.message.call.depth - depth;
      if (deeper > 0 || (deeper === 0 && other.order < call.order)) count += 1;
    }
    return count;
  }
}

/** Where the call is, as lines of its output begin. */
function placeOf({ actor }: CallRecord, { client }: WorkerRecord): string {
  if (actor === undefined) return `on ${workerLabel(client.id)}`;
  return `in ${actorLabel(actor.spec.spec.name, actor.id)}`;
}

const cpuOf = (call: CallRecord): Needs => ({
  cpu: holdOf(call)?.shape.cpu ?? 0,
  others: [],
});

/** Those of the objects that are pending, each once. */
function awaited(objects: readonly (ObjectRecord | undefined)[]): readonly Awaited[] {
  const pending = objects.filter((object) => object !== undefined && object.outcome === undefined);
  return [...new Set(pending)].flatMap((one) => (one ? { id: one.id, task: one.name } : []));
}

const summary = (call: CallRecord): Awaited => ({ id: call.object.id, task: call.name });

const namesOf = (calls: readonly Awaited[]): readonly string[] => calls.map(({ task }) => task);

/** Names that a sentence shows. */
const SHOWN = 5;

/** `square (2), cube`: each name once, the first few. */
function listed(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const parts = [...counts].map(([name, count]) => (count === 1 ? name : `${name} (${count})`));
  if (parts.length <= SHOWN) return parts.join(', ');
  return `${parts.slice(0, SHOWN).join(', ')} and ${parts.length - SHOWN} more`;
}

function heldInWords(heldBy: readonly ResourceHolder[]): string {
  if (heldBy.length === 0) return '';
  const names = heldBy.map(({ name, isActor }) => (isActor ? `the actor ${name}` : name));
  const life = heldBy.every(({ isActor }) => isActor);
  return `, held by ${listed(names)}${life ? ' for life' : ''}`;
}

const counted = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? '' : 's'}`;

const inWords = (milliseconds: number): string =>
  milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;

function pick(from: Readonly<Record<string, number>>, names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, from[name] ?? 0]));
}
