import type { ObjectId } from '../base/ids';

/** An object of the store, as `listObjects()` shows it. */
export interface ObjectInfo {
  readonly id: ObjectId;
  /** Name of the call that makes it: `square`, `Counter.increment`; `put` for a stored value. */
  readonly task: string;
  readonly state: 'pending' | 'stored' | 'failed';
  /** Bytes of its value, 0 while there is none; memory that it shares with another object included. */
  readonly size: number;
  /** Where its value lies: all of it inside messages, or what is large of it in shared memory or on disk. */
  readonly location: 'message' | 'shared memory' | 'disk';
  /**
   * Who keeps it: `driver`, `worker 3f2a-1`, `worker 3f2a-2 (Counter)` whose thread is that of an actor,
   * `call square`, `object 9e3779b1` whose value holds a ref of it, `actor Counter`, `code`.
   */
  readonly holders: readonly string[];
  /**
   * Where it was put, or its call was made: `file:line:column` of the user's line. There with
   * `init({ recordCreationSites: true })`, unless that line is not in the last frames of the stack.
   */
  readonly site?: string;
}
