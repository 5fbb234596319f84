import type { CallId, ObjectId } from '../../../lib/base/ids';
import { itemId, type StreamPolicy } from '../../../lib/protocol/messages';
import type { Outcome } from '../../../lib/protocol/payload';
import type { SchedulerMessage } from '../../../lib/raylet/scheduler/events';

interface SimStream {
  readonly bounded: boolean;
  /** Items of it that the client has heard of, the pending one included. */
  known: number;
  taken: number;
}

export interface SimReader {
  post(message: SchedulerMessage): void;
  /** The client has one more object of its own making. */
  own(id: ObjectId): void;
  release(id: ObjectId): void;
}

/** The streams that a simulated client reads. */
export class SimStreams {
  private readonly open = new Map<CallId, SimStream>();

  constructor(private readonly reader: SimReader) {}

  /** Calls whose streams have not ended, as far as the client knows. */
  get calls(): CallId[] {
    return [...this.open.keys()];
  }

  submitted(id: CallId, { backpressure }: StreamPolicy): void {
    this.open.set(id, { bounded: backpressure !== undefined, known: 0, taken: 0 });
    this.add(id);
  }

  /** The pending item of a stream that has not ended. */
  next(id: CallId): ObjectId | undefined {
    const stream = this.open.get(id);
    return stream && itemId(id, stream.known - 1);
  }

  settled(item: ObjectId, outcome: Outcome): void {
    const id = item.slice(0, Math.max(0, item.lastIndexOf(':')));
    if (!this.open.has(id)) return;
    if (outcome.ok && !outcome.end) return this.add(id);
    this.open.delete(id);
    if (outcome.ok) this.reader.release(item);
  }

  /** Takes one more of what is there. */
  take(id: CallId): boolean {
    const stream = this.open.get(id);
    if (stream === undefined || !stream.bounded || stream.taken >= stream.known - 1) return false;
    stream.taken += 1;
    this.reader.post({ type: 'taken', stream: id, count: stream.taken });
    return true;
  }

  leave(id: CallId, goesOn: 'no' | 'for others' | 'yes' = 'no'): void {
    const stream = this.open.get(id);
    if (stream === undefined) return;
    this.open.delete(id);
    this.reader.post({ type: 'leaveStream', stream: id, known: stream.known, goesOn });
    this.reader.release(itemId(id, stream.known - 1));
  }

  private add(id: CallId): void {
    const stream = this.open.get(id);
    if (stream === undefined) return;
    this.reader.own(itemId(id, stream.known));
    stream.known += 1;
  }
}
