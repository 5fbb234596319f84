import type { SystemFailure } from '../../protocol/payload';
import type { Calls } from './calls';
import type { Clients } from './clients';
import type { Hand } from './hand';
import type { Journal } from './journal';
import type { Abandonment, CallRecord } from './records';
import { move } from './states';
import type { Waiting } from './waiting';
import type { Workers } from './workers';

/**
 * Calls that were told to end and go on until they do, cancelled or too late: their refs fail at
 * once, what they hold comes back when their thread is really done with them.
 */
export class Abandoned {
  constructor(
    private readonly journal: Journal,
    private readonly clients: Clients,
    private readonly calls: Calls,
    private readonly workers: Workers,
    private readonly hand: Hand,
    private readonly waiting: Waiting,
  ) {}

  /** Tells a call on a thread to end. Its object fails, unless it is to run again. */
  abandon(call: CallRecord, failure: SystemFailure, abandonment: Abandonment): void {
    const { worker } = call;
    if (worker === undefined) return;
    const told = call.abandonment;
    if (told === undefined) {
      // One that waits goes on, CPU or not: it ends all the sooner.
      this.waiting.unwait(call, [...(call.waits?.keys() ?? [])]);
      this.clients.post(worker.client, { type: 'abort', call: call.id, failure });
    }
    if (!abandonment.again && told?.again !== false) {
      this.calls.abandon(call, { ok: false, failure });
    }
    const endsChildren = abandonment.endsChildren ?? told?.endsChildren;
    call.abandonment = { ...abandonment, endsChildren };
    if (told === undefined) move(this.journal, call, 'abandoned');
  }

  /** Its thread is done with it. */
  ended(call: CallRecord): void {
    const again = call.abandonment?.again === true;
    call.abandonment = undefined;
    if (!again) {
      this.workers.remove(call);
      return this.calls.end(call);
    }
    call.attempt += 1;
    call.suspendedFor = 0;
    const { at } = this.journal;
    this.journal.log({ at, type: 'callRetried', call: call.id, attempt: call.attempt });
    this.hand.requeue(call);
  }

  /** Ends the thread of a task, whatever it does; another takes its place at once. */
  terminate({ id, worker }: CallRecord, reason: string): void {
    if (worker === undefined || worker.host !== undefined) return;
    worker.culprit = id;
    this.workers.drain(worker);
    this.journal.emitLast({ type: 'terminateWorker', worker: worker.client.id, reason });
  }
}
