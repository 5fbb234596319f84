import type { RuntimeEvent } from '../../base/events';
import { InternalError } from '../../base/errors';
import type { Instruction } from './instructions';

/** Events kept for `story`: enough for the last few thousand changes, whatever the load. */
const LENGTH = 4096;

/** What one event leads to, in order, and what lately happened. */
export class Journal {
  /** The time of the event at hand. */
  at: number;
  private out: Instruction[] = [];
  private readonly last: Instruction[] = [];
  private readonly ring: RuntimeEvent[] = [];
  private next = 0;
  private changed = false;

  /** @param watched somebody wants to be told of all changes of state */
  constructor(
    at: number,
    private readonly watched: boolean,
  ) {
    this.at = at;
  }

  emit(instruction: Instruction): void {
    this.out.push(instruction);
  }

  /** For what may be answered while it is carried out: behind everything else of this event. */
  emitLast(instruction: Instruction): void {
    this.last.push(instruction);
  }

  /** Notes a change of state, and tells whoever watches. */
  log(event: RuntimeEvent): void {
    this.ring[this.next] = event;
    this.next = (this.next + 1) % LENGTH;
    this.changed = true;
    if (this.watched) this.out.push({ type: 'event', event });
  }

  /** Whether the event at hand has led to anything so far. */
  get hasNews(): boolean {
    return this.changed || this.out.length > 0;
  }

  /** The instructions since the last call. */
  take(): readonly Instruction[] {
    const taken = this.out;
    if (this.last.length > 0) for (const one of this.last.splice(0)) taken.push(one);
    this.out = [];
    this.changed = false;
    return taken;
  }

  /** All that is still known of a call, an object, an actor or a worker, oldest first. */
  story(id: string): readonly RuntimeEvent[] {
    const inOrder = [...this.ring.slice(this.next), ...this.ring.slice(0, this.next)];
    return inOrder.filter((event) => Object.values(event).includes(id));
  }

  /** A bug, told with what happened to the thing it concerns. */
  bug(what: string, id: string): InternalError {
    const story = this.story(id).map((event) => `\n  ${JSON.stringify(event)}`);
    return new InternalError(`${what}; what happened to ${id}:${story.join('') || ' nothing'}`);
  }
}
