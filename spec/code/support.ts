import { idSource } from '../../lib/base/ids';
import { entryScript } from '../../lib/code/modules/entry-script';
import { createCodeStore, type CodeStore } from '../../lib/code/store';
import { createCodec, type Codec } from '../../lib/data/codec';
import { isEncoded, type Parcel } from '../../lib/protocol/payload';

/** One side of a journey: what a thread has for code and data. */
export interface Side {
  readonly codec: Codec;
  readonly store: CodeStore;
  /** Parcels sent from here, oldest first. */
  readonly sent: Parcel[];
  /** What came here. */
  readonly taken: Set<string>;
  readonly warnings: string[];
}

/** What rayx itself would export. */
const self = { getSync: () => undefined };

export function createSide(driver: boolean, entry = entryScript()): Side {
  const sent: Parcel[] = [];
  const warnings: string[] = [];
  const codec = createCodec();
  const store = createCodeStore({
    codec,
    nextId: idSource(),
    emit: (parcel) => sent.push(parcel),
    driver,
    self: () => self,
    entry,
    warn: (text) => warnings.push(text),
  });
  return { codec, store, sent, taken: new Set(), warnings };
}

/** Two sides that share nothing but what is sent from one to the other, as copies. */
export class Journey {
  readonly here = createSide(true);
  readonly there = createSide(false);
  /** All that has been sent either way. */
  readonly parcels: Parcel[] = [];

  /** The function or class as it is on the other side. */
  ship<T extends object>(target: T, name = 'work'): T {
    const { id, parcels } = this.here.store.capture(target as never, name);
    this.deliver(parcels, this.there);
    const wait = this.there.store.prepare(parcels);
    if (wait) throw new Error('some import takes time: use shipAsync');
    return this.there.store.resolve(id) as T;
  }

  async shipAsync<T extends object>(target: T, name = 'work'): Promise<T> {
    const { id, parcels } = this.here.store.capture(target as never, name);
    this.deliver(parcels, this.there);
    await this.there.store.prepare(parcels);
    return this.there.store.resolve(id) as T;
  }

  /** A value as an argument would go. */
  send<T>(value: T, from = this.here, to = this.there): T {
    const payload = from.codec.encode(value, 'args[0]');
    const { code = [] } = isEncoded(payload) ? payload : {};
    this.deliver(code, to);
    void to.store.prepare(code);
    return to.codec.decode(structuredClone(payload)) as T;
  }

  /** The way back. */
  sendBack<T>(value: T): T {
    return this.send(value, this.there, this.here);
  }

  /** A parcel comes to each side once: with what needs it, also to the side that made it. */
  private deliver(parcels: readonly string[], to: Side): void {
    for (const { sent } of [this.here, this.there]) this.parcels.push(...sent.splice(0));
    for (const id of parcels) {
      const parcel = this.parcels.find((each) => each.id === id);
      if (!parcel || to.taken.has(id)) continue;
      to.taken.add(id);
      this.deliver(parcel.requires, to);
      to.store.take(structuredClone(parcel));
    }
  }
}

/** Ships a function over a road of its own. */
export const ship = <T extends object>(target: T, name = 'work'): T =>
  new Journey().ship(target, name);
