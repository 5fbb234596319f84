import type { ParcelId, SpecId } from '../../base/ids';
import type { Dependencies } from '../../protocol/messages';
import type { RemoteSpec } from '../../protocol/specs';
import { isEncoded, type Parcel, type Payload } from '../../protocol/payload';
import { lackOf } from './admission';
import type { Clients } from './clients';
import type { Environments } from './environments';
import type { Journal } from './journal';
import { type ObjectDirectory, refsIn } from './objects';
import { requiredBy, type Parcels } from './parcels';
import { Profile } from './profile';
import type { ClientRecord, ObjectRecord, ParcelRecord, SpecRecord } from './records';
import type { ResourcePool } from './resources';

/**
 * All code there is: each thread gets a piece of it once, before the first message that needs it.
 * Whoever captured it too, since what was captured may be collected there before it comes back.
 *
 * A remote function or class is held like an object, by those that can call it, and by its calls and
 * instances.
 */
export class CodeBook {
  private readonly specs = new Map<SpecId, SpecRecord>();
  /** Those that nobody can call, and that their own code names. */
  private readonly unnamed = new Set<SpecRecord>();

  constructor(
    private readonly journal: Journal,
    private readonly clients: Clients,
    private readonly objects: ObjectDirectory,
    private readonly parcels: Parcels,
    private readonly resources: ResourcePool,
    private readonly environments: Environments,
  ) {}

  /** Keeps code that some thread has captured, and what its values refer to. */
  learnParcel(parcel: Parcel, from: ClientRecord): void {
    const record = this.parcels.learn(parcel, from);
    if (record === undefined) return;
    const own = this.ownOf(parcel);
    record.kept = own.length === 0 ? parcel.body : without(parcel.body, own);
    record.own = own;
    for (const spec of own) spec.own.push(record);
    this.objects.keepBeside(record.kept);
  }

  learnSpec(spec: RemoteSpec, from: ClientRecord): void {
    if (this.specs.has(spec.id)) return;
    const env = this.environments.use(spec.envVars);
    const shape = this.resources.useShape(spec.resources, usualCpu(spec), env);
    const lacks = lackOf(spec, this.resources.missing(shape));
    const object = this.objects.create(spec.id, from, spec.name, undefined);
    const profile = new Profile(spec.blocking);
    const record = { spec, object, own: [], shape, profile, lacks };
    this.specs.set(spec.id, record);
    this.objects.keep(spec.callbacks);
    this.name(record, object);
  }

  /** Nobody can call it any more: unless its own code is read again, where that names it. */
  forgetSpec(record: SpecRecord): void {
    const { spec, own } = record;
    if (own.length > 0) this.unnamed.add(record);
    else this.dropSpec(record);
    for (const client of this.clients) {
      if (client.specs.delete(spec.id)) {
        this.clients.post(client, { type: 'undefine', spec: spec.id });
      }
    }
    this.parcels.unpin(spec.code.parcels);
  }

  /** Nobody has it any more. */
  forgetParcel({ kept, own }: ParcelRecord): void {
    this.objects.letGoBeside(kept);
    for (const spec of own) if (this.unnamed.delete(spec)) this.dropSpec(spec);
  }

  /** How many of the objects stand for functions and classes. */
  get objectCount(): number {
    return this.specs.size - this.unnamed.size;
  }

  /** Whether nobody can call it, though its own code is there. */
  isUnnamed(record: SpecRecord): boolean {
    return this.unnamed.has(record);
  }

  has(id: SpecId): boolean {
    return this.specs.has(id);
  }

  get size(): number {
    return this.specs.size;
  }

  allSpecs(): Iterable<SpecRecord> {
    return this.specs.values();
  }

  spec(id: SpecId): SpecRecord {
    const record = this.specs.get(id);
    if (record === undefined) throw this.journal.bug(`the spec ${id} was never declared`, id);
    return record;
  }

  /** Everything it keeps that may hold refs, for `validate`. */
  *payloads(): Iterable<Payload> {
    for (const { kept } of this.parcels.values()) yield kept;
    for (const { spec } of this.specs.values()) yield spec.callbacks;
  }

