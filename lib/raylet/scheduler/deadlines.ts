import type { SystemFailure } from '../../protocol/payload';
import type { Abandoned } from './abandoned';
import type { Agenda } from './agenda';
import type { Cancellation } from './cancellation';
import type { Hand } from './hand';
import type { Journal } from './journal';
import type { CallRecord } from './records';

/** Ends attempts that run longer than the timeout of their function: first by word, then by force. */
export class Deadlines {
  constructor(
    private readonly journal: Journal,
    private readonly agenda: Agenda,
    private readonly hand: Hand,
    private readonly abandoned: Abandoned,
    private readonly cancellation: Cancellation,
  ) {}

  /** The body of a call begins: from here its time counts, waiting included. */
  started(call: CallRecord, attempt: number): void {
    const { timeout, graceMs = 0 } = call.spec?.spec.task ?? {};
    if (timeout === undefined || call.attempt !== attempt) return;
    if (call.state === 'assigned' || call.state === 'revoking') this.hand.hasStarted(call);
    const late = (): void => this.late(call, timeout, graceMs);
    call.deadline = this.agenda.at(this.journal.at + timeout, late);
  }

  private late(call: CallRecord, timeout: number, graceMs: number): void {
    // One that was cancelled has been told, but has no more time for that.
    if (call.state !== 'abandoned') this.fail(call, timeout);
    const reason = `it ran longer than its timeout of ${timeout} ms and the ${graceMs} ms after it`;
    const end = (): void => this.abandoned.terminate(call, reason);
    call.deadline = this.agenda.at(this.journal.at + graceMs, end);
  }

  private fail(call: CallRecord, timeout: number): void {
    const { name, spec, retries } = call;
    const failure: SystemFailure = {
      ...{ kind: 'system', code: 'TASK_TIMEOUT' },
      ...{ taskName: name, timeout },
    };
    const again = spec?.spec.task?.retriesTimeouts === true && retries !== 0;
    if (again && retries > 0) call.retries -= 1;
    const endsChildren = 'ran longer than its timeout';
    this.abandoned.abandon(call, failure, { again, endsChildren });
    this.cancellation.cancelChildren(call, endsChildren);
  }
}
