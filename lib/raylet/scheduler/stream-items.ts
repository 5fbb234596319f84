import { itemId } from '../../protocol/messages';
import { END_OF_STREAM, type Outcome, type Payload } from '../../protocol/payload';
import type { FailureTrace } from './failures';
import type { ObjectDirectory } from './objects';
import type { CallRecord, ClientRecord, ObjectRecord, StreamRecord } from './records';

/**
 * The items of generators: each an object like any other, so whoever waits for one, or needs it, does
 * so as always. There is one pending item, the next, as long as somebody reads.
 */
export class StreamItems {
  /** Generators that have not ended. */
  readonly open = new Set<CallRecord>();

  constructor(private readonly objects: ObjectDirectory) {}

  /** The call is a generator, read by the client that submits it. */
  begin(call: CallRecord, owner: ClientRecord): void {
    this.open.add(call);
    call.stream = { owner, item: this.create(call, owner, 0), count: 0, taken: 0 };
  }

  /** It has yielded. What a call that runs again yields anew is here already. */
  yielded(call: CallRecord, index: number, value: Payload): void {
    const { stream } = call;
    if (stream === undefined || index < stream.count) return;
    stream.count += 1;
    if (stream.item === undefined) return;
    this.objects.settle(stream.item, { ok: true, value });
    stream.item = this.create(call, stream.owner, stream.count);
  }

  /** Nobody reads on: there is no next item any more. */
  leave(stream: StreamRecord): void {
    if (stream.item !== undefined) this.objects.settle(stream.item, END_OF_STREAM);
    stream.item = undefined;
  }

  /** It has ended: so do its items, and its own object tells how. */
  end(call: CallRecord, stream: StreamRecord, outcome: Outcome, cause?: FailureTrace): void {
    const { item, count } = stream;
    const { object } = call;
    this.open.delete(call);
    stream.item = undefined;
    if (!outcome.ok && item !== undefined) {
      this.objects.settle(item, outcome, cause);
      return this.objects.failWith(object, item, outcome.failure);
    }
    if (item !== undefined) this.objects.settle(item, END_OF_STREAM);
    this.objects.settle(object, outcome.ok ? { ok: true, value: count } : outcome, cause);
  }

  private create(call: CallRecord, owner: ClientRecord, index: number): ObjectRecord {
    const { id, parent } = call.message.call;
    const item = this.objects.create(itemId(id, index), owner, call.name, parent);
    item.site = call.object.site;
    return item;
  }
}
