import { InternalError, InvalidCallError } from '../base/errors';
import type { ObjectId, ParcelId } from '../base/ids';
import { freedFailure, isEncoded, payloadOf, type Outcome } from '../protocol/payload';
import type { Failures } from './failures';
import type { LargeValues } from './large-values';
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
    private readonly large: Pick<LargeValues, 'show' | 'missing' | 'fetch' | 'fetchSync'>,
    private readonly code: Pick<ClientCode, 'prepare' | 'has'>,
    private readonly failures: Failures,
  ) {}

  /**
   * Makes ready what the values need: memory beside them, and code. A promise only where that cannot
   * be had at once.
   */
  prepare(objects: readonly StoredObject[]): void | Promise<void> {
    const missing = this.large.missing(objects);
    // They may have to go once more until the last of them is here.
    if (missing.length > 0) return this.large.fetch(missing).then(() => this.prepare(objects));
    return this.prepareCode(objects);
  }

  private prepareCode(objects: readonly StoredObject[]): void | Promise<void> {
    const parcels: ParcelId[] = [];
    for (const { outcome } of objects) {
      const code = codeOf(outcome);
      if (this.isHere(code)) for (const parcel of code) parcels.push(parcel);
    }
    return parcels.length > 0 ? this.code.prepare(parcels) : undefined;
  }

  /** @throws InvalidCallError where that needs an asynchronous import */
  prepareSync(objects: readonly StoredObject[]): void {
    for (;;) {
      const missing = this.large.missing(objects);
      if (missing.length === 0) break;
      this.large.fetchSync(missing);
    }
    if (this.prepareCode(objects)) {
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
  read(object: StoredObject, copy = false): unknown {
    const { id, outcome, site } = object;
    if (outcome === undefined) throw new InternalError(`the object ${id} was read while pending`);
    const before = this.counted;
    // Code that it brings may be read in passing, with refs of its own.
    this.counted = codeOf(outcome).length === 0 ? ALL : new Set(refsOf(outcome));
    try {
      if (outcome.ok) {
        if (!this.isHere(codeOf(outcome))) throw this.failures.toError(freedFailure(id), site);
        if (!copy) this.large.show(object);
        return this.codec.decode(outcome.value, copy);
      }
      throw this.failures.toError(outcome.failure, site);
    } finally {
      this.counted = before;
    }
  }

  /** Others may have freed the value that lies here, and its code has gone. */
  private readonly isHere = (code: readonly ParcelId[]): boolean =>
    code.length === 0 || this.code.has(code);

  /** Whether a ref just met was counted already, when the outcome that is being read arrived. */
  hasCounted(id: ObjectId): boolean {
    return this.counted.has(id);
  }
}

function codeOf(outcome: Outcome | undefined): readonly ParcelId[] {
  const payload = outcome && payloadOf(outcome);
  return isEncoded(payload) ? (payload.code ?? []) : [];
}
