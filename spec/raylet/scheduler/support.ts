import type { CallId, ClientId, ObjectId } from '../../../lib/base/ids';
import type {
  ActorName,
  CrashReport,
  FromWorker,
  MethodCall,
  PendingWait,
  StreamPolicy,
  TaskCall,
  ToWorker,
  UnseenFailure,
  WorkerExit,
} from '../../../lib/protocol/messages';
import type { RemoteSpec } from '../../../lib/protocol/specs';
import type {
  EncodedValue,
  Failure,
  Outcome,
  Payload,
  SystemFailure,
  ThrownFailure,
} from '../../../lib/protocol/payload';
import type {
  SchedulerEvent,
  SchedulerMessage,
  SchedulerOptions,
} from '../../../lib/raylet/scheduler/events';
import type { Instruction } from '../../../lib/raylet/scheduler/instructions';
import { Scheduler } from '../../../lib/raylet/scheduler/scheduler';
import { inShort } from './in-short';

export const driver = 'n-0';

type EventBody = SchedulerEvent extends infer E
  ? E extends unknown
    ? Omit<E, 'at'>
    : never
  : never;
type CancelMessage = Extract<SchedulerMessage, { type: 'cancel' }> & { readonly from: ClientId };
type Judged = Extract<FromWorker, { type: 'judged' }>;
type RunMessage = Extract<ToWorker, { type: 'run' }>;

/** What a call is given beside its name; everything has a default. */
export interface CallParts {
  readonly from?: ClientId;
  readonly fn?: string;
  /** Top-level refs. */
  readonly refs?: readonly ObjectId[];
  /** Refs inside the arguments. */
  readonly inner?: readonly ObjectId[];
  readonly parent?: CallId;
  readonly depth?: number;
  readonly caller?: string;
  readonly aborted?: true;
  /** A generator. */
  readonly stream?: StreamPolicy;
  /** Of a creation: what the instance is found by. */
  readonly named?: ActorName;
  /** Of a method call. */
  readonly maxRetries?: number;
  readonly group?: string;
  readonly returns?: readonly ObjectId[];
}

/** A scheduler with its clock and short words for what happens to it; validated after each event. */
export class Bench {
  at = 0;
  /** Whether it is: that looks at everything there is. */
  validates = true;
  readonly scheduler: Scheduler;
  /** Instructions of the last event, in short form, one line each. */
  said: string[] = [];
  instructions: readonly Instruction[] = [];
  /** Every `run` so far, the newest last by call. */
  readonly runs = new Map<CallId, RunMessage & { readonly worker: string }>();
  /** The thread that each actor was last given. */
  readonly threads = new Map<string, string>();
  /** Of the last `judge`, by the child. */
  private readonly tokens = new Map<string, number>();

  constructor(options: Partial<SchedulerOptions> = {}) {
    const defaults = {
      node: 'n',
      numCpus: 2,
      resources: {},
      maxThreads: 16,
      idleTimeout: Infinity,
      // What they do is told without the ticks for it; specs of deadlocks look themselves.
      lookAfter: Infinity,
      watched: true,
    };
    this.scheduler = new Scheduler({ ...defaults, ...options }, 0);
  }

  /** One whose first workers stand ready. */
  static ready(options: Partial<SchedulerOptions> = {}): Bench {
    const bench = new Bench(options);
    for (let n = 1; n <= (options.numCpus ?? 2); n += 1) bench.online(`n-${n}`);
    return bench;
  }

  handle(event: EventBody): string[] {
    this.instructions = this.scheduler.handle({ ...event, at: this.at });
    if (this.validates) this.scheduler.validate();
    for (const one of this.instructions) {
      if (one.type === 'send' && one.message.type === 'run') {
        this.runs.set(one.message.call.id, { ...one.message, worker: one.to });
      }
      if (one.type === 'createActor') this.threads.set(one.call.actor, one.worker);
      if (one.type === 'send' && one.message.type === 'judge') {
        this.tokens.set(one.message.child.actorId, one.message.token);
      }
    }
    this.said = this.instructions.filter(({ type }) => type !== 'event').map(inShort);
    return this.said;
  }

  say(from: ClientId, message: SchedulerMessage): string[] {
    return this.handle({ type: 'messages', from, messages: [message] });
  }

  /** Failures that nobody has looked at so far. */
  unseen(): readonly UnseenFailure[] {
    this.handle({ type: 'drain', token: 0 });
    return this.instructions.flatMap((one) =>
      one.type === 'send' && one.message.type === 'drained' ? one.message.unseen : [],
    );
  }

  online(worker: string): string[] {
    return this.handle({ type: 'workerOnline', worker });
  }

