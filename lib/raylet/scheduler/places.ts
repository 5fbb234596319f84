import { laneOf } from './lanes';
import type { ActorRecord, CallerLine, CallRecord, Lane } from './records';

/*
 * Which calls of an instance run, and behind whom the others stand. In each lane the instance starts
 * what it was given in that order, as many at a time as its limit says.
 */

/** Where the method call competes with others for places. */
export const laneFor = (call: CallRecord): Lane | undefined =>
  call.actor && laneOf(call.actor, call);

/** Calls that the instance has started. */
export function startedIn(actor: ActorRecord): readonly CallRecord[] {
  const places = new Map(actor.lanes.map((lane) => [lane, lane.limit]));
  const started: CallRecord[] = [];
  for (const call of actor.inFlight) {
    const lane = laneOf(actor, call);
    const left = places.get(lane) ?? 0;
    if (left === 0) continue;
    places.set(lane, left - 1);
    started.push(call);
  }
  return started;
}

/** Calls that have the places which this one could have. */
export function startedBeside(call: CallRecord): readonly CallRecord[] {
  const { actor } = call;
  const lane = laneFor(call);
  if (actor === undefined || lane === undefined) return [];
  return startedIn(actor).filter((other) => laneOf(actor, other) === lane);
}

/** The method call was started, and does not stand behind others in its instance. */
export const isStarted = (call: CallRecord): boolean => startedBeside(call).includes(call);

/** The instance has lent its CPU, and starts nothing new before it has it again. */
export const hasLentCpu = ({ holds }: ActorRecord): boolean =>
  holds !== undefined && !holds.holdsCpu && holds.shape.cpu > 0;

/** Calls before this one, but those of other callers, that its instance has no result of. */
export function callsBefore(call: CallRecord): readonly CallRecord[] {
  const { actor } = call;
  const lane = laneFor(call);
  if (actor === undefined || lane === undefined) return [];
  const given = [...actor.inFlight].filter((other) => laneOf(actor, other) === lane);
  if (actor.inFlight.has(call)) return given.slice(0, given.indexOf(call));
  const line = lineOf(call);
  const queued = line === undefined ? [] : queuedIn(line);
  return [...given, ...queued.slice(0, Math.max(0, queued.indexOf(call)))];
}

/** The caller's calls in the lane that the instance was not given yet. */
export const lineOf = (call: CallRecord): CallerLine | undefined =>
  laneFor(call)?.lines.get(call.message.call.caller);

/** The calls of a line that were not given to the instance and go in this order. */
export const queuedIn = ({ calls, head }: CallerLine): readonly CallRecord[] =>
  calls.slice(head).filter(({ state }) => state !== 'finished');
