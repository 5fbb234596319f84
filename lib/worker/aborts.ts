import type { CallId } from '../base/ids';
import type { CallContext } from '../protocol/context';
import type { ClientHost } from '../protocol/host';
import type { SystemFailure } from '../protocol/payload';

/** What is known of a call on this thread: its context once it has begun, or why it must not begin. */
type Known = CallContext | SystemFailure | undefined;

/** Tells the calls of this thread to end: while they run, or before their turn has come. */
export class Aborts {
  private readonly calls = new Map<CallId, Known>();

  constructor(private readonly client: Pick<ClientHost, 'callAborted'>) {}

  /** The call was given to this thread and is going to begin, as may be said more than once. */
  expect(call: CallId): void {
    if (!this.calls.has(call)) this.calls.set(call, undefined);
  }

  /** It begins; answers why it must not, where it was told to end before. */
  begin(context: CallContext): SystemFailure | undefined {
    const known = this.calls.get(context.call);
    this.calls.set(context.call, context);
    return known !== undefined && 'kind' in known ? known : undefined;
  }

  ended(call: CallId): void {
    this.calls.delete(call);
  }

  /** All calls that have begun are to end. */
  abortAll(reason: string): void {
    for (const known of this.calls.values()) {
      if (known === undefined || !('call' in known)) continue;
      const failure = { kind: 'system', code: 'TASK_CANCELLED', taskName: known.name } as const;
      this.client.callAborted(known, { ...failure, reason });
    }
  }

  /** The call is to end. One that is not known has ended by itself. */
  abort(call: CallId, failure: SystemFailure): void {
    if (!this.calls.has(call)) return;
    const known = this.calls.get(call);
    if (known !== undefined && 'call' in known) this.client.callAborted(known, failure);
    else this.calls.set(call, failure);
  }
}