  exited(
    worker: string,
    exit: Partial<WorkerExit> = {},
    started: readonly CallId[] = [],
  ): string[] {
    const claims = new Int32Array(256).fill(-1);
    for (const call of started) {
      const claim = this.runs.get(call)?.claim;
      if (claim !== undefined) claims[claim.slot] = (claim.turn << 2) | 1;
    }
    const full = { kind: 'error', reason: 'it crashed', lastLines: [], ...exit } as const;
    return this.handle({ type: 'workerExited', worker, exit: full, claims });
  }

  revoked(worker: string, ...calls: CallId[]): string[] {
    return this.handle({ type: 'revoked', worker, calls });
  }

  tick(later = 0): string[] {
    this.at += later;
    return this.handle({ type: 'tick' });
  }

  define(name: string, parts: Partial<RemoteSpec> = {}): string[] {
    return this.say(driver, { type: 'define', spec: specOf(name, parts) });
  }

  submit(id: CallId, parts: CallParts = {}): string[] {
    const { from = driver, fn = 'f' } = parts;
    return this.say(from, { type: 'submit', call: { ...callOf(id, parts), spec: fn } });
  }

  /** Lets the function be known to be short, by one call of `took` milliseconds. */
  teach(fn: string, took = 0.01): void {
    const id = `lesson ${fn} ${this.at} ${this.runs.size}`;
    this.submit(id, { fn });
    this.done(this.workerOf(id), id, 'taught', took);
  }

  /** Calls that have ended, of which the first, if it is long, may have loaded the code. */
  teachWell(fn: string, took: number): void {
    this.teach(fn, took);
    this.teach(fn, took);
  }

  /** The worker that has the call. */
  workerOf(id: CallId): string {
    return this.runs.get(id)?.worker ?? 'nowhere';
  }

  createActor(actor: string, parts: CallParts = {}): string[] {
    const { from = driver, fn = 'Counter' } = parts;
    const { named } = parts;
    const call = { ...callOf(`new ${actor}`, parts), spec: fn, actor, ...(named && { named }) };
    return this.say(from, { type: 'createActor', call });
  }

  callActor(
    actor: string,
    id: CallId,
    parts: CallParts & Partial<Pick<MethodCall, 'method' | 'retryDelay'>> = {},
  ): string[] {
    const { method = 'inc', maxRetries, retryDelay, group } = parts;
    const given = {
      ...(maxRetries !== undefined && { maxRetries }),
      ...(retryDelay !== undefined && { retryDelay }),
      ...(group !== undefined && { group }),
    };
    const call = { ...callOf(id, parts), actor, method, ...given };
    return this.say(parts.from ?? driver, { type: 'callActor', call });
  }

  alive(actor: string, worker = this.threads.get(actor) ?? 'nowhere'): string[] {
    return this.handle({ type: 'actorAlive', actor, worker });
  }

  kill(actor: string, restart = false, from: ClientId = driver): string[] {
    return this.say(from, { type: 'killActor', actor, restart });
  }

  exitActor(actor: string, call: CallId, from = this.threads.get(actor) ?? 'nowhere'): string[] {
    return this.say(from, { type: 'exitActor', actor, call });
  }

  died(actor: string, cause?: Failure): string[] {
    return this.handle({ type: 'actorDied', actor, failure: deathOf(actor, cause) });
  }

  /** The call threw, and `onCrash` of its instance said so. */
  crash(worker: string, call: CallId, crash: Partial<CrashReport> = {}): string[] {
    const outcome = { ok: false, failure: thrown(call) } as const;
    const report = { ...escalated(call), ...crash };
    return this.say(worker, {
      type: 'done',
      call,
      outcome,
      took: 1,
      blocked: false,
      crash: report,
    });
  }

  /** Answers the last `judge` that the worker was sent. */
  judge(worker: string, child: string, parts: Partial<Judged> = {}): string[] {
    const token = this.tokens.get(child) ?? -1;
    return this.say(worker, { type: 'judged', child, token, ...parts });
  }

  done(worker: string, call: CallId, value: Payload = call, took = 100): string[] {
    return this.end(worker, call, { ok: true, value }, took);
  }

  /** A call with several returns ends. */
  doneAll(worker: string, call: CallId, first: Payload, ...rest: Payload[]): string[] {
    const outcome = { ok: true, value: first } as const;
    return this.say(worker, { type: 'done', call, outcome, rest, took: 100, blocked: false });
  }

  /** The call fails by an error that is to be retried. */
  failAgain(worker: string, call: CallId): string[] {
    const outcome = { ok: false, failure: thrown(call) } as const;
    return this.say(worker, {
      type: 'done',
      call,
      outcome,
      retry: true,
      took: 100,
      blocked: false,
    });
  }

