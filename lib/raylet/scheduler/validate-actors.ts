import { waitingCalls } from './lanes';
import { must } from './must';
import type { Parts } from './parts';
import { type ActorRecord, type CallRecord, isSuspended } from './records';

/** Derives every index of the instances and their calls anew, as `validate` does. */
export function validateActors(parts: Parts): void {
  const inFlight = new Set<CallRecord>();
  const queued = new Set<CallRecord>();
  for (const actor of parts.actors.values()) {
    for (const call of actor.inFlight) {
      must(parts, parts.calls.table.get(call.id) === call, call.id, 'an ended call is in flight');
      must(parts, call.worker === actor.worker, call.id, 'in flight elsewhere');
      inFlight.add(call);
    }
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
    const waits = call.state === 'pending' || call.state === 'ready';
    must(parts, queued.has(call) === waits, call.id, `${call.state}, in a line or not`);
  }
}

function validateLanes(parts: Parts, actor: ActorRecord): void {
  const { id, holds, state } = actor;
  let given = 0;
  for (const lane of actor.lanes) {
    given += lane.inFlight;
    for (const line of lane.lines.values()) {
      const first = line.calls[line.head];
      const early = line.early?.size ?? 0;
      must(parts, first !== undefined || early > 0, id, 'an empty line');
      const goes = first?.state === 'ready';
      must(parts, lane.turn.has(line) === goes, first?.id ?? id, 'a caller misses its turn');
      for (const call of line.early ?? []) must(parts, call.state === 'pending', call.id, 'late');
    }
    // Without its CPU it starts nothing new.
    const lent = holds !== undefined && !holds.holdsCpu && lane.inFlight < lane.limit;
    const idle = lane.turn.size > 0 && lane.inFlight < lane.limit && !lent;
    must(parts, state !== 'alive' || !idle, id, 'idle with calls to take');
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
