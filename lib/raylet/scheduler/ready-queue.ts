import type { CallRecord } from './records';
import type { Shape } from './resources';

/**
 * Calls that could run, by what they take: one shape for which there is no room is passed over as a
 * whole. Within a shape the deepest first, callers of one depth in turn, each caller's in the order
 * of submission.
 */
export class ReadyQueue {
  private readonly shapes = new Map<Shape, ShapeQueue>();

  push(call: CallRecord, shape: Shape): void {
    let queue = this.shapes.get(shape);
    if (queue === undefined) this.shapes.set(shape, (queue = new ShapeQueue(shape)));
    queue.push(call);
  }

  /** Takes out a call that has ended. */
  remove(call: CallRecord, shape: Shape): void {
    this.shapes.get(shape)?.remove(call);
  }

  /** The shapes with calls, the one with the foremost call first. */
  waiting(): ShapeQueue[] {
    const queues: ShapeQueue[] = [];
    for (const [shape, queue] of this.shapes) {
      if (queue.size > 0) queues.push(queue);
      // Nothing declared has it any more.
      else if (shape.users === 0) this.shapes.delete(shape);
    }
    return queues.length > 1 ? queues.sort(byFirst) : queues;
  }

  get isEmpty(): boolean {
    for (const { size } of this.shapes.values()) if (size > 0) return false;
    return true;
  }

  /** Shapes that it has a line for. */
  get shapeCount(): number {
    return this.shapes.size;
  }

  /** All calls in it, for `validate`. */
  *calls(): Iterable<[Shape, CallRecord]> {
    for (const queue of this.shapes.values()) {
      for (const call of queue.calls()) yield [queue.shape, call];
    }
  }
}

/** The ready calls of one shape. */
export class ShapeQueue {
  size = 0;
  /** Those with calls, the deepest last. */
  private readonly depths: number[] = [];
  private readonly levels = new Map<number, Map<string, Line>>();

  constructor(readonly shape: Shape) {}

  push(call: CallRecord): void {
    const { depth, caller } = call.message.call;
    const level = this.levels.get(depth) ?? this.addLevel(depth);
    let line = level.get(caller);
    if (line === undefined) level.set(caller, (line = new Line()));
    line.push(call);
    this.size += 1;
  }

  /** The call whose turn it is. */
  first(): CallRecord | undefined {
    const level = this.levels.get(this.depths.at(-1) ?? -1);
    for (const line of level?.values() ?? []) return line.first();
    return undefined;
  }

  /** The first call of each of the foremost callers, at most `limit`. */
  *candidates(limit: number): Iterable<CallRecord> {
    let left = limit;
    for (let at = this.depths.length - 1; at >= 0; at -= 1) {
      const level = this.levels.get(this.depths[at] ?? -1);
      for (const line of level?.values() ?? []) {
        const call = line.first();
        if (call === undefined) continue;
        yield call;
        left -= 1;
        if (left === 0) return;
      }
    }
  }

  /** Takes out a call that `first` or `candidates` has just shown; its caller's turn is over. */
  take(call: CallRecord): void {
    const { depth, caller } = call.message.call;
    const level = this.levels.get(depth);
    const line = level?.get(caller);
    if (level === undefined || line === undefined) return;
    line.shift();
    this.size -= 1;
    if (line.size > 0 && level.size === 1) return;
    level.delete(caller);
    if (line.size > 0) level.set(caller, line);
    else if (level.size === 0) this.dropLevel(depth);
  }

  /** Takes out a call that has ended, wherever it stands; turns stay as they are. */
  remove(call: CallRecord): void {
    const { depth, caller } = call.message.call;
    const level = this.levels.get(depth);
    const line = level?.get(caller);
    if (level === undefined || line === undefined) return;
    line.remove();
    this.size -= 1;
    if (line.size > 0) return;
    level.delete(caller);
    if (level.size === 0) this.dropLevel(depth);
  }

  *calls(): Iterable<CallRecord> {
    for (const level of this.levels.values()) {
      for (const line of level.values()) yield* line.calls();
    }
  }

