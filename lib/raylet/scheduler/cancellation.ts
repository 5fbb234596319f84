import type { ObjectId } from '../../base/ids';
import type { SystemFailure } from '../../protocol/payload';
import type { Abandoned } from './abandoned';
import type { Bereft, Calls } from './calls';
import type { Hand } from './hand';
import { isNamedByOthers, type ObjectDirectory } from './objects';
import type { CallRecord } from './records';
import type { ReadyQueue } from './ready-queue';

/** How and why a call is cancelled. */
export interface Verdict {
  /** Ends the thread of a task that runs. */
  readonly force: boolean;
  /** With the calls it has made. */
  readonly recursive: boolean;
  /** One clause: `cancel() was called`. */
  readonly reason: string;
}

/** Ends calls before their time: those that have not started never do, those that have are told. */
export class Cancellation {
  /** Calls in hand that are being asked back: whether they have started is not known yet. */
  private readonly asked = new Map<CallRecord, Verdict>();

  constructor(
    private readonly objects: ObjectDirectory,
    private readonly calls: Calls,
    private readonly queue: ReadyQueue,
    private readonly hand: Hand,
    private readonly abandoned: Abandoned,
  ) {}

  /** Cancels what is a call and has not ended. */
  cancel(ids: readonly ObjectId[], verdict: Verdict): void {
    for (const id of ids) {
      this.objects.looked(id);
      const object = this.objects.get(id);
      const call = object && this.calls.makerOf(object);
      if (call !== undefined) this.end([[call, verdict.reason]], verdict);
    }
  }

  /** Cancels the calls that a call has made. */
  cancelChildren(call: CallRecord, why: string): void {
    const reason = because(call, why);
    const verdict = { force: false, recursive: true, reason };
    this.end(
      Array.from(call.children ?? [], (child) => [child, reason] as const),
      verdict,
    );
  }

  /** Cancels a call for which only an attempt has waited that has died: nobody else has a ref. */
  cancelBereft([call, maker]: Bereft): void {
    if (call.state === 'finished' || isNamedByOthers(call.object)) return;
    const reason = `${maker}, which made it, has died`;
    this.end([[call, reason]], { force: false, recursive: true, reason });
  }

  /** A call that was just submitted may be cancelled already. */
  submitted(call: CallRecord): void {
    const { parent, message } = call;
    const why = parent?.abandonment?.endsChildren;
    if (!message.call.aborted && why === undefined) return;
    const reason = message.call.aborted || parent === undefined ? ABORTED : because(parent, why);
    this.end([[call, reason]], { force: false, recursive: false, reason });
  }

  /** Goes on with those of which it is known by now whether they have started. */
  follow(): void {
    for (const [call, verdict] of this.asked) {
      if (call.state === 'revoking') continue;
      this.asked.delete(call);
      this.end([[call, verdict.reason]], verdict);
    }
  }

  /** Calls that are being asked back to be cancelled, for `validate`. */
  get pending(): Iterable<CallRecord> {
    return this.asked.keys();
  }

  /** A list, however deep calls were made by calls. */
  private end(
    first: readonly (readonly [CallRecord, reason: string])[],
    { force, recursive }: Verdict,
  ): void {
    const calls = [...first];
    for (const [call, reason] of calls) {
      if (call.state === 'finished') continue;
      // Whoever ends a call knows that it fails, and those it made with it.
      this.objects.looked(call.id);
      if (recursive) {
        const why = because(call, WAS_CANCELLED);
        for (const child of call.children ?? []) calls.push([child, why]);
      }
      this.endOne(call, { force, recursive, reason });
    }
  }

  private endOne(call: CallRecord, verdict: Verdict): void {
    const { message, worker } = call;
    if (message.kind === 'creation') return;
    switch (call.state) {
      case 'pending':
      case 'ready':
      case 'loading':
      case 'delayed':
        return this.endUnstarted(call, verdict);
      case 'revoking':
      case 'assigned':
        if (message.kind === 'method' || worker === undefined) break;
        this.hand.askBack(worker, [call]);
        this.ask(call, verdict);
        return;
      default:
    }
    const { force, recursive } = verdict;
    const abandonment = { again: false, endsChildren: recursive ? WAS_CANCELLED : undefined };
    this.abandoned.abandon(call, failureOf(call, verdict), abandonment);
    if (force && message.kind === 'task') {
      this.abandoned.terminate(call, 'it was cancelled with force');
    }
  }

  private endUnstarted(call: CallRecord, verdict: Verdict): void {
    const queued = call.state === 'ready' && call.message.kind === 'task';
    this.calls.finish(call, { ok: false, failure: failureOf(call, verdict) });
    if (queued && call.spec !== undefined) this.queue.remove(call, call.spec.shape);
    // Calls of its caller that stand behind it at an instance may go now.
    this.calls.resolved.push(call);
  }

  /** Of several verdicts all that they ask for. */
  private ask(call: CallRecord, verdict: Verdict): void {
    const before = this.asked.get(call);
    this.asked.set(call, {
      force: verdict.force || before?.force === true,
      recursive: verdict.recursive || before?.recursive === true,
      reason: before?.reason ?? verdict.reason,
    });
  }
}

const ABORTED = 'its signal was aborted';
const WAS_CANCELLED = 'was cancelled';

const because = ({ name }: CallRecord, why = WAS_CANCELLED): string =>
  `${name}, which made it, ${why}`;

const failureOf = ({ name }: CallRecord, { reason }: Verdict): SystemFailure => ({
  kind: 'system',
  code: 'TASK_CANCELLED',
  taskName: name,
  reason,
});
