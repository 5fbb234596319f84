import type { CallRecord } from './records';
import type { WaitNode } from './wait-node';

/** Names kept at each end of a circle: it may be 100,000 long. */
const ENDS = 20;

/** Calls each of which waits for the next, and the last for the first. */
export interface Circle {
  /** The one that began to wait last, and so closed it. */
  readonly closer: WaitNode;
  /** Everyone in it, from the closer on, with what makes the one before wait where it is no result. */
  readonly names: readonly string[];
}

/**
 * A circle that keeps this call from going on: one that it is in itself, or else one further on.
 *
 * @param rank when calls began to wait: higher is later; what does not wait has none
 */
export function circleBehind(
  node: WaitNode,
  rank: ReadonlyMap<CallRecord, number>,
): Circle | undefined {
  const own = shortestAround(node);
  if (own !== undefined) return { closer: node, names: namesAlong(own) };
  const around = someCircle(node);
  let closer: WaitNode | undefined;
  let latest = -1;
  for (const one of around) {
    const at = one.call === undefined ? undefined : rank.get(one.call);
    if (at === undefined || at <= latest) continue;
    closer = one;
    latest = at;
  }
  const end = closer && shortestAround(closer);
  return closer && end && { closer, names: namesAlong(end) };
}

/** Goes from need to need until it comes to where it was before. */
function someCircle(start: WaitNode): readonly WaitNode[] {
  const path: WaitNode[] = [];
  const places = new Map<WaitNode, number>();
  for (let at: WaitNode | undefined = start; at !== undefined; at = nextOf(at)) {
    const before = places.get(at);
    if (before !== undefined) return path.slice(before);
    places.set(at, path.length);
    path.push(at);
  }
  return [];
}

interface Step {
  readonly node: WaitNode;
  readonly note: string | undefined;
  readonly from: Step | undefined;
}

/** The shortest way from a node back to itself, if it is in a circle. */
function shortestAround(start: WaitNode): Step | undefined {
  const first: Step = { node: start, note: undefined, from: undefined };
  const steps = [first];
  const seen = new Set<WaitNode>();
  for (const from of steps) {
    for (const { node, note } of stuckNeeds(from.node)) {
      const step = { node, note, from };
      if (node === start) return step;
      if (seen.has(node)) continue;
      seen.add(node);
      steps.push(step);
    }
  }
  return undefined;
}

const stuckNeeds = ({ needs }: WaitNode): WaitNode['needs'] =>
  needs.filter(({ node }) => !node.goesOn);

const nextOf = ({ needs }: WaitNode): WaitNode | undefined =>
  needs.find(({ node }) => !node.goesOn)?.node;

/** Names along the way round; what is between two calls shows as a note at the second. */
function namesAlong(end: Step): readonly string[] {
  const way: Step[] = [];
  for (let step: Step | undefined = end; step?.from !== undefined; step = step.from) {
    way.push(step);
  }
  const names: string[] = [];
  let notes: string[] = [];
  for (const { node, note } of way.reverse()) {
    if (note !== undefined) notes.push(note);
    if (node.call === undefined) continue;
    names.push(notes.length === 0 ? node.call.name : `${node.call.name} (${notes.join(', ')})`);
    notes = [];
  }
  // The way ends where it began.
  const start = names.pop();
  return shortened(start === undefined ? names : [start, ...names]);
}

function shortened(names: readonly string[]): readonly string[] {
  if (names.length <= 2 * ENDS) return names;
  const more = `… ${names.length - 2 * ENDS} more …`;
  return [...names.slice(0, ENDS), more, ...names.slice(-ENDS)];
}
