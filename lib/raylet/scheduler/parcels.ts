import type { ParcelId } from '../../base/ids';
import { isEncoded, type Parcel } from '../../protocol/payload';
import type { Clients } from './clients';
import type { ClientRecord, ParcelRecord, Possession, SpecRecord } from './records';

/**
 * Who needs which code. It is kept as long as something that is kept needs it, or something lives that
 * it was captured from, or had brought, for that may be sent at any time. Threads that were sent it
 * keep what was made of it, to have it at hand, so they are asked when nothing else is known to need
 * it: told to forget it, they say when nothing of it lives there. Ids are never used again, and
 * sendings are counted on both sides: what is said of an earlier one is no news of a later.
 *
 * Code that names a function which is made of it, as recursion does, would hold itself: it does not
 * count as a holder of that.
 */
export class Parcels {
  /** Forgotten, and with them what they held: that is not let go of yet. */
  readonly lost: ParcelRecord[] = [];
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

  /** A thread has captured it; answers undefined when that is known. */
  learn(parcel: Parcel, from: ClientRecord): ParcelRecord | undefined {
    const record = this.named(parcel.id);
    if (record.parcel !== undefined) return undefined;
    record.parcel = parcel;
    possessionOf(record, from).sent += 1;
    this.pin(requiredBy(parcel));
    return record;
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
      if (record.pins === 0 || record.own.length > 0) this.doubtful.add(record);
    }
  }

  /** Somebody lets go of a function, or it is called no more: perhaps only its own code holds it. */
  doubt(spec: SpecRecord): void {
    for (const record of spec.own) this.doubtful.add(record);
  }

  /** Whether the thread can make everything of it. */
  has(client: ClientRecord, id: ParcelId): boolean {
    return this.all.get(id)?.at.get(client)?.whole === true;
  }

  sent(to: ClientRecord, record: ParcelRecord): void {
    const possession = possessionOf(record, to);
    possession.sent += 1;
    possession.whole = true;
    if (record.own.length > 0) this.doubtful.add(record);
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

  /** Has threads forget what perhaps nothing needs, and forgets what none of them has. */
  settle(): void {
    if (this.doubtful.size === 0) return;
    const told = new Map<ClientRecord, ParcelId[]>();
    for (const record of this.doubtful) {
      this.doubtful.delete(record);
      if (isInVain(record)) askAll(record, told);
      if (record.at.size === 0 && record.pins === 0) this.forget(record);
    }
    for (const [client, parcels] of told) this.clients.post(client, { type: 'forget', parcels });
  }

  private forget(record: ParcelRecord): void {
    this.all.delete(record.id);
    if (record.parcel === undefined) return;
    this.lost.push(record);
    this.unpin(requiredBy(record.parcel));
  }

  private leave(record: ParcelRecord, client: ClientRecord): void {
    record.at.delete(client);
    client.parcels.delete(record);
    this.doubtful.add(record);
  }

  private named(id: ParcelId): ParcelRecord {
    let record = this.all.get(id);
    if (record === undefined) {
      record = { id, parcel: undefined, kept: undefined, own: [], pins: 0, at: new Map() };
      this.all.set(id, record);
    }
    return record;
  }
}

/** Whether nothing needs the parcel, as far as known, but threads that keep what was made of it. */
export function isInVain({ pins, own, at }: ParcelRecord): boolean {
  for (const { whole } of at.values()) if (!whole) return false;
  let ofOwn = 0;
  for (const { object } of own) {
    const { ownerSent, owner, others } = object;
    const holders = [...(ownerSent > 0 ? [owner] : []), ...(others?.keys() ?? [])];
    // Those that have the code, too, may have the function by it alone.
    if (object.pins > 0 || holders.some((client) => !at.has(client))) return false;
    if (holders.length > 0) ofOwn += 1;
  }
  return pins === ofOwn;
}

function askAll({ id, at }: ParcelRecord, told: Map<ClientRecord, ParcelId[]>): void {
  for (const [client, possession] of at) {
    possession.whole = false;
    const list = told.get(client);
    if (list === undefined) told.set(client, [id]);
    else list.push(id);
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
