import type { CallId } from '../../base/ids';
import { hasStarted } from '../../protocol/claims';
import type { FromWorker, LogLine, WorkerExit } from '../../protocol/messages';
import type { Payload, SystemFailure } from '../../protocol/payload';
import type { Abandoned } from './abandoned';
import type { Calls } from './calls';
import type { Hand } from './hand';
import type { Journal } from './journal';
import type { Lives } from './lives';
import type { ObjectDirectory } from './objects';
import { type ActorRecord, type CallRecord, isSuspended, type WorkerRecord } from './records';
import type { Streams } from './streams';
import type { Waiting } from './waiting';
import type { Workers } from './workers';

type Poisoned = Extract<FromWorker, { type: 'poisoned' }>;

/** What becomes of calls whose thread ends, or that end it. */
export class Faults {
  constructor(
    private readonly journal: Journal,
    private readonly objects: ObjectDirectory,
    private readonly calls: Calls,
    private readonly workers: Workers,
    private readonly hand: Hand,
    private readonly waiting: Waiting,
    private readonly lives: Lives,
    private readonly abandoned: Abandoned,
    private readonly streams: Streams,
  ) {}

  /** A thread has ended: what had not started goes elsewhere, what had is run again or fails. */
  workerExited(worker: WorkerRecord, exit: WorkerExit, claims: Int32Array | undefined): void {
    this.workers.end(worker, exit.reason);
    this.lives.threadEnded(worker, exit);
    const started: CallRecord[] = [];
    for (const call of [...worker.calls]) {
      const { slot, turn } = call;
      if (slot < 0 || (claims !== undefined && hasStarted(claims, { slot, turn }))) {
        started.push(call);
      } else {
        this.hand.requeue(call);
      }
    }
    const culprits = culpritsAmong(started, worker.culprit, exit.kind === 'forced');
    const names = culprits.map(({ name }) => name).join(' or ');
    for (const call of started) {
      const guilty = culprits.includes(call);
      const reason = guilty || names === '' ? exit.reason : `${names} ended it: ${exit.reason}`;
      const code = guilty && exit.kind === 'heap' ? 'OUT_OF_MEMORY' : 'WORKER_CRASHED';
      this.lose(call, guilty, failureOf(call, code, reason, exit.lastLines));
    }
    this.objects.releaseAll(worker.client);
    this.streams.readerEnded(worker.client);
  }

  /** The task called `process.exit`: for it alone the worker has died. */
  calledExit(call: CallRecord, exitCode: number, lastLines: readonly LogLine[] = []): void {
    const reason = `${call.name} called process.exit(${exitCode})`;
    if (call.actor !== undefined) this.lives.crash(call.actor, { reason });
    else this.lose(call, true, failureOf(call, 'WORKER_CRASHED', reason, lastLines));
  }

  /** An uncaught error made the thread unfit: it gets no more calls, and goes when it is empty. */
  poisoned(worker: WorkerRecord, { reason, culprit, error, actor }: Poisoned): void {
    if (worker.host !== undefined) {
      // Neighbours go on.
      for (const tenant of [...worker.host.tenants]) {
        if (actor === undefined || tenant.id === actor) this.crashed(tenant, reason, error);
      }
      return;
    }
    worker.culprit = culprit;
    this.workers.drain(worker);
    this.hand.askBack(worker, worker.calls);
  }

  private crashed(actor: ActorRecord, reason: string, error: Payload | undefined): void {
    const task = actor.spec.spec.name;
    const cause = error !== undefined && ({ kind: 'thrown', task, error } as const);
    this.lives.crash(actor, { reason, ...(cause && { cause }) });
  }

  /** Runs a started call again, or fails it. The one that ended the thread is charged a retry. */
  private lose(call: CallRecord, guilty: boolean, failure: SystemFailure): void {
    this.calls.attemptDied(call);
    this.waiting.clear(call);
    if (call.state === 'abandoned') return this.abandoned.ended(call);
    const runsAgain = guilty ? call.retries !== 0 : call.spec?.spec.maxRetries !== 0;
    if (!runsAgain) {
      this.workers.remove(call);
      this.calls.finish(call, { ok: false, failure });
      return;
    }
    if (guilty && call.retries > 0) call.retries -= 1;
    call.attempt += 1;
    call.suspendedFor = 0;
    const { at } = this.journal;
    this.journal.log({ at, type: 'callRetried', call: call.id, attempt: call.attempt });
    this.hand.requeue(call);
  }
}

/** Whose fault it is: the one that is named, else whatever was running. */
function culpritsAmong(
  started: readonly CallRecord[],
  named: CallId | undefined,
  forced: boolean,
): CallRecord[] {
  const known = started.filter(({ id }) => id === named);
  // A thread that was ended on purpose was ended for the named one alone.
  if (known.length > 0 || forced) return known;
  const running = started.filter((call) => !isSuspended(call));
  return running.length > 0 || started.length > 1 ? running : [...started];
}

const failureOf = (
  { name, attempt }: CallRecord,
  code: 'WORKER_CRASHED' | 'OUT_OF_MEMORY',
  reason: string,
  lastLines: readonly LogLine[],
): SystemFailure => ({
  ...{ kind: 'system', code, taskName: name, reason, lastLines: wordsOf(name, lastLines) },
  ...(attempt > 0 && { attempts: attempt + 1 }),
});

/** How many lines of a task its error tells. */
const TOLD_LINES = 5;

/** What it has printed last, and nobody else on its thread. */
const wordsOf = (name: string, lines: readonly LogLine[]): readonly string[] =>
  lines.flatMap(({ source, text }) => (source === name ? text : [])).slice(-TOLD_LINES);
