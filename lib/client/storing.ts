import type { RayError } from '../base/errors';
import type { ObjectId } from '../base/ids';
import type { Memory } from '../data/memory';
import type { FromClient } from '../protocol/messages';
import type { NoRoom } from '../protocol/payload';
import type { Arrivals } from './arrivals';
import type { Ledger } from './ledger';
import type { ObjectTable, StoredObject } from './objects';
import type { Questions } from './questions';
import { SubmitSite, type Below } from './sites';
import type { Sweeper } from './sweeper';
import type { ClientCodec } from './tools';

export interface StoringOptions {
  readonly codec: Pick<ClientCodec, 'encode'>;
  readonly memory: Memory;
  readonly objects: Pick<ObjectTable, 'create' | 'settle' | 'free'>;
  readonly nextId: () => ObjectId;
  readonly post: (message: FromClient) => void;
  readonly flush: () => void;
  readonly questions: Questions;
  readonly ledger: Pick<Ledger, 'bufferGone'>;
  readonly arrivals: Pick<Arrivals, 'pump' | 'block'>;
  readonly sweeper: Pick<Sweeper, 'memoryWanted'>;
  readonly toError: (failure: NoRoom) => RayError;
  readonly isClosed: () => boolean;
  /** Each value tells where it was put. */
  readonly recordSites: boolean;
  /** There is nobody to wait for: raylet and workers are on this thread. */
  readonly oneThread: boolean;
}

/** What this client puts into the object store, and takes out; and the shared memory for it. */
export class Storing {
  constructor(private readonly options: StoringOptions) {
    const { memory, ledger, arrivals, sweeper, post, flush, oneThread } = options;
    memory.connect({
      gone: (id, received) => ledger.bufferGone(id, received),
      shown: (id) => post({ type: 'shown', ids: [id] }),
      allocated: (id, buffer) => post({ type: 'allocated', id, memory: buffer }),
      pump: () => arrivals.pump(),
      await(isHere, milliseconds) {
        if (oneThread) return;
        flush();
        arrivals.block(isHere, milliseconds);
      },
      filled: () => sweeper.memoryWanted(),
      room: (bytes) => this.roomFor(bytes),
    });
  }

  /** A new object, which the caller holds. */
  put(value: unknown, below: Below): StoredObject {
    const { codec, objects, nextId, post, recordSites } = this.options;
    const payload = codec.encode(value, 'value');
    const object = objects.create(nextId());
    const site = recordSites ? new SubmitSite(below).frame : undefined;
    const put = { type: 'put', id: object.id, value: payload } as const;
    post(site === undefined ? put : { ...put, site });
    objects.settle(object.id, { ok: true, value: payload }, false);
    return object;
  }

  free(freed: readonly StoredObject[]): void {
    const { memory, objects, post } = this.options;
    for (const object of freed) {
      const { own, outcome } = object;
      if (own && outcome?.ok) memory.released(outcome.value);
      objects.free(object);
    }
    post({ type: 'free', ids: freed.map(({ id }) => id) });
  }

  /** Garbage was collected for the memory that it may have kept. */
  memorySwept(): void {
    const { memory, post, flush } = this.options;
    memory.reportCollected();
    // What is gone is told before it is told that this is all.
    flush();
    post({ type: 'collected' });
    flush();
  }

  private roomFor(bytes: number): number {
    const { questions, toError, isClosed } = this.options;
    // What an ending runtime still makes needs none.
    if (isClosed()) return bytes;
    const answer = questions.ask({ type: 'room', bytes });
    if ('refusal' in answer) throw toError(answer.refusal);
    return answer.credit;
  }
}
