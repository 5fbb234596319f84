import type { IdMap } from '../../base/id-map';
import type { ObjectId } from '../../base/ids';
import type { FromClient } from '../../protocol/messages';
import { payloadOf } from '../../protocol/payload';
import type { Buffers } from './buffers';
import type { Clients } from './clients';
import type { CodeBook } from './code-book';
import type { Loading } from './loading';
import { interestOf, type ObjectDirectory } from './objects';
import { type CallRecord, type ClientRecord, isSuspended, type ObjectRecord } from './records';

type Put = Extract<FromClient, { readonly type: 'put' }>;

/**
 * Tells clients what became of objects: the owner and whoever asked, once each, as soon as it is
 * known. A suspended task is told with its CPU: until then its settlements lie in its outbox.
 */
export class Delivery {
  constructor(
    private readonly clients: Clients,
    private readonly code: CodeBook,
    private readonly buffers: Buffers,
    private readonly objects: ObjectDirectory,
    private readonly loading: Loading,
    private readonly calls: Pick<IdMap<CallRecord>, 'get'>,
  ) {}

  /** The client stores a value of its own. */
  put({ id, value, site }: Put, from: ClientRecord): void {
    const record = this.objects.create(id, from, 'put', undefined);
    record.site = site;
    record.ownerWants = false;
    this.objects.settle(record, { ok: true, value });
    this.buffers.keptBy(from, value);
  }

  /** The client asks for objects it did not make. */
  want(client: ClientRecord, ids: readonly ObjectId[]): void {
    for (const id of ids) {
      const record = this.objects.getOrLost(id, client);
      this.tellWhenKnown(record, client);
    }
  }

  /** The client wants the values of objects that it was told of, with all memory beside them. */
  fetch(client: ClientRecord, token: number, ids: readonly ObjectId[]): void {
    const records = ids.map((id) => this.objects.getOrLost(id, client));
    const payloads = records.map(({ outcome }) => (outcome?.ok ? outcome.value : undefined));
    this.loading.load(payloads, (failure) => {
      if (!client.alive) return;
      if (failure === undefined) for (const record of records) this.tellWhenKnown(record, client);
      const again = records.filter(({ outcome }) => outcome === undefined).map(({ id }) => id);
      const more = { ...(again.length > 0 && { again }), ...(failure && { failure }) };
      this.clients.post(client, { type: 'fetched', token, ...more });
    });
  }

  /** Tells the client what has become of the object, or does when it has. */
  private tellWhenKnown(record: ObjectRecord, client: ClientRecord): void {
    if (record.owner === client) record.ownerWants = true;
    else interestOf(record, client).wants = true;
    if (record.outcome !== undefined) this.tell(record, client);
  }

  /** The object has settled. */
  announce(record: ObjectRecord): void {
    if (record.ownerWants) this.announceTo(record.owner, record);
    if (record.others === undefined) return;
    for (const [client, { wants }] of record.others) if (wants) this.announceTo(client, record);
  }

  /** Sends what was kept back for a task. */
  flush(call: CallRecord): void {
    const { outbox, worker } = call;
    call.outbox = undefined;
    if (outbox === undefined || worker === undefined) return;
    for (const record of outbox) this.tell(record, worker.client);
  }

  /** Nothing will settle any more: tells the driver so, of all that it waits for. */
  shutdown(): void {
    const { driver } = this.clients;
    const failure = { kind: 'system', code: 'SHUTDOWN', what: 'the runtime' } as const;
    for (const record of this.objects.values()) {
      if (record.outcome !== undefined || !takeInterest(record, driver)) continue;
      this.clients.post(driver, {
        type: 'settled',
        id: record.id,
        outcome: { ok: false, failure },
      });
    }
  }

  private announceTo(client: ClientRecord, record: ObjectRecord): void {
    const suspended = this.suspendedFor(client, record);
    if (suspended.length === 0) this.tell(record, client);
    for (const call of suspended) keepBack(call, record);
  }

  /** Sends the outcome to a client that still waits for it. */
  private tell(record: ObjectRecord, client: ClientRecord): void {
    const { outcome } = record;
    if (outcome === undefined || !takeInterest(record, client)) return;
    if (record.owner === client && record.ownerSent === 0) {
      this.clients.post(client, { type: 'forgotten', id: record.id });
    } else {
      this.code.prepare(client, payloadOf(outcome));
      this.clients.post(client, { type: 'settled', id: record.id, outcome });
    }
  }

  /** Suspended tasks of the client that made the object or wait for it. */
  private suspendedFor(client: ClientRecord, record: ObjectRecord): readonly CallRecord[] {
    const { owner, ownerCall, waits } = record;
    if (ownerCall === undefined && waits === undefined) return NONE;
    const concerned = Array.from(waits ?? [], ({ call }) => call);
    const maker = ownerCall === undefined ? undefined : this.calls.get(ownerCall);
    if (owner === client && maker !== undefined) concerned.push(maker);
    return concerned.filter((call) => call.worker?.client === client && isSuspended(call));
  }
}

/** Tells the task's client when the task runs again, unless it was told by then. */
export function keepBack(call: CallRecord, record: ObjectRecord): void {
  call.outbox ??= new Set();
  call.outbox.add(record);
}

const NONE: readonly CallRecord[] = [];

/** Whether the client was still to be told; it is not any more. */
function takeInterest(record: ObjectRecord, client: ClientRecord): boolean {
  if (record.owner === client) {
    const wanted = record.ownerWants;
    record.ownerWants = false;
    return wanted;
  }
  const interest = record.others?.get(client);
  if (!interest?.wants) return false;
  interest.wants = false;
  if (interest.sent === 0) record.others?.delete(client);
  return true;
}
