import type { CallId } from '../../base/ids';
import { itemId, type FromClient } from '../../protocol/messages';
import type { Payload } from '../../protocol/payload';
import type { Calls } from './calls';
import type { Cancellation } from './cancellation';
import type { Journal } from './journal';
import { isNamed, isNamedByOthers, type ObjectDirectory } from './objects';
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
    if (call.state === 'abandoned') return;
    this.items.yielded(call, index, value);
    const unread = call.stream !== undefined && call.stream.item === undefined;
    if (unread && !isNamed(call.object)) this.cancel(call);
  }

  /** The reader has taken so many items. */
  taken(id: CallId, count: number, from: ClientRecord): void {
    const call = this.readBy(from, id);
    if (call === undefined) return;
    call.stream.taken = Math.max(call.stream.taken, count);
    this.waiting.itemsTaken(call, call.stream.taken);
  }

  /** The reader goes. */
  left({ stream: id, known, goesOn }: Leave, from: ClientRecord): void {
    const call = this.readBy(from, id);
    if (call !== undefined) this.leave(call, goesOn);
    for (let index = known; ; index += 1) {
      const item = this.objects.get(itemId(id, index));
      if (item?.owner !== from) return;
      this.objects.release(from, item.id, 1);
    }
  }

  /** The client's thread has ended: nobody reads what it has not read. */
  readerEnded(client: ClientRecord): void {
    for (const call of [...this.items.open]) {
      if (call.stream?.owner === client) this.leave(call, 'for others');
    }
  }

  private readBy(client: ClientRecord, id: CallId): StreamCall | undefined {
    const call = this.calls.table.get(id);
    return call !== undefined && isStream(call) && call.stream.owner === client ? call : undefined;
  }

  /** There is no next item any more; whether the call goes on is another thing. */
  private leave(call: CallRecord, goesOn: Leave['goesOn']): void {
    const { stream, object } = call;
    if (stream?.item === undefined) return;
    this.journal.log({ at: this.journal.at, type: 'streamLeft', call: call.id });
    this.items.leave(stream);
    if (goesOn === 'no' || (goesOn === 'for others' && !isNamedByOthers(object))) {
      return this.cancel(call);
    }
    // Nobody will take anything: it need not wait for that.
    stream.taken = Infinity;
    this.waiting.itemsTaken(call, Infinity);
  }

  private cancel({ id }: CallRecord): void {
    this.cancellation.cancel([id], { force: false, recursive: true, reason: UNREAD });
  }
}

const UNREAD = 'nobody reads its stream any more';

type Leave = Extract<FromClient, { type: 'leaveStream' }>;

type StreamCall = CallRecord & { readonly stream: StreamRecord };

const isStream = (call: CallRecord): call is StreamCall => call.stream !== undefined;
