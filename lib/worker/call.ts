import type { Clock } from '../base/clock';
import { callContext, type CallContext } from '../protocol/context';
import { ExitSignal } from '../protocol/exit-signal';
import type { Dependencies, MethodCall, TaskCall, CreateActor } from '../protocol/messages';
import {
  isEncoded,
  type Failure,
  type Outcome,
  type Payload,
  type SystemFailure,
} from '../protocol/payload';
import type { ParcelId } from '../base/ids';
import type { RetryRule } from '../base/options/remote';
import type { ClientHost } from '../protocol/host';
import type { OutputGauge } from '../protocol/output-gauge';
import type { Aborts } from './aborts';
import type { CallbackBook } from './callbacks';
import { judge } from './retry-rule';
import { ReturnsError, valuesOf } from './returns';
import { isThenable } from './thenable';
import type { CodeSource, ValueCodec, WorkerReport } from './tools';

/** What a call can do to the thread, or the instance, that it runs on. */
export interface CallThread {
  poison(reason: string, culprit: UserCall, error?: Payload): void;
  exitActor(context: CallContext): never;
}

export interface CallTools {
  readonly codec: ValueCodec;
  readonly code: CodeSource;
  readonly clock: Clock;
  /** Sends at once: whatever runs next may hold the thread for long. */
  readonly report: (report: WorkerReport) => void;
  readonly client: Pick<ClientHost, 'callEnded' | 'callAborted' | 'pause' | 'discard'>;
  readonly aborts: Aborts;
  /** Tells when the raylet cannot follow. */
  readonly gauge: Pick<OutputGauge, 'add' | 'full'>;
  readonly thread: CallThread;
  /** Closes a line that the call has begun to print. */
  readonly endLine: (call: UserCall) => void;
  /** Prints a line of rayx itself, in the name of a task or an actor. */
  readonly note: (source: string, text: string) => void;
  readonly callbacks: CallbackBook;
}

/** What is not the same for all calls. */
export interface CallTraits {
  /** How many values its result becomes; undefined for the result itself. */
  readonly returns?: number | undefined;
  /** Asked when it has failed: which of its errors are retried. */
  readonly retryRule?: () => RetryRule | undefined;
  /**
   * Code of the user's beside the body that belongs to the call all the same, run when that has
   * ended: with what it threw, if it threw. The call ends behind it.
   */
  readonly epilogue?: (thrown: { readonly error: unknown } | undefined) => void | Promise<void>;
}

const NO_TRAITS: CallTraits = {};

/** How a call ended, for whoever reports it. */
export interface CallEnd {
  readonly outcome: Outcome;
  /** The values after the first, where there are several. */
  readonly rest?: readonly Payload[];
  /** Its error is to be retried. */
  readonly retry?: true;
  /** Milliseconds since it began. */
  readonly took: number;
  /** It called `process.exit` with this code. */
  readonly exitCode?: number;
}

/**
 * The call that a context is of. Not in a WeakMap: an entry whose value holds its key outlives every
 * collection but the great ones.
 */
const owner = Symbol('rayx.owner');
type OwnedContext = CallContext & { [owner]?: UserCall };

/**
 * What the guards of the thread need: which call an error, an exit or a line belongs to, as it owns
 * the current asynchronous context, ended or not.
 */
export function currentCall(): UserCall | undefined {
  const context: OwnedContext | undefined = callContext.getStore();
  return context?.[owner];
}

/** One attempt to run user code, from its arguments to its outcome. It ends exactly once. */
export class UserCall {
  private started = 0;
  private release: (() => void) | undefined;
  /** It was told to end before it began. */
  private readonly stillborn: SystemFailure | undefined;
  private concluding = false;
  private onEnd: ((end: CallEnd) => void) | undefined;
  private traits: CallTraits;

  constructor(
    readonly context: CallContext,
    /** The task's name, or the class of the actor: who writes its output. */
    readonly label: string,
    private readonly tools: CallTools,
    onEnd: (end: CallEnd) => void,
    traits: CallTraits = NO_TRAITS,
  ) {
    this.onEnd = onEnd;
    this.traits = traits;
    (context as OwnedContext)[owner] = this;
    this.stillborn = tools.aborts.begin(context);
  }

  /**
   * Runs `body` with everything that belongs to this call as its asynchronous context. Answers a
   * promise only when the call did not end at once.
   */
  run(parcels: readonly ParcelId[], body: () => unknown): void | Promise<void> {
    const { clock, code } = this.tools;
    this.started = clock.now();
    callContext.run(this.context, () => {
      try {
        const prepared = code.prepare(parcels);
        const result =
          prepared === undefined
            ? this.resultOf(body)
            : prepared.then(() => this.context.ended || this.resultOf(body));
        if (!isThenable(result)) this.succeed(result);
        else {
          Promise.resolve(result).then(
            (value) => this.succeed(value),
            (error: unknown) => this.fail(error),
          );
        }
      } catch (error) {
        this.fail(error);
      }
    });
    if (this.context.ended) return undefined;
    return new Promise((resolve) => {
      this.release = resolve;
    });
  }

  /** Whether it may run; to be asked when its arguments were read. */
  mayRun(): boolean {
    if (this.stillborn !== undefined) this.refuse(this.stillborn);
    return !this.context.ended && this.context.abortedBy === undefined;
  }