  /** Sends the client the declaration of a function or class, and its code. */
  define(to: ClientRecord, { spec }: SpecRecord): void {
    if (to.specs.has(spec.id)) return;
    to.specs.add(spec.id);
    this.ship(to, spec.code.parcels);
    this.prepare(to, spec.callbacks);
    this.clients.post(to, { type: 'define', spec });
  }

  /** Makes the client ready to be sent a payload: the code in it first, and the refs counted. */
  prepare(to: ClientRecord, payload: Payload): void {
    if (!isEncoded(payload)) return;
    if (payload.code !== undefined) this.ship(to, payload.code);
    this.objects.sent(to, payload);
  }

  prepareAll(to: ClientRecord, args: Payload, values: Dependencies | undefined): void {
    this.prepare(to, args);
    if (values !== undefined) for (const [, value] of values) this.prepare(to, value);
  }

  private name(record: SpecRecord, object: ObjectRecord): void {
    record.object = object;
    object.spec = record;
    object.ownerWants = false;
    // Nobody waits for it: nothing follows from that.
    object.outcome = { ok: true, value: undefined };
    this.parcels.pin(record.spec.code.parcels);
  }

  /** A thread is sent its own code, and may call it. */
  private nameAgain(record: SpecRecord): void {
    const { spec, object } = record;
    const again = this.objects.create(spec.id, object.owner, spec.name, undefined);
    again.ownerSent = 0;
    object.owner.held?.delete(again);
    this.name(record, again);
  }

  private dropSpec({ spec, shape }: SpecRecord): void {
    this.specs.delete(spec.id);
    this.resources.releaseShape(shape);
    this.environments.release(shape.env);
    this.objects.letGo(spec.callbacks);
  }

  /** The functions and classes that a parcel names, and that are made of it. */
  private ownOf({ id, body }: Parcel): SpecRecord[] {
    const own = new Set<SpecRecord>();
    for (const ref of refsIn(body)) {
      const record = this.specs.get(ref);
      if (record?.spec.code.parcels.includes(id)) own.add(record);
    }
    return [...own];
  }

  /** Sends the parcels that `to` lacks, each after those it requires. */
  private ship(to: ClientRecord, ids: readonly ParcelId[]): void {
    const path = ids.filter((id) => !this.parcels.has(to, id)).reverse();
    const opened = new Set<ParcelId>();
    for (let id = path.at(-1); id !== undefined; id = path.at(-1)) {
      const record = this.parcels.get(id);
      const parcel = record?.parcel;
      if (record === undefined || parcel === undefined)
        throw this.journal.bug(`the code ${id} was never sent`, id);
      // Opened once: parcels that require each other go in the order met.
      const required = opened.has(id) ? [] : requiredBy(parcel);
      opened.add(id);
      const missing = required.filter(
        (other) => !this.parcels.has(to, other) && !opened.has(other),
      );
      if (missing.length > 0) {
        path.push(...missing.reverse());
        continue;
      }
      path.pop();
      if (this.parcels.has(to, id)) continue;
      this.parcels.sent(to, record);
      for (const spec of record.own)
        if (to.alive && this.unnamed.delete(spec)) this.nameAgain(spec);
      this.objects.sent(to, parcel.body);
      this.clients.post(to, { type: 'parcel', parcel });
    }
  }
}

/**
 * A task takes 1 CPU; an instance 1 to be placed, unless it declares what it takes for life, or
 * brings no thread with it.
 */
function usualCpu({ kind, resources, actor }: RemoteSpec): number {
  if (kind === 'function') return 1;
  return actor?.sharesThread || Object.keys(resources).length > 0 ? 0 : 1;
}

function without(body: Payload, own: readonly SpecRecord[]): Payload {
  if (!isEncoded(body)) return body;
  const names = new Set(own.map(({ spec }) => spec.id));
  return { ...body, refs: refsIn(body).filter((id) => !names.has(id)) };
}
