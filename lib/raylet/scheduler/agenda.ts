/** Things to be done at a certain time, the earliest first. Time is the scheduler's, in milliseconds. */
export class Agenda {
  /** A binary heap by time. */
  private readonly heap: Entry[] = [];
  /** The earliest look that is planned. */
  private nextLook = Infinity;

  /** Has `action` called once when it is time; the answer takes it off the agenda. */
  at(time: number, action: () => void): () => void {
    const entry: Entry = { time, action };
    this.push(entry);
    return () => {
      entry.action = undefined;
    };
  }

  /** Has an event come at that time. */
  lookAt(time: number): void {
    if (this.nextLook <= time) return;
    this.nextLook = time;
    this.at(time, () => {});
  }

  /** When the next thing is due; Infinity when nothing is planned. */
  get next(): number {
    // What was taken off stays in the heap until it comes up: nobody searches for it.
    while (this.heap[0] !== undefined && this.heap[0].action === undefined) this.pop();
    return this.heap[0]?.time ?? Infinity;
  }

  /** Does all that is due. */
  run(now: number): void {
    if (this.nextLook <= now) this.nextLook = Infinity;
    while (this.next <= now) this.pop()?.action?.();
  }

  private push(entry: Entry): void {
    const { heap } = this;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || parent.time <= entry.time) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  }

  private pop(): Entry | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      const right = heap[below + 1];
      if (right !== undefined && right.time < (heap[below]?.time ?? Infinity)) below += 1;
      const child = heap[below];
      if (child === undefined || last.time <= child.time) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}

interface Entry {
  readonly time: number;
  /** Undefined once it was taken off. */
  action: (() => void) | undefined;
}
