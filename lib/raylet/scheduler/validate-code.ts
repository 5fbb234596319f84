import type { ParcelId } from '../../base/ids';
import { isEncoded, type Payload } from '../../protocol/payload';
import { must } from './must';
import { isInVain } from './parcels';
import type { Parts } from './parts';

/** As `validate`, for captured code and what is made of it. @param stored every payload that is kept */
export function validateCode(parts: Parts, stored: Iterable<Payload>): void {
  const { parcels, code, objects, clients } = parts;
  must(parts, objects.unnamed.length === 0, '', 'remote functions left undone');
  must(parts, parcels.lost.length === 0, '', 'code that is lost left undone');
  const pins = new Map<ParcelId, number>();
  const pin = (ids: readonly ParcelId[] = []): void => {
    for (const id of ids) pins.set(id, (pins.get(id) ?? 0) + 1);
  };
  for (const payload of stored) if (isEncoded(payload)) pin(payload.code);
  for (const { parcel } of parcels.values()) pin(parcel?.requires);
  for (const record of code.allSpecs()) {
    const { spec, object, own } = record;
    const isOwn = own.every((parcel) => parcels.get(parcel.id) === parcel);
    must(parts, isOwn, spec.id, 'its own code is forgotten');
    if (code.isUnnamed(record)) {
      must(parts, own.length > 0 && !objects.get(spec.id), spec.id, 'nobody can call it, or so');
      continue;
    }
    pin(spec.code.parcels);
    const known = objects.get(spec.id) === object && object.spec === record;
    must(parts, known, spec.id, 'a remote function that nobody holds is known');
  }
  for (const id of pins.keys()) must(parts, parcels.get(id) !== undefined, id, 'needed, not known');
  for (const record of parcels.values()) {
    const { id, at } = record;
    const check = (right: boolean, what: string): void => must(parts, right, id, what);
    check(
      record.pins === (pins.get(id) ?? 0),
      `${record.pins} pins counted, ${pins.get(id)} found`,
    );
    check(record.pins > 0 || at.size > 0, 'nobody has it or needs it');
    check(at.size === 0 || !isInVain(record), 'its threads were not asked');
    for (const [client, { sent }] of at) {
      check(
        client.alive && client.parcels.has(record),
        `${client.id} does not know that it has it`,
      );
      check(sent > 0, `${client.id} has it, and was never sent it`);
    }
  }
  for (const client of clients) {
    for (const record of client.parcels) {
      const known = parcels.get(record.id) === record && record.at.has(client);
      must(parts, known, record.id, `${client.id} has what is forgotten`);
    }
    for (const id of client.specs) must(parts, code.has(id), id, `${client.id} was not told`);
  }
}
