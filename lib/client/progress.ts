import type { CallId, ObjectId } from '../base/ids';
import type { FromClient, ToClient } from '../protocol/messages';
import type { Payload } from '../protocol/payload';
import { blankObject, isSettled, refsOf, type ObjectTable, type StoredObject } from './objects';
import type { Quiet } from './quiet';

/** Something a call has told of its progress, to be read like an object. */
export class ProgressValue {
  readonly object: StoredObject;
  private readonly inner: readonly StoredObject[];
  private holders = 1;

  constructor(
    id: ObjectId,
    value: Payload,
    private readonly table: ObjectTable,
  ) {
    this.object = blankObject(id, false);
    this.object.outcome = { ok: true, value };
    // Sent here by this message, however often it is read.
    this.inner = refsOf(this.object.outcome).map((ref) => table.hold(ref, true));
  }

  hold(): this {
    this.holders += 1;
    return this;
  }

  drop(): void {
    this.holders -= 1;
    if (this.holders === 0) for (const object of this.inner) this.table.drop(object);
  }
}

type ProgressMessage = Extract<ToClient, { type: 'progress' }>;

/** Called for each value; it has to drop it. */
export type ProgressListener = (value: ProgressValue) => void;

interface Followed {
  readonly token: number;
  readonly listeners: Set<ProgressListener>;
  latest: ProgressValue | undefined;
}

/** The calls whose progress somebody on this thread follows. The raylet hears of each once. */
export class ProgressDesk {
  private readonly followed = new Map<ObjectId, Followed>();
  private tokens = 0;

  constructor(
    private readonly post: (message: FromClient) => void,
    private readonly table: ObjectTable,
    private readonly quiet: Quiet,
  ) {}

  /** Has the listener called for the latest value and all further ones, until the answer is called. */
  follow(object: StoredObject, listener: ProgressListener): () => void {
    if (isSettled(object)) return () => {};
    const { id } = object;
    let followed = this.followed.get(id);
    if (followed === undefined) {
      const token = (this.tokens += 1);
      this.followed.set(id, (followed = { token, listeners: new Set(), latest: undefined }));
      this.post({ type: 'follow', id, token });
    }
    const { listeners, latest } = followed;
    listeners.add(listener);
    if (latest !== undefined) listener(latest.hold());
    return () => {
      if (!listeners.delete(listener) || listeners.size > 0) return;
      this.followed.delete(id);
      followed.latest?.drop();
      if (!isSettled(object)) this.post({ type: 'unfollow', id });
    };
  }

  /** Tells how far a call of this thread is. */
  tell(task: CallId, value: Payload): void {
    this.post({ type: 'progress', task, value });
  }

  /** A call has told how far it is; perhaps to those who followed it before. */
  arrived({ id, token, value: payload }: ProgressMessage): void {
    const value = new ProgressValue(id, payload, this.table);
    this.quiet.run(() => {
      const followed = this.followed.get(id);
      if (followed?.token !== token) return value.drop();
      followed.latest?.drop();
      followed.latest = value;
      for (const listener of followed.listeners) listener(value.hold());
    });
  }
}
