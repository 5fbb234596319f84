import type { IdMap } from '../../base/id-map';
import type { ObjectId } from '../../base/ids';
import type { Payload } from '../../protocol/payload';
import type { Clients } from './clients';
import type { CodeBook } from './code-book';
import type { ObjectDirectory } from './objects';
import type { CallRecord, ClientRecord, ProgressRecord } from './records';

/**
 * Tells clients how far calls are. What a call tells goes to those who follow it before its result
 * does, and the latest to whoever comes later; it is kept only as long as the call runs.
 */
export class Progress {
  constructor(
    private readonly clients: Clients,
    private readonly code: CodeBook,
    private readonly objects: ObjectDirectory,
    private readonly calls: Pick<IdMap<CallRecord>, 'get'>,
  ) {}

  /** The client wants to be told of the call whose object this is, the first or a further one. */
  follow(id: ObjectId, token: number, client: ClientRecord): void {
    const call = this.callOf(id);
    if (call === undefined) return;
    const { followers, last } = recordOf(call);
    const tokens = followers.get(client) ?? new Map<ObjectId, number>();
    followers.set(client, tokens.set(id, token));
    if (last !== undefined) this.tell(client, token, id, last[0]);
  }

  unfollow(id: ObjectId, client: ClientRecord): void {
    this.callOf(id)?.progress?.followers.get(client)?.delete(id);
  }

  /** The running call tells how far it is. */
  reported(call: CallRecord, value: Payload): void {
    const record = recordOf(call);
    this.objects.keep(value);
    for (const [client, tokens] of record.followers) {
      for (const [id, token] of tokens) this.tell(client, token, id, value);
    }
    this.drop(record);
    record.last = [value];
  }

  /** The call has ended. */
  end(record: ProgressRecord): void {
    this.drop(record);
    record.followers.clear();
  }

  private callOf(id: ObjectId): CallRecord | undefined {
    return this.calls.get(id) ?? this.objects.get(id)?.maker;
  }

  private drop(record: ProgressRecord): void {
    if (record.last !== undefined) this.objects.letGo(record.last[0]);
    record.last = undefined;
  }

  private tell(client: ClientRecord, token: number, id: ObjectId, value: Payload): void {
    if (!client.alive) return;
    this.code.prepare(client, value);
    this.clients.post(client, { type: 'progress', id, token, value });
  }
}

const recordOf = (call: CallRecord): ProgressRecord =>
  (call.progress ??= { followers: new Map(), last: undefined });