  fail(error: unknown): void {
    if (this.context.ended || this.concluding) return;
    if (error instanceof ReturnsError) {
      return this.refuse({ kind: 'system', code: 'INVALID_CALL', message: error.message });
    }
    // A call that leaves by its own will is nothing to ask about.
    const rule = error instanceof ExitSignal ? undefined : this.traits.retryRule?.();
    const verdict = judge(rule, error);
    const failure = this.failureOf(verdict.error);
    this.conclude({ ok: false, failure }, { error }, verdict.retry ? { retry: true } : {});
  }

  private failureOf(error: unknown): Failure {
    const { name, refused } = this.context;
    if (refused === undefined || refused.error !== error) {
      return { kind: 'thrown', task: name, error: this.tools.codec.encodeThrown(error) };
    }
    // It would have waited for ever, and lets that error through: that is what it fails with.
    const { stack } = refused.error;
    return { ...refused.failure, ...(stack !== undefined && { stack }) };
  }

  refuse(failure: Failure): void {
    this.end({ ok: false, failure });
  }

  exit(exitCode: number): void {
    const reason = `${this.context.name} called process.exit(${exitCode})`;
    this.end(
      {
        ok: false,
        failure: {
          kind: 'system',
          code: 'WORKER_CRASHED',
          taskName: this.context.name,
          reason,
          lastLines: [],
        },
      },
      { exitCode },
    );
  }

  /** It is told to end, and whatever it still does nobody hears of. */
  abandon(failure: SystemFailure): void {
    if (this.context.ended) return;
    this.tools.client.callAborted(this.context, failure);
    this.close();
    this.release?.();
  }

  /** Nothing more is to run where it does. */
  poison(reason: string, error?: unknown): void {
    const { codec, thread } = this.tools;
    thread.poison(reason, this, error === undefined ? undefined : codec.encodeThrown(error));
  }

  /** Its instance ends. */
  leave(): never {
    return this.tools.thread.exitActor(this.context);
  }

  private resultOf(body: () => unknown): unknown {
    const count = this.traits.returns;
    if (count === undefined) return body();
    const note = (text: string): void => this.tools.note(this.label, text);
    return valuesOf(body(), { name: this.context.name, count, note });
  }

  private succeed(value: unknown): void {
    if (this.context.ended) return;
    const { codec } = this.tools;
    let first: Payload;
    let rest: readonly Payload[] | undefined;
    try {
      if (this.traits.returns === undefined) first = codec.encode(value, 'result');
      else {
        const values = value as readonly unknown[];
        const payloads = values.map((one, at) => codec.encode(one, `result[${at}]`));
        [first, ...rest] = payloads;
      }
    } catch (error) {
      this.fail(error);
      return;
    }
    this.conclude({ ok: true, value: first }, undefined, rest === undefined ? {} : { rest });
  }

  /** The body has ended, and how: that stands, whatever else the call still does. */
  private conclude(
    outcome: Outcome,
    thrown: { readonly error: unknown } | undefined,
    more: Pick<CallEnd, 'rest' | 'retry'> = {},
  ): void {
    const { epilogue } = this.traits;
    if (this.concluding) return;
    this.concluding = true;
    const pending = epilogue && callContext.run(this.context, epilogue, thrown);
    if (pending === undefined) this.end(outcome, more);
    else void pending.then(() => this.end(outcome, more));
  }

  private end(outcome: Outcome, more: Pick<CallEnd, 'rest' | 'retry' | 'exitCode'> = {}): void {
    if (this.context.ended) return;
    const took = this.tools.clock.now() - this.started;
    const { onEnd } = this;
    this.close();
    onEnd?.({ outcome, took, ...more });
    this.release?.();
  }

  private close(): void {
    const { client, aborts, endLine } = this.tools;
    endLine(this);
    this.context.ended = true;
    client.callEnded(this.context);
    aborts.ended(this.context.call);
    // What it leaves behind, a timer say, knows the call for ever: not so what the call was given.
    this.onEnd = undefined;
    this.traits = NO_TRAITS;
  }
}

/**
 * The arguments as the body sees them: top-level refs replaced by their values. To be read before
 * anything can refuse the call: what is sent counts as held until it was read and let go.
 */
export function decodeArguments(
  codec: ValueCodec,
  call: TaskCall | MethodCall | CreateActor,
  values: Dependencies = [],
): unknown[] {
  const args = codec.decodeOnce(call.args) as unknown[];
  if (call.refArgs === undefined) return args;
  const decoded = new Map(values.map(([object, value]) => [object, codec.decodeOnce(value)]));
  for (const [index, object] of call.refArgs) args[index] = decoded.get(object);
  return args;
}

/**
 * Parcels that must be prepared before a call's arguments can be decoded.
 *
 * @param others those that are needed before its code can run
 */
export function parcelsOf(
  args: Payload,
  values: Dependencies = [],
  others: readonly ParcelId[] = NONE,
): readonly ParcelId[] {
  const parcels = withCode(others, args);
  return values.reduce((sum, [, value]) => withCode(sum, value), parcels);
}

const NONE: readonly ParcelId[] = [];

/** Mostly nothing is added, and nothing is copied. */
const withCode = (parcels: readonly ParcelId[], payload: Payload): readonly ParcelId[] =>
  isEncoded(payload) && payload.code !== undefined ? [...parcels, ...payload.code] : parcels;