  private addLevel(depth: number): Map<string, Line> {
    const level = new Map<string, Line>();
    this.levels.set(depth, level);
    // Mostly one deeper than all before; a binary search would gain nothing on so few.
    let at = this.depths.length;
    while (at > 0 && (this.depths[at - 1] ?? 0) > depth) at -= 1;
    this.depths.splice(at, 0, depth);
    return level;
  }

  private dropLevel(depth: number): void {
    this.levels.delete(depth);
    // Mostly the deepest; when calls are cancelled with those they made, the least deep first.
    let [low, high] = [0, this.depths.length - 1];
    if (this.depths[high] === depth) low = high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.depths[middle] ?? 0) < depth) low = middle + 1;
      else high = middle;
    }
    this.depths.splice(low, 1);
  }
}

/**
 * Calls of one caller in the order of submission. They mostly come in that order and cost a push;
 * those that come late (a slow dependency, a call taken back) go through a small heap.
 */
class Line {
  private inOrder: (CallRecord | undefined)[] = [];
  private head = 0;
  private late: CallRecord[] = [];
  /** How many of them have ended: they stay where they are until they would be the first. */
  private ended = 0;

  get size(): number {
    return this.inOrder.length - this.head + this.late.length - this.ended;
  }

  push(call: CallRecord): void {
    const last = this.inOrder.at(-1);
    if (this.head === this.inOrder.length || last === undefined || last.order < call.order) {
      this.inOrder.push(call);
    } else {
      heapPush(this.late, call);
    }
  }

  first(): CallRecord | undefined {
    const late = this.late[0];
    const next = this.inOrder[this.head];
    if (late === undefined || (next !== undefined && next.order < late.order)) return next;
    return late;
  }

  shift(): void {
    this.drop();
    this.passEnded();
  }

  /** One of the calls has ended. */
  remove(): void {
    this.ended += 1;
    this.passEnded();
    // Where none of them ever comes up they would be kept for ever.
    if (this.ended > 64 && this.ended > this.size) this.sweep();
  }

  *calls(): Iterable<CallRecord> {
    for (const call of this.inOrder.slice(this.head)) {
      if (call !== undefined && !hasEnded(call)) yield call;
    }
    for (const call of this.late) if (!hasEnded(call)) yield call;
  }

  /** Sees that the first is one that can go. */
  private passEnded(): void {
    for (let first = this.first(); this.ended > 0 && first !== undefined; first = this.first()) {
      if (!hasEnded(first)) return;
      this.drop();
      this.ended -= 1;
    }
  }

  private drop(): void {
    if (this.first() === this.late[0]) {
      heapPop(this.late);
      return;
    }
    this.inOrder[this.head] = undefined;
    this.head += 1;
    // Cut off what is used up when it is half of the list: constant cost per call.
    if (this.head > 64 && this.head * 2 > this.inOrder.length) {
      this.inOrder = this.inOrder.slice(this.head);
      this.head = 0;
    }
  }

  private sweep(): void {
    const late = this.late.filter((call) => !hasEnded(call));
    this.inOrder = this.inOrder
      .slice(this.head)
      .filter((call) => call !== undefined && !hasEnded(call));
    this.head = 0;
    this.late = [];
    for (const call of late) heapPush(this.late, call);
    this.ended = 0;
  }
}

const hasEnded = ({ state }: CallRecord): boolean => state === 'finished';

function heapPush(heap: CallRecord[], call: CallRecord): void {
  let at = heap.push(call) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || parent.order < call.order) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = call;
}

function heapPop(heap: CallRecord[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    let child = heap[below];
    if (child === undefined) break;
    const other = heap[below + 1];
    if (other !== undefined && other.order < child.order) {
      child = other;
      below += 1;
    }
    if (last.order < child.order) break;
    heap[at] = child;
    at = below;
  }
  heap[at] = last;
}

function byFirst(a: ShapeQueue, b: ShapeQueue): number {
  const [first, second] = [a.first()?.message.call, b.first()?.message.call];
  const deeper = (second?.depth ?? 0) - (first?.depth ?? 0);
  return deeper || (a.first()?.order ?? 0) - (b.first()?.order ?? 0);
}
