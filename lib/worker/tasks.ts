import { spawn, spawnEphemeral, type ActorRef, type ActorSystem } from '../nact/actors';
import type { SpecId } from '../base/ids';
import type { ClaimTable } from '../protocol/claims';
import type { ToWorker } from '../protocol/messages';
import type { RemoteSpec } from '../protocol/specs';
import { parcelsOfSpec } from './callbacks';
import { decodeArguments, parcelsOf, UserCall, type CallEnd, type CallTools } from './call';
import type { Streams } from './streams';

export type Run = Extract<ToWorker, { type: 'run' }>;

export interface TasksOptions {
  readonly system: ActorSystem;
  readonly tools: CallTools;
  readonly streams: Streams;
  readonly specs: ReadonlyMap<SpecId, RemoteSpec>;
  readonly claims: ClaimTable;
  /** A call ended; there may be nothing left. */
  readonly onEnd: () => void;
}

/**
 * The tasks of a worker. Calls handed over ahead of time lie in hand until the thread is empty, and
 * may be taken back until the moment they start; each one that starts is an actor of its own.
 */
export class Tasks {
  private readonly place: ActorRef<never>;
  private readonly hand: Run[] = [];
  private active = 0;

  constructor(private readonly options: TasksOptions) {
    this.place = spawn<undefined, never>(options.system, 'tasks', () => undefined, {
      initialState: undefined,
    });
  }

  /** No call runs here and none lies in hand. */
  get idle(): boolean {
    return this.active === 0 && this.hand.length === 0;
  }

  /** Forgets the calls in hand: they have not started, and run elsewhere. */
  drop(): void {
    this.hand.length = 0;
  }

  add(run: Run): void {
    if (run.beside) {
      this.start(run);
    } else {
      this.hand.push(run);
      this.startNext();
    }
  }

  private startNext(): void {
    while (this.active === 0) {
      const next = this.hand.shift();
      if (next === undefined) return;
      this.start(next);
    }
  }

  private start(run: Run): void {
    // The raylet may have taken it back, and then it runs elsewhere.
    if (!this.options.claims.start(run.claim)) return;
    this.active += 1;
    this.options.tools.aborts.expect(run.call.id);
    const name = `${this.specOf(run).name}-${run.call.id}-${run.attempt}`;
    spawnEphemeral(this.place, name, run, (received) => this.execute(received));
  }

  private execute(run: Run): void | Promise<void> {
    const { call, attempt, values } = run;
    const { tools, streams } = this.options;
    const spec = this.specOf(run);
    const context = {
      call: call.id,
      name: spec.name,
      // People count from 1.
      attempt: attempt + 1,
      depth: call.depth,
      caller: `${call.id}#${attempt}`,
      ended: false,
      blocked: false,
    };
    const user = new UserCall(context, spec.name, tools, (end) => this.report(user, end), {
      returns: call.returns?.length,
      retryRule: () => tools.callbacks.of(spec)?.retryExceptions,
    });
    return user.run([...parcelsOfSpec(spec), ...parcelsOf(call.args, values)], () => {
      const args = decodeArguments(tools.codec, call, values);
      if (!user.mayRun()) return undefined;
      if (spec.task?.timeout !== undefined) {
        tools.report({ type: 'started', call: call.id, attempt });
      }
      const body = tools.code.resolve(spec.code.id) as (...args: unknown[]) => unknown;
      const result = body(...args);
      return call.stream === undefined ? result : streams.run(user, result, call.stream);
    });
  }

  private report({ context }: UserCall, end: CallEnd): void {
    const { call, blocked } = context;
    this.options.tools.report({ type: 'done', call, blocked, ...end });
    this.active -= 1;
    this.startNext();
    this.options.onEnd();
  }

  private specOf({ call }: Run): RemoteSpec {
    const spec = this.options.specs.get(call.spec);
    if (spec === undefined) throw new Error(`the spec of task ${call.id} never came`);
    return spec;
  }
}
