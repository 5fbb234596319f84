import type { RayError } from '../base/errors';
import type { BufferId } from '../base/ids';
import type { Memory } from '../data/memory';
import type { FromClient } from '../protocol/messages';
import {
  bodyOf,
  isPresent,
  sharedIn,
  type NoRoom,
  type Outcome,
  type Payload,
} from '../protocol/payload';
import type { StoredObject, ValueKeeper } from './objects';

export interface LargeValuesOptions {
  readonly memory: Pick<Memory, 'discard' | 'expose' | 'forgo'>;
  readonly post: (message: FromClient) => void;
  /** Posts what was reported of memory so far, and sends it all. */
  readonly flush: () => void;
  /** Blocks the thread until `isHere`; only tables change meanwhile. */
  readonly block: (isHere: () => boolean) => void;
  /** Keeps the process alive until the answer is called. */
  readonly hold: () => () => void;
  readonly toError: (failure: NoRoom) => RayError;
  /** Throws what a runtime that has ended answers. */
  readonly checkOpen: () => void;
}

/** A value with shared memory beside it. */
interface LargeValue {
  readonly object: StoredObject;
  /** It came from the raylet, which counts it as sent here. */
  readonly arrived: boolean;
  /** Views of it may be in the hands of user code. */
  shown: boolean;
}

/** Called when a fetch is answered; with why it is refused, if it is. */
type Fetched = (refusal?: RayError) => void;

/**
 * Values that this client keeps with shared memory beside them. When the store is full, the raylet has
 * them let go of that memory, for which they stay what they are otherwise: settled. Whoever wants to
 * read one fetches it.
 */
export class LargeValues implements ValueKeeper {
  private readonly values = new Map<StoredObject, LargeValue>();
  private readonly holders = new Map<BufferId, Set<LargeValue>>();
  private readonly fetches = new Map<number, Fetched>();
  private fetchesMade = 0;

  constructor(private readonly options: LargeValuesOptions) {}

  settled(object: StoredObject, arrived: boolean): void {
    const payload = valueIn(object.outcome);
    if (sharedIn(payload).length > 0) this.add(object, payload, arrived);
  }

  has(object: StoredObject): boolean {
    return this.values.size > 0 && this.values.has(object);
  }

  /** Views of the object's value are given to user code. */
  show(object: StoredObject): void {
    const large = this.values.get(object);
    if (large === undefined) return;
    large.shown = true;
    this.options.memory.expose(valueIn(object.outcome));
  }

  forget(object: StoredObject): void {
    const large = this.values.get(object);
    if (large === undefined) return;
    const payload = valueIn(object.outcome);
    this.values.delete(object);
    for (const { id } of sharedIn(payload)) {
      const holders = id === undefined ? undefined : this.holders.get(id);
      holders?.delete(large);
      if (id !== undefined && holders?.size === 0) this.holders.delete(id);
    }
    if (large.arrived) this.options.memory.discard(payload, large.shown);
  }

  ignored(payload: Payload): void {
    this.options.memory.discard(payload, false);
  }

  /** Lets go of these buffers wherever they lie beside a value; views that are shown keep them. */
  unload(ids: readonly BufferId[]): void {
    const { post, flush } = this.options;
    for (const id of ids) for (const large of this.holders.get(id) ?? []) this.strip(large, id);
    // What is gone is told before it is told that this is all.
    flush();
    post({ type: 'unloaded', ids });
    flush();
  }

  /** Nobody has this buffer any more, as far as values go: what is kept here was freed by somebody else. */
  recycled(id: BufferId): void {
    for (const large of this.holders.get(id) ?? []) this.strip(large, id);
  }

  /** Those of the objects whose memory is not all here. */
  missing(objects: readonly StoredObject[]): readonly StoredObject[] {
    if (this.values.size === 0) return NONE;
    return objects.filter((object) => this.has(object) && !isWhole(object));
  }

  /**
   * Has the memory of the objects brought here. Some of it may have gone again by then, and what was
   * lost is pending again.
   *
   * @throws ObjectStoreFullError, OutOfDiskError where there is no room for it
   */
  async fetch(objects: readonly StoredObject[]): Promise<void> {
    const release = this.options.hold();
    try {
      await new Promise<void>((resolve, reject) => {
        this.post(objects, (refusal) => (refusal ? reject(refusal) : resolve()));
      });
    } finally {
      release();
    }
  }

  /** The same, blocking the calling thread. */
  fetchSync(objects: readonly StoredObject[]): void {
    let answer: { readonly refusal: RayError | undefined } | undefined;
    this.post(objects, (refusal) => (answer = { refusal }));
    this.options.block(() => answer !== undefined);
    this.options.checkOpen();
    if (answer?.refusal) throw answer.refusal;
  }

  /** A fetch is answered: the values have come, or there is no room for them. */
  fetched(token: number, failure: NoRoom | undefined): void {
    const answer = this.fetches.get(token);
    this.fetches.delete(token);
    answer?.(failure && this.options.toError(failure));
  }

  /** The client ends. */
  end(error: RayError): void {
    for (const answer of this.fetches.values()) answer(error);
    this.fetches.clear();
  }

  private post(objects: readonly StoredObject[], answer: Fetched): void {
    this.options.checkOpen();
    const token = (this.fetchesMade += 1);
    this.fetches.set(token, answer);
    this.options.post({ type: 'fetch', token, ids: objects.map(({ id }) => id) });
    this.options.flush();
  }

  private add(object: StoredObject, payload: Payload, arrived: boolean): void {
    const large = { object, arrived, shown: false };
    this.values.set(object, large);
    for (const { id } of sharedIn(payload)) {
      if (id === undefined) continue;
      const holders = this.holders.get(id);
      if (holders) holders.add(large);
      else this.holders.set(id, new Set([large]));
    }
  }

  private strip({ object, arrived, shown }: LargeValue, id: BufferId): void {
    const payload = valueIn(object.outcome);
    for (const part of sharedIn(payload)) {
      if (part.id !== id || part.memory === undefined) continue;
      if (arrived && (!shown || part === bodyOf(payload))) this.options.memory.forgo(part);
      part.memory = undefined;
    }
  }
}

const NONE: readonly StoredObject[] = [];

const valueIn = (outcome: Outcome | undefined): Payload =>
  outcome?.ok ? outcome.value : undefined;

const isWhole = ({ outcome }: StoredObject): boolean => isPresent(valueIn(outcome));
