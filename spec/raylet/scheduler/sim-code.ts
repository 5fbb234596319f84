import type { ObjectId, ParcelId, SpecId } from '../../../lib/base/ids';
import { payloadsIn } from '../../../lib/protocol/payloads-in';
import {
  isEncoded,
  type EncodedValue,
  type Parcel,
  type Payload,
} from '../../../lib/protocol/payload';
import type { ToWorker } from '../../../lib/protocol/messages';
import type { RemoteSpec } from '../../../lib/protocol/specs';
import type { Random } from './random';
import { encoded, specOf } from './support';
import type { SimClient } from './world';

/** What begins the names of functions that are made while a storm goes on. */
const MADE = 'made';

/** Code on a simulated thread: what it has captured and was sent, and whether it is there when needed. */
export class SimCode {
  /** How often each parcel came of which something lives here. */
  private readonly received = new Map<ParcelId, number>();
  /** Those of which everything can be made. */
  private readonly whole = new Set<ParcelId>();
  /** Functions that their own code names here. */
  private readonly own = new Map<ParcelId, SpecId>();
  private readonly defined = new Set<SpecId>();

  constructor(private readonly client: SimClient) {}

  declare(parcels: readonly Parcel[], specs: readonly RemoteSpec[]): void {
    for (const parcel of parcels) this.capture(parcel);
    for (const spec of specs) this.define(spec);
  }

  /** The last there is of a parcel is gone. */
  letGo(ids: Iterable<ParcelId> = [...this.received.keys()]): void {
    const gone = [...ids].filter((id) => !this.whole.has(id));
    const parcels = gone.map((id) => [id, this.received.get(id) ?? 0] as const);
    for (const id of gone) this.received.delete(id);
    if (parcels.length > 0) this.client.post({ type: 'parcelsGone', parcels });
  }

  /** Captures something, makes a function of it, drops one, or collects what nothing needs. */
  move(random: Random): void {
    this.letGo(random.some([...this.received.keys()], 3));
    for (const id of random.some(this.functions, 2)) this.client.release(id);
    if (!random.chance(0.3)) return;
    const id = this.client.world.nextId('parcel');
    const requires = random.some([...this.received.keys()], 2);
    const refs = random.some(this.plain, 2);
    const spec = specOf(this.client.world.nextId(MADE), {
      ...codeOf(id),
      // Like none before.
      ...(random.chance(0.2) && { resources: { CPU: random.below(10_000) / 10_000 } }),
      ...(random.chance(0.1) && { envVars: { MADE: id } }),
    });
    // One that calls itself is declared while its code is captured.
    const recursive = random.chance(0.3);
    if (recursive) {
      this.define(spec);
      refs.push(spec.id);
    }
    this.capture({ id, requires, body: encoded(id, refs.length > 0 ? { refs } : {}) });
    if (!recursive && random.chance(0.7)) this.define(spec);
  }

  /** Puts code and functions beside some of the values that are sent. */
  send(payload: EncodedValue, random: Random): void {
    if (payload.code !== undefined || payload.format === 'code' || !random.chance(0.2)) return;
    const extended = payload as { code?: readonly ParcelId[]; refs?: readonly ObjectId[] };
    extended.code = random.some([...this.received.keys()], 2);
    extended.refs = [...(payload.refs ?? []), ...random.some(this.functions, 2)];
  }

  read(message: ToWorker): void {
    switch (message.type) {
      case 'parcel': {
        const { id, requires, body } = message.parcel;
        this.expect(requires, `before ${id}`);
        this.whole.add(id);
        const own = isEncoded(body) ? body.refs?.find((ref) => ref.startsWith(MADE)) : undefined;
        if (own !== undefined) this.own.set(id, own);
        this.received.set(id, (this.received.get(id) ?? 0) + 1);
        // What is never read is let go of.
        this.client.receiveRefs(body);
        return;
      }
      case 'forget':
        this.expect(message.parcels, 'and is to forget it');
        for (const id of message.parcels) {
          this.whole.delete(id);
          this.own.delete(id);
        }
        return;
      case 'define':
        this.defined.add(message.spec.id);
        return;
      case 'undefine':
        this.defined.delete(message.spec);
        return;
      default:
        return;
    }
  }

  /** The payload is read. */
  reads(payload: Payload): void {
    if (isEncoded(payload)) this.expect(payload.code ?? [], 'and needs it');
  }

  /** A call of the function starts. */
  runs({ id, code }: RemoteSpec): void {
    if (!this.defined.has(id)) throw new Error(`${this.client.id} was not told of ${id}`);
    this.expect(code.parcels, `and runs ${id}`);
  }

  /** What is made of code holds it as long as that is not forgotten. */
  keeps(id: ObjectId): boolean {
    return id.startsWith(MADE) && [...this.own.values()].includes(id);
  }

  /** A function of those made meanwhile that can be called from here. */
  choose(random: Random): SpecId | undefined {
    return random.pick(this.functions);
  }

  /** What can never come to hold the code that holds it, as an instance could. */
  private get plain(): ObjectId[] {
    const { values, received, world } = this.client;
    return [...values]
      .filter(([id, value]) => received.has(id) && !world.actors.has(id) && !isEncoded(value))
      .map(([id]) => id);
  }

  private capture(parcel: Parcel): void {
    this.received.set(parcel.id, 1);
    this.client.outbox.push({ type: 'parcel', parcel });
  }

  private define(spec: RemoteSpec): void {
    this.client.make({ type: 'define', spec }, spec.id);
  }

  private get functions(): SpecId[] {
    return [...this.client.received.keys()].filter((id) => id.startsWith(MADE));
  }

  /** Instances are given their arguments at once, whatever lies before them. */
  private isComing(id: ParcelId): boolean {
    return this.client.inbox.some((one) => one.type === 'parcel' && one.parcel.id === id);
  }

  private expect(parcels: readonly ParcelId[], why: string): void {
    for (const id of parcels) {
      if (!this.whole.has(id) && !this.isComing(id))
        throw new Error(`${this.client.id} lacks ${id}, ${why}`);
    }
  }
}

const codeOf = (...parcels: readonly ParcelId[]): Pick<RemoteSpec, 'code'> => ({
  code: { id: 'code', parcels },
});

/** Has every payload of a message that is more than a value extended. */
export function extend(
  message: Parameters<typeof payloadsIn>[0],
  by: (payload: EncodedValue) => void,
): void {
  if (message.type === 'parcel' || message.type === 'define') return;
  payloadsIn(message, (payload) => {
    if (isEncoded(payload)) by(payload);
  });
}
