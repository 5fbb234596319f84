import type { Deadlock } from '../../protocol/payload';
import type { Agenda } from './agenda';
import { circleBehind } from './circle';
import type { Journal } from './journal';
import type { CallRecord } from './records';
import { type GraphParts, WaitGraph } from './wait-graph';
import type { WaitNode } from './wait-node';

/** Nodes of the graph that a look may visit for each millisecond to the next: some percents of the time. */
const VISITS = 50;
/**
 * Milliseconds that the last call of a circle must have waited: one that was about to end, leaving
 * behind a `get` that nobody awaits, has ended by then.
 */
const LEAST_WAIT = 5;

/** Finds calls that wait for each other, and lets the waits of the one that closed the circle fail. */
export class Deadlocks {
  private planned = false;
  private pause: number;

  constructor(
    private readonly journal: Journal,
    private readonly agenda: Agenda,
    private readonly parts: GraphParts,
    private readonly lookAfter = 10,
  ) {
    this.pause = lookAfter;
  }

  /**
   * Something happened: where calls wait, they may wait for each other now, whatever it was. A circle
   * does not go away, so it is as well to look a little later, once for all that has changed.
   */
  stir(): void {
    if (this.planned || this.parts.waiting.waiting.size === 0) return;
    this.planned = true;
    this.agenda.at(this.journal.at + this.pause, () => this.look());
  }

  private look(): void {
    this.planned = false;
    const waiting = [...this.parts.waiting.waiting].filter(isReader);
    const graph = new WaitGraph(this.parts, waiting);
    this.pause = Math.max(this.lookAfter, graph.size / VISITS);
    const rank = new Map(waiting.map((call, at) => [call, at]));
    let young = false;
    // The last first: whoever is in a circle with it began to wait before.
    for (const call of waiting.reverse()) {
      for (let node = graph.stuck(call); node !== undefined; node = graph.stuck(call)) {
        const circle = circleBehind(node, rank);
        const closer = circle?.closer ?? node;
        if (circle !== undefined && isOld(closer, this.journal.at)) {
          this.refuse(closer, circle.names);
        } else if (circle !== undefined) {
          young = true;
        }
        graph.release(closer);
      }
    }
    if (young) this.stir();
  }

  /**
   * The wait fails, not the call: its code may catch that and do without. What it does not catch it
   * rejects with. So whoever closes the circle by waiting is told where it waits, and calls that
   * have not begun keep their place.
   */
  private refuse({ call }: WaitNode, circle: readonly string[]): void {
    if (call === undefined) return;
    const failure = deadlock(call, circle);
    this.journal.log({ at: this.journal.at, type: 'callDeadlocked', call: call.id, circle });
    this.parts.waiting.refuse(call, failure);
  }
}

/** It waits for calls, and not just for others to take what it has yielded. */
function isReader({ waits }: CallRecord): boolean {
  for (const { taken } of waits?.values() ?? []) if (taken === undefined) return true;
  return false;
}

const isOld = ({ call }: WaitNode, now: number): boolean =>
  call !== undefined && now - call.suspendedAt >= LEAST_WAIT;

const deadlock = ({ name }: CallRecord, circle: readonly string[]): Deadlock => ({
  kind: 'system',
  code: 'DEADLOCK',
  taskName: name,
  circle,
});
