import type { CallId } from '../../base/ids';
import { itemId } from '../../protocol/messages';
import type { Payload } from '../../protocol/payload';
import type { Calls } from './calls';
import type { Cancellation } from './cancellation';
import type { Journal } from './journal';
import type { ObjectDirectory } from './objects';
import type { CallRecord, ClientRecord, StreamRecord } from './records';
import type { StreamItems } from './stream-items';
import type { Waiting } from './waiting';

/** Generators and those who read them: what is yielded, what is taken, and who has left. */
export class Streams {
  constructor(
    private readonly journal: Journal,
    private readonly objects: ObjectDirectory,
    private readonly calls: Calls,
    private readonly items: StreamItems,
    private readonly waiting: Waiting,
    private readonly cancellation: Cancellation,
  ) {}

  yielded(call: CallRecord, index: number, value: Payload): void {
    // What a call does that was told to end counts no more.
    if (call.state !== 'abandoned') this.items.yielded(call, index, value);
  }

  /** The reader has taken so many items. */
  taken(id: CallId, count: number, from: ClientRecord): void {
    const call = this.readBy(from, id);
    if (call === undefined) return;
    call.stream.taken = Math.max(call.stream.taken, count);
    this.waiting.itemsTaken(call, call.stream.taken);
  }

  /** The reader goes; of items from `known` on it has not heard. */
  left(id: CallId, known: number, from: ClientRecord): void {
    const call = this.readBy(from, id);
    if (call !== undefined) this.leave(call, 'nobody reads its stream any more');
    for (let index = known; ; index += 1) {
      const item = this.objects.get(itemId(id, index));
      if (item?.owner !== from) return;
      this.objects.release(from, item.id, 1);
    }
  }

  /** The client's thread has ended: nobody reads what it has not read. */
  readerEnded(client: ClientRecord): void {
    for (const call of [...this.items.open]) {
      if (call.stream?.owner === client) this.leave(call, 'the thread that read its stream ended');
    }
  }

  private readBy(client: ClientRecord, id: CallId): StreamCall | undefined {
    const call = this.calls.table.get(id);
    return call !== undefined && isStream(call) && call.stream.owner === client ? call : undefined;
  }

  /** There is no next item any more, and the call is to end. */
  private leave(call: CallRecord, reason: string): void {
    if (call.stream?.item === undefined) return;
    this.journal.log({ at: this.journal.at, type: 'streamLeft', call: call.id });
    this.items.leave(call.stream);
    this.cancellation.cancel([call.id], { force: false, recursive: true, reason });
  }
}

type StreamCall = CallRecord & { readonly stream: StreamRecord };

const isStream = (call: CallRecord): call is StreamCall => call.stream !== undefined;
