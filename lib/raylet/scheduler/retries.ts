import type { MethodPolicy, RemoteSpec } from '../../protocol/specs';
import type { Agenda } from './agenda';
import type { Journal } from './journal';
import type { ReadyQueue } from './ready-queue';
import type { ActorRecord, CallMessage, CallRecord, SpecRecord } from './records';
import { move } from './states';
import type { Workers } from './workers';

/** Most milliseconds between two attempts, unless more was asked for. */
const LONGEST_DELAY = 60_000;

/** Runs calls again whose errors are to be retried, at once or a while later. */
export class Retries {
  constructor(
    private readonly journal: Journal,
    private readonly agenda: Agenda,
    private readonly workers: Workers,
    private readonly queue: ReadyQueue,
  ) {}

  /** The task has failed, and `charge` allows one more attempt. */
  task(call: CallRecord): void {
    this.workers.remove(call);
    this.again(call, call.spec?.spec.task?.retryDelay, () => {
      if (call.spec !== undefined) this.queue.push(call, call.spec.shape);
    });
  }

  /**
   * Makes a call that is on no thread ready again, and has `go` called then.
   *
   * @param delay milliseconds before its first retry; further ones wait twice as long each
   */
  again(call: CallRecord, delay = 0, go: () => void): void {
    const { at } = this.journal;
    this.journal.log({ at, type: 'callRetried', call: call.id, attempt: call.attempt });
    const ready = (): void => {
      move(this.journal, call, 'ready');
      go();
    };
    if (delay === 0) return ready();
    const doubled = Math.min(LONGEST_DELAY, delay * 2 ** call.delays);
    call.delays += 1;
    call.dueAt = at + Math.max(delay, doubled);
    move(this.journal, call, 'delayed');
    this.agenda.at(call.dueAt, () => {
      // It may have ended otherwise meanwhile.
      if (call.state === 'delayed') ready();
    });
  }
}

/** Takes one of the attempts that the call has left; false when it has none, or was cancelled. */
export function charge(call: CallRecord): boolean {
  if (call.retries === 0 || call.state === 'abandoned') return false;
  if (call.retries > 0) call.retries -= 1;
  call.attempt += 1;
  call.suspendedFor = 0;
  return true;
}

/** How often a call may be run again; -1 without end. */
export function retriesOf(
  message: CallMessage,
  spec: SpecRecord | undefined,
  actor: ActorRecord | undefined,
): number {
  if (message.kind === 'task') return spec?.spec.maxRetries ?? 0;
  if (message.kind === 'creation' || actor === undefined) return 0;
  const { maxRetries, method } = message.call;
  if (maxRetries !== undefined) return maxRetries;
  const policy = actor.spec.spec.actor;
  if (policy === undefined) return 0;
  return methodPolicy(actor.spec.spec, method)?.maxTaskRetries ?? policy.maxTaskRetries ?? 0;
}

/** What the method has of its own, if anything. */
export function methodPolicy({ actor }: RemoteSpec, method: string): MethodPolicy | undefined {
  const methods = actor?.methods;
  return methods !== undefined && Object.hasOwn(methods, method) ? methods[method] : undefined;
}
