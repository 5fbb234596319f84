import type { ParcelId } from '../../base/ids';
import { isEncoded, type Parcel } from '../../protocol/payload';
import type { Clients } from './clients';
import type { ClientRecord, ParcelRecord, Possession } from './records';

/**
 * Who needs which code. What is needed by nothing that is kept is forgotten by the threads that were
 * sent it, except for what of it lives there: that may be sent on, so the code is kept until they say
 * that nothing does. Ids are never used again, and sendings are counted on both sides: what is said
 * of an earlier one is no news of a later.
 */
export class Parcels {
  /** Forgotten, and with them what they held: that is not let go of yet. */
  readonly lost: Parcel[] = [];
  private readonly all = new Map<ParcelId, ParcelRecord>();
  /** Those that perhaps nothing needs any more. */
  private readonly doubtful = new Set<ParcelRecord>();

  constructor(private readonly clients: Clients) {}

  get size(): number {
    return this.all.size;
  }

  get(id: ParcelId): ParcelRecord | undefined {
    return this.all.get(id);
  }

  values(): Iterable<ParcelRecord> {
    return this.all.values();
  }

  /** A thread has captured it; answers whether it is new. */
  learn(parcel: Parcel, from: ClientRecord): boolean {
    const record = this.named(parcel.id);
    if (record.parcel !== undefined) return false;
    record.parcel = parcel;
    possessionOf(record, from).sent += 1;
    this.pin(requiredBy(parcel));
    return true;
  }

  /** Something that is kept needs these. */
  pin(ids: readonly ParcelId[]): void {
    for (const id of ids) this.named(id).pins += 1;
  }

  unpin(ids: readonly ParcelId[]): void {
    for (const id of ids) {
      const record = this.all.get(id);
      if (record === undefined) continue;
      record.pins -= 1;
      if (record.pins === 0) this.doubtful.add(record);
    }
  }

  /** Whether the thread can make everything of it. */
  has(client: ClientRecord, id: ParcelId): boolean {
    return this.all.get(id)?.at.get(client)?.whole === true;
  }

  sent(to: ClientRecord, record: ParcelRecord): void {
    const possession = possessionOf(record, to);
    possession.sent += 1;
    possession.whole = true;
  }

  /** Nothing of them lives on the client's thread any more, of so many sendings. */
  gone(parcels: readonly (readonly [ParcelId, number])[], from: ClientRecord): void {
    for (const [id, received] of parcels) {
      const record = this.all.get(id);
      const possession = record?.at.get(from);
      if (record === undefined || possession === undefined) continue;
      possession.sent -= received;
      if (possession.sent <= 0) this.leave(record, from);
    }
  }

  /** The client's thread has ended. */
  releaseAll(from: ClientRecord): void {
    for (const record of from.parcels) this.leave(record, from);
  }

  /** Has threads forget what nothing needs, and forgets what none of them has. */
  settle(): void {
    if (this.doubtful.size === 0) return;
    const told = new Map<ClientRecord, ParcelId[]>();
    for (const record of this.doubtful) {
      this.doubtful.delete(record);
      if (record.pins === 0) this.forget(record, told);
    }
    for (const [client, parcels] of told) this.clients.post(client, { type: 'forget', parcels });
  }

  private forget(record: ParcelRecord, told: Map<ClientRecord, ParcelId[]>): void {
    for (const [client, possession] of record.at) {
      if (!possession.whole) continue;
      possession.whole = false;
      const list = told.get(client);
      if (list === undefined) told.set(client, [record.id]);
      else list.push(record.id);
    }
    if (record.at.size > 0) return;
    this.all.delete(record.id);
    if (record.parcel === undefined) return;
    this.lost.push(record.parcel);
    this.unpin(requiredBy(record.parcel));
  }

  private leave(record: ParcelRecord, client: ClientRecord): void {
    record.at.delete(client);
    client.parcels.delete(record);
    if (record.at.size === 0 && record.pins === 0) this.doubtful.add(record);
  }

  private named(id: ParcelId): ParcelRecord {
    let record = this.all.get(id);
    if (record === undefined) {
      record = { id, parcel: undefined, pins: 0, at: new Map() };
      this.all.set(id, record);
    }
    return record;
  }
}

/** What the reader of a parcel must have. */
export const requiredBy = ({ requires, body }: Parcel): readonly ParcelId[] =>
  isEncoded(body) && body.code !== undefined ? [...requires, ...body.code] : requires;

function possessionOf(record: ParcelRecord, client: ClientRecord): Possession {
  let possession = record.at.get(client);
  if (possession === undefined) {
    record.at.set(client, (possession = { sent: 0, whole: false }));
    client.parcels.add(record);
  }
  return possession;
}
