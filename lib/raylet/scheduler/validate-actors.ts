import type { ObjectId } from '../../base/ids';
import { waitingCalls } from './lanes';
import { must } from './must';
import type { Parts } from './parts';
import { type ActorRecord, type CallRecord, isSuspended } from './records';

/** Derives every index of the instances and their calls anew, as `validate` does. */
export function validateActors(parts: Parts): void {
  const inFlight = new Set<CallRecord>();
  const queued = new Set<CallRecord>();
  for (const actor of parts.lives.values()) {
    for (const call of actor.inFlight) {
      must(parts, parts.calls.table.get(call.id) === call, call.id, 'an ended call is in flight');
      must(parts, call.worker === actor.worker, call.id, 'in flight elsewhere');
      inFlight.add(call);
    }
    validateLife(parts, actor);
    validateLanes(parts, actor);
    validateSuspended(parts, actor);
    for (const call of waitingCalls(actor)) {
      must(parts, !queued.has(call), call.id, 'twice in the lines');
      queued.add(call);
    }
  }
  for (const call of parts.calls.table.values()) {
    if (call.message.kind !== 'method') continue;
    must(parts, inFlight.has(call) === (call.worker !== undefined), call.id, 'in flight or not');
    const waits = ['pending', 'ready', 'loading', 'delayed'].includes(call.state);
    must(parts, queued.has(call) === waits, call.id, `${call.state}, in a line or not`);
  }
  validateDead(parts);
}

function validateLanes(parts: Parts, actor: ActorRecord): void {
  const { id, holds } = actor;
  const takesCalls = actor.state === 'alive' && actor.judgement === undefined;
  let given = 0;
  for (const lane of actor.lanes) {
    given += lane.inFlight;
    for (const line of lane.lines.values()) {
      const first = line.calls[line.head];
      const early = line.early?.size ?? 0;
      const { held } = line;
      must(parts, first !== undefined || early > 0 || held !== undefined, id, 'an empty line');
      must(parts, held === undefined || actor.inFlight.has(held), id, 'held by nothing');
      const goes = first?.state === 'ready' && held === undefined;
      must(parts, lane.turn.has(line) === goes, first?.id ?? id, 'a caller misses its turn');
      for (const call of line.early ?? []) must(parts, call.state !== 'ready', call.id, 'late');
    }
    // Without its CPU it starts nothing new.
    const lent = holds !== undefined && !holds.holdsCpu && lane.inFlight < lane.limit;
    const idle = lane.turn.size > 0 && lane.inFlight < lane.limit && !lent;
    must(parts, !takesCalls || !idle, id, 'idle with calls to take');
  }
  must(parts, given === actor.inFlight.size, id, `${given} counted in flight`);
}

function validateSuspended(parts: Parts, actor: ActorRecord): void {
  const { id, creation, inFlight, suspended } = actor;
  const all = creation === undefined ? inFlight : [...inFlight, creation];
  const found = [...all].filter(isSuspended);
  const same = found.length === (suspended?.size ?? 0) && found.every((one) => suspended?.has(one));
  must(parts, same, id, 'suspended calls of an instance');
  for (const call of found) {
    const goesOn = call.state === 'resuming' && actor.holds?.holdsCpu === true;
    must(parts, !goesOn, call.id, 'does not go on though its instance has its CPU');
  }
}

function validateLife(parts: Parts, actor: ActorRecord): void {
  const { id, state, creation, worker, rest, object, restarts } = actor;
  const check = (right: boolean, what: string): void => must(parts, right, id, what);
  const { maxRestarts = 0 } = actor.spec.spec.actor ?? {};
  check(state !== 'dead', 'a dead instance among the living');
  check(object?.actor === actor, 'its object does not know it');
  check(object !== undefined && parts.objects.get(object.id) === object, 'nobody can call it');
  check((rest !== undefined) === (state === 'restarting'), `${state}, at rest or not`);
  check(restarts === 0 || maxRestarts === -1 || restarts <= maxRestarts, 'made anew too often');
  check(worker === undefined || worker.state !== 'ended', 'its thread has ended');
  check(
    worker === undefined || (worker.host?.tenants.has(actor) ?? false),
    'its thread does not know it',
  );
  if (state === 'alive')
    check(creation === undefined && worker !== undefined, 'alive and not made');
  if (state === 'creating') check(creation !== undefined, 'is never made');
  if (creation !== undefined) {
    check(parts.calls.table.get(creation.id) === creation, 'its creation has ended');
    check(creation.worker === worker, 'made on another thread');
    return;
  }
  if (state !== 'restarting') return;
  check(worker === undefined && rest?.cancel !== undefined, 'is never made anew');
  const leaving = rest?.leaving;
  check(leaving?.host?.leaving.has(id) !== false, 'waits to leave a thread that it has left');
  check(actor.inFlight.size === 0, 'calls in flight to nobody');
  for (const call of waitingCalls(actor)) {
    const kept = call.attempt > 0 || call.retries !== 0;
    must(parts, kept, call.id, 'waits for a restart, and may not');
  }
}

function validateDead(parts: Parts): void {
  for (const { id, state, failure, object, worker, holds, creation } of parts.lives.theDead()) {
    const check = (right: boolean, what: string): void => must(parts, right, id, what);
    check(state === 'dead' && failure !== undefined, `${state} among the dead`);
    check(object !== undefined && parts.objects.get(object.id) === object, 'nobody can ask for it');
    check(object?.outcome !== undefined, 'a dead instance, and nobody knows');
    check(worker === undefined && holds === undefined, 'a dead instance keeps something');
    check(creation === undefined, 'a dead instance is being made');
  }
  const named = new Set<ActorRecord>();
  for (const actor of parts.lives.values()) if (actor.message.named) named.add(actor);
  for (const { name, namespace } of parts.names.list(true)) {
    const actor = parts.names.find(name, namespace);
    must(parts, actor !== undefined && named.delete(actor), name, 'the name of a dead instance');
  }
  must(parts, named.size === 0, '', 'an instance without its name');
}

/** Objects kept by instances and by calls to them, each as often as it is kept. */
export function actorPins(parts: Parts): readonly ObjectId[] {
  const pins: ObjectId[] = [];
  for (const { message, actor } of parts.calls.table.values()) {
    if (message.kind === 'method' && actor?.object) pins.push(actor.object.id);
  }
  for (const { spec, object, pinned } of parts.lives.values()) {
    if (spec.spec.actor?.detached && object) pins.push(object.id);
    pins.push(...pinned, spec.spec.id);
  }
  return pins;
}
