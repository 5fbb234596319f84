import { InternalError, InvalidCallError } from '../base/errors';
import type { ObjectId, ParcelId } from '../base/ids';
import type { Memory } from '../data/memory';
import { isEncoded, payloadOf, type Outcome } from '../protocol/payload';
import type { Failures } from './failures';
import { refsOf, type StoredObject } from './objects';
import type { ClientCode, ClientCodec } from './tools';

/** Ids among them, or all there are. */
type Counted = Pick<ReadonlySet<ObjectId>, 'has'>;

const NONE: Counted = new Set();
const ALL: Counted = { has: () => true };

/** Turns stored outcomes into values and errors: anew at each reading. */
export class Reader {
  private counted = NONE;

  constructor(
    private readonly codec: Pick<ClientCodec, 'decode'>,
    private readonly memory: Pick<Memory, 'expose'>,
    private readonly code: Pick<ClientCode, 'prepare'>,
    private readonly failures: Failures,
  ) {}

  /** Makes code that the values need ready; a promise only where that cannot be had at once. */
  prepare(objects: readonly StoredObject[]): void | Promise<void> {
    const parcels = objects.flatMap(({ outcome }) => codeOf(outcome));
    return parcels.length > 0 ? this.code.prepare(parcels) : undefined;
  }

  /** @throws InvalidCallError where that needs an asynchronous import */
  prepareSync(objects: readonly StoredObject[]): void {
    if (this.prepare(objects)) {
      throw new InvalidCallError(
        'getSync() got a value whose code imports ES modules that can only be loaded ' +
          'asynchronously; use await get()',
      );
    }
  }

  /**
   * The value of a settled object; throws its error.
   *
   * @param copy binary in it is private memory
   */
  read({ id, outcome, site }: StoredObject, copy = false): unknown {
    if (outcome === undefined) throw new InternalError(`the object ${id} was read while pending`);
    const before = this.counted;
    // Code that it brings may be read in passing, with refs of its own.
    this.counted = codeOf(outcome).length === 0 ? ALL : new Set(refsOf(outcome));
    try {
      if (outcome.ok) {
        if (!copy) this.memory.expose(outcome.value);
        return this.codec.decode(outcome.value, copy);
      }
      throw this.failures.toError(outcome.failure, site);
    } finally {
      this.counted = before;
    }
  }

  /** Whether a ref just met was counted already, when the outcome that is being read arrived. */
  hasCounted(id: ObjectId): boolean {
    return this.counted.has(id);
  }
}

function codeOf(outcome: Outcome | undefined): readonly ParcelId[] {
  const payload = outcome && payloadOf(outcome);
  return isEncoded(payload) ? (payload.code ?? []) : [];
}