  fail(worker: string, call: CallId, took = 100): string[] {
    return this.end(worker, call, { ok: false, failure: thrown(call) }, took);
  }

  wait(worker: string, task: CallId, ...waits: PendingWait[]): string[] {
    return this.say(worker, { type: 'waiting', task, waits, blocking: false });
  }

  waitSync(worker: string, task: CallId, ...waits: PendingWait[]): string[] {
    return this.say(worker, { type: 'waiting', task, waits, blocking: true });
  }

  cancel(ids: ObjectId | ObjectId[], parts: Partial<CancelMessage> = {}): string[] {
    const usual = { force: false, recursive: true, reason: 'cancel() was called' };
    const list = Array.isArray(ids) ? ids : [ids];
    return this.say(parts.from ?? driver, { ...usual, ...parts, type: 'cancel', ids: list });
  }

  /** The body of a call that has a timeout begins. */
  started(call: CallId): string[] {
    const { worker = 'nowhere', attempt = 0 } = this.runs.get(call) ?? {};
    return this.say(worker, { type: 'started', call, attempt });
  }

  yielded(worker: string, call: CallId, index: number, value: Payload = call): string[] {
    return this.say(worker, { type: 'yielded', call, index, value });
  }

  /** The generator pauses until so many of its items are taken. */
  pause(worker: string, task: CallId, taken: number): string[] {
    return this.wait(worker, task, {
      id: 1000 + taken,
      refs: [],
      count: 1,
      failFast: false,
      taken,
    });
  }

  taken(stream: CallId, count: number, from: ClientId = driver): string[] {
    return this.say(from, { type: 'taken', stream, count });
  }

  leave(
    stream: CallId,
    known: number,
    from: ClientId = driver,
    goesOn: 'no' | 'for others' | 'yes' = 'no',
  ): string[] {
    return this.say(from, { type: 'leaveStream', stream, known, goesOn });
  }

  put(id: ObjectId, value: Payload = id, from: ClientId = driver): string[] {
    return this.say(from, { type: 'put', id, value });
  }

  want(from: ClientId, ...ids: ObjectId[]): string[] {
    return this.say(from, { type: 'want', ids });
  }

  look(...ids: ObjectId[]): string[] {
    return this.say(driver, { type: 'looked', ids });
  }

  release(from: ClientId, id: ObjectId, received = 1): string[] {
    return this.say(from, { type: 'release', ids: [[id, received]] });
  }

  private end(worker: string, call: CallId, outcome: Outcome, took: number): string[] {
    return this.say(worker, { type: 'done', call, outcome, took, blocked: false });
  }
}

export function specOf(name: string, parts: Partial<RemoteSpec> = {}): RemoteSpec {
  const code = { id: `code ${name}`, parcels: [] };
  const kind = /^[A-Z]/.test(name) ? 'class' : 'function';
  const resources = kind === 'class' ? {} : { CPU: 1 };
  return { id: name, kind, name, code, resources, maxRetries: 3, blocking: false, ...parts };
}

export function callOf(id: CallId, parts: CallParts): Omit<TaskCall, 'spec'> {
  const { refs = [], inner = [], parent, depth = parent === undefined ? 0 : 1, stream } = parts;
  return {
    id,
    args: inner.length > 0 ? encoded('args', { refs: inner }) : 'args',
    ...(refs.length > 0 && { refArgs: refs.map((ref, index) => [index, ref] as const) }),
    ...(parent !== undefined && { parent }),
    ...(parts.aborted && { aborted: parts.aborted }),
    ...(stream && { stream }),
    depth,
    caller: parts.caller ?? parent ?? 'driver',
    ...(parts.returns && { returns: parts.returns }),
  };
}

export const encoded = (text: string, parts: Partial<EncodedValue> = {}): EncodedValue => ({
  format: 'text',
  bytes: new TextEncoder().encode(text),
  ...parts,
});

export const thrown = (task: string): ThrownFailure => ({
  kind: 'thrown',
  task,
  error: `${task} threw`,
});

export const escalated = (task: string): CrashReport => ({
  directive: 'escalate',
  during: { method: 'm' },
  failure: thrown(task),
});

export const deathOf = (actor: string, cause?: Failure): SystemFailure => ({
  kind: 'system',
  code: 'ACTOR_DIED',
  actorName: 'Counter',
  actorId: actor,
  reason: 'it died',
  ...(cause !== undefined && { cause }),
});

/** A wait for `count` of the refs; all of them unless told. */
export const waitFor = (id: number, refs: ObjectId[], count = refs.length): PendingWait => ({
  id,
  refs,
  count,
  failFast: false,
});
