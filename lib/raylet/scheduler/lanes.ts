import type { ActorPolicy } from '../../protocol/specs';
import type { ActorRecord, CallerLine, CallRecord, Lane } from './records';
import { methodPolicy } from './retries';

/*
 * The calls to an instance that it was not given: a lane for each of its concurrency groups, which
 * do not hold up one another, and in each lane a line for each caller. Where one call runs at a time
 * a caller's calls go in the order made; where several do, those that are ready overtake others.
 */

/**
 * Calls given to an instance ahead of their turn: more than a round trip between threads is worth,
 * and few enough that a new caller is soon heard beside one that has a million queued.
 */
const MOST_AHEAD = 63;

type Lanes = Pick<ActorRecord, 'lane' | 'groups' | 'lanes'>;

export function newLanes(policy: ActorPolicy | undefined): Lanes {
  const { maxConcurrency = 1, concurrencyGroups } = policy ?? {};
  const lane = newLane(maxConcurrency);
  if (concurrencyGroups === undefined) return { lane, lanes: [lane] };
  const limits = Object.entries(concurrencyGroups);
  const groups = new Map(limits.map(([group, limit]) => [group, newLane(limit)]));
  return { lane, groups, lanes: [lane, ...groups.values()] };
}

/** Gives a new call its place. */
export function queueUp(actor: ActorRecord, call: CallRecord): void {
  const lane = laneOf(actor, call);
  const line = lineOf(lane, call);
  if (lane.limit === 1) line.calls.push(call);
  else (line.early ??= new Set()).add(call);
}

/** The call's arguments are there, or it has ended: its caller may take a turn. */
export function cameThrough(actor: ActorRecord, call: CallRecord): void {
  const lane = laneOf(actor, call);
  const line = lane.lines.get(call.message.call.caller);
  if (line === undefined) return;
  if (line.early?.delete(call) && call.state === 'ready') line.calls.push(call);
  takeTurn(lane, line);
}

/**
 * The next call that can go, callers taking turns; it counts as given from now on.
 *
 * @param awake false when none may go that would start at once
 */
export function takeCall(actor: ActorRecord, awake: boolean): CallRecord | undefined {
  for (const lane of actor.lanes) {
    if (lane.inFlight >= lane.limit + MOST_AHEAD) continue;
    if (!awake && lane.inFlight < lane.limit) continue;
    const call = nextOf(actor, lane);
    if (call !== undefined) return call;
  }
  return undefined;
}

/** A call that was given to the instance has ended. */
export function leaveLane(actor: ActorRecord, call: CallRecord): void {
  const lane = laneOf(actor, call);
  lane.inFlight -= 1;
  const line = lane.lines.get(call.message.call.caller);
  if (line?.held !== call) return;
  line.held = undefined;
  takeTurn(lane, line);
}

/** One that has ended is to be given once more, before the later ones of its caller. */
export function goBack(actor: ActorRecord, call: CallRecord): void {
  const lane = laneOf(actor, call);
  const line = lineOf(lane, call);
  if (lane.limit > 1) (line.early ??= new Set()).add(call);
  else if (line.head === 0) line.calls.unshift(call);
  else line.calls[(line.head -= 1)] = call;
  if (lane.limit === 1) lane.turn.delete(line);
}

/** Whether a call could go if it might start at once. */
export function wantsToStart(actor: ActorRecord): boolean {
  for (const { turn, inFlight, limit } of actor.lanes) {
    if (turn.size > 0 && inFlight < limit) return true;
  }
  return false;
}

/** How many of the calls given to the instance may have started. */
export function underWay(actor: ActorRecord): number {
  let count = 0;
  for (const { inFlight, limit } of actor.lanes) count += Math.min(inFlight, limit);
  return count;
}

/** The calls that may have started: the first ones of each lane, the others wait in its mailbox. */
export function mayHaveStarted(actor: ActorRecord): ReadonlySet<CallRecord> {
  const started = new Set<CallRecord>();
  const counts = new Map<Lane, number>();
  for (const call of actor.inFlight) {
    const lane = laneOf(actor, call);
    const before = counts.get(lane) ?? 0;
    if (before >= lane.limit) continue;
    started.add(call);
    // One that was told to end may have been passed over.
    if (call.state !== 'abandoned') counts.set(lane, before + 1);
  }
  return started;
}

/**
 * Whether everything that the instance may be doing waits: then it lends its CPU. Which of the calls
 * given to it have started is not known here; as many as its limits allow, at most.
 */
export function lendsCpu(actor: ActorRecord): boolean {
  const { suspended } = actor;
  return suspended !== undefined && suspended.size > 0 && suspended.size >= underWay(actor);
}

/** All calls that the instance was not given. */
export function* waitingCalls(actor: ActorRecord): Iterable<CallRecord> {
  for (const { lines } of actor.lanes) {
    for (const { calls, head, early } of lines.values()) {
      for (const call of [...calls.slice(head), ...(early ?? [])]) {
        if (call.state !== 'finished') yield call;
      }
    }
  }
}

/** Nothing waits, and nothing was given. */
export function clearLanes(actor: ActorRecord): void {
  for (const lane of actor.lanes) {
    lane.lines.clear();
    lane.turn.clear();
    lane.inFlight = 0;
  }
}

const newLane = (limit: number): Lane => ({
  limit,
  lines: new Map(),
  turn: new Set(),
  inFlight: 0,
});

/** The lane of the call: that of its group, or the one of those without. */
export function laneOf({ lane, groups }: ActorRecord, { message }: CallRecord): Lane {
  const group = message.kind === 'method' ? message.call.group : undefined;
  return (group !== undefined && groups?.get(group)) || lane;
}

function lineOf({ lines }: Lane, { message }: CallRecord): CallerLine {
  const { caller } = message.call;
  let line = lines.get(caller);
  if (line === undefined) lines.set(caller, (line = { caller, calls: [], head: 0 }));
  return line;
}

/** Whether those behind a call must wait for its end, since it may have to be given again first. */
function mayComeBack(actor: ActorRecord, lane: Lane, { message, retries }: CallRecord): boolean {
  if (retries === 0 || lane.limit > 1 || message.kind !== 'method') return false;
  return methodPolicy(actor.spec.spec, message.call.method)?.retriesErrors === true;
}

function nextOf(actor: ActorRecord, lane: Lane): CallRecord | undefined {
  for (const line of lane.turn) {
    lane.turn.delete(line);
    skipEnded(line);
    const call = line.calls[line.head];
    const goes = call?.state === 'ready';
    if (goes) {
      line.head += 1;
      lane.inFlight += 1;
      if (mayComeBack(actor, lane, call)) line.held = call;
    }
    // Behind the other callers.
    takeTurn(lane, line);
    if (goes) return call;
  }
  return undefined;
}

/** Lets the caller take its turn if its first call can go. */
function takeTurn(lane: Lane, line: CallerLine): void {
  if (line.held !== undefined) return;
  skipEnded(line);
  const first = line.calls[line.head];
  if (first?.state === 'ready') {
    lane.turn.add(line);
  } else {
    // The one that could go was cancelled.
    lane.turn.delete(line);
    if (first === undefined && !line.early?.size) lane.lines.delete(line.caller);
  }
  // Cut off what is used up when it is half of the list: constant cost per call.
  if (line.head <= 64 || line.head * 2 <= line.calls.length) return;
  line.calls = line.calls.slice(line.head);
  line.head = 0;
}

function skipEnded(line: CallerLine): void {
  while (line.calls[line.head]?.state === 'finished') line.head += 1;
}
