import type { ObjectId } from '../base/ids';

/** The pending calls of one signal. */
interface Watch {
  readonly signal: AbortSignal;
  readonly calls: Set<ObjectId>;
  readonly onAbort: () => void;
}

/**
 * Cancels calls when the signal they were made with is aborted. One listener for each signal, however
 * many calls, and none when all of them have ended.
 */
export class Signals {
  private readonly watches = new Map<AbortSignal, Watch>();
  private readonly byCall = new Map<ObjectId, Watch>();

  /** @param cancel cancels the calls with these ids */
  constructor(private readonly cancel: (calls: readonly ObjectId[]) => void) {}

  /** Signals that are listened to. */
  get size(): number {
    return this.watches.size;
  }

  /** Cancels the call when the signal is aborted before it has ended. */
  watch(signal: AbortSignal, call: ObjectId): void {
    const watch = this.watches.get(signal) ?? this.listen(signal);
    watch.calls.add(call);
    this.byCall.set(call, watch);
  }

  /** The call has ended, if it is one. */
  ended(call: ObjectId): void {
    // Told of every call, and to look for one in an empty table takes as long as in a full one.
    if (this.byCall.size === 0) return;
    const watch = this.byCall.get(call);
    if (watch === undefined) return;
    this.byCall.delete(call);
    watch.calls.delete(call);
    if (watch.calls.size === 0) this.forget(watch);
  }

  /** Listens to nothing any more. */
  close(): void {
    for (const watch of [...this.watches.values()]) this.forget(watch);
    this.byCall.clear();
  }

  private listen(signal: AbortSignal): Watch {
    const onAbort = (): void => this.aborted(watch);
    const watch: Watch = { signal, calls: new Set(), onAbort };
    this.watches.set(signal, watch);
    signal.addEventListener('abort', onAbort, { once: true });
    return watch;
  }

  private aborted(watch: Watch): void {
    this.forget(watch);
    for (const call of watch.calls) this.byCall.delete(call);
    this.cancel([...watch.calls]);
  }

  private forget({ signal, onAbort }: Watch): void {
    this.watches.delete(signal);
    signal.removeEventListener('abort', onAbort);
  }
}
