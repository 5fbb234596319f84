import type { ParcelId, SpecId } from '../../base/ids';
import type { Dependencies } from '../../protocol/messages';
import type { RemoteSpec } from '../../protocol/specs';
import { isEncoded, type Parcel, type Payload } from '../../protocol/payload';
import { lackOf } from './admission';
import type { Clients } from './clients';
import type { Environments } from './environments';
import type { Journal } from './journal';
import type { ObjectDirectory } from './objects';
import { Profile } from './profile';
import type { ClientRecord, SpecRecord } from './records';
import type { ResourcePool } from './resources';

/**
 * All code there is: each thread gets a piece of it once, before the first message that needs it.
 * Whoever captured it too, since what was captured may be collected there before it comes back.
 */
export class CodeBook {
  private readonly parcels = new Map<ParcelId, Parcel>();
  private readonly specs = new Map<SpecId, SpecRecord>();

  constructor(
    private readonly journal: Journal,
    private readonly clients: Clients,
    private readonly objects: ObjectDirectory,
    private readonly resources: ResourcePool,
    private readonly environments: Environments,
  ) {}

  /** Keeps code that some thread has captured, and what its values refer to. */
  learnParcel(parcel: Parcel): void {
    if (this.parcels.has(parcel.id)) return;
    this.parcels.set(parcel.id, parcel);
    this.objects.keep(parcel.body);
  }

  learnSpec(spec: RemoteSpec): void {
    if (this.specs.has(spec.id)) return;
    const env = this.environments.of(spec.envVars);
    const shape = this.resources.shapeOf(spec.resources, usualCpu(spec), env);
    const lacks = lackOf(spec, this.resources.missing(shape));
    this.specs.set(spec.id, { spec, shape, profile: new Profile(spec.blocking), lacks });
    this.objects.keep(spec.callbacks);
  }

  spec(id: SpecId): SpecRecord {
    const record = this.specs.get(id);
    if (record === undefined) throw this.journal.bug(`the spec ${id} was never declared`, id);
    return record;
  }

  /** Everything it keeps that may hold refs, for `validate`. */
  *payloads(): Iterable<Payload> {
    for (const { body } of this.parcels.values()) yield body;
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

  /** Sends the parcels that `to` lacks, each after those it requires. */
  private ship(to: ClientRecord, ids: readonly ParcelId[]): void {
    const path = ids.filter((id) => !to.parcels.has(id)).reverse();
    const opened = new Set<ParcelId>();
    for (let id = path.at(-1); id !== undefined; id = path.at(-1)) {
      const parcel = this.parcels.get(id);
      if (parcel === undefined) throw this.journal.bug(`the code ${id} was never sent`, id);
      // Opened once: parcels that require each other go in the order met.
      const required = opened.has(id) ? [] : requiredBy(parcel);
      opened.add(id);
      const missing = required.filter((other) => !to.parcels.has(other) && !opened.has(other));
      if (missing.length > 0) {
        path.push(...missing.reverse());
        continue;
      }
      path.pop();
      if (to.parcels.has(id)) continue;
      to.parcels.add(id);
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

const requiredBy = ({ requires, body }: Parcel): readonly ParcelId[] =>
  isEncoded(body) && body.code !== undefined ? [...requires, ...body.code] : requires;
