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
 * Most actors on their way at once. Each takes a turn of the event loop if it comes alone, and a turn
 * costs more than a small task.
 */
const MOST_COMING = 16;

/** A call in hand. */
interface Held {
  readonly run: Run;
  /** An actor for it is on its way. */
  coming: boolean;
}

/**
 * The tasks of a worker. Calls handed over ahead of time lie in hand until the thread is empty, and
 * may be taken back until the moment they start; each one that starts is an actor of its own.
 */
export class Tasks {
  private readonly place: ActorRef<never>;
  private readonly hand: Held[] = [];
  private active = 0;
  /** For how many calls actors are to be on their way: where tasks go on for turns, for one. */
  private ahead = 1;

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
      this.active += 1;
      this.options.tools.aborts.expect(run.call.id);
      this.spawn(run, run, this.start);
    } else {
      this.hand.push({ run, coming: false });
      this.callNext();
    }
  }

  /** Sees that actors are on their way for the next calls, if the thread is empty. */
  private callNext(): void {
    if (this.active > 0) return;
    for (let at = 0; at < this.ahead; at += 1) {
      const held = this.hand[at];
      if (held === undefined) return;
      if (held.coming) continue;
      held.coming = true;
      this.options.tools.aborts.expect(held.run.call.id);
      this.spawn(held.run, held, this.startHeld);
    }
  }

  private spawn<Message>(
    run: Run,
    message: Message,
    handle: (message: Message) => void | Promise<void>,
  ): void {
    // Of one that was taken back the function may be forgotten.
    const { name: task = 'task' } = this.options.specs.get(run.call.spec) ?? {};
    const name = `${task}-${run.call.id}-${run.attempt}`;
    spawnEphemeral(this.place, name, message, handle);
  }

  /** The call's turn has come, unless one before it has not ended: then it stays in hand. */
  private readonly startHeld = (held: Held): void | Promise<void> => {
    held.coming = false;
    if (this.active > 0 || this.hand[0] !== held) {
      this.ahead = 1;
      return undefined;
    }
    this.ahead = Math.min(MOST_COMING, this.ahead * 2);
    this.hand.shift();
    this.active += 1;
    return this.start(held.run);
  };

  private readonly start = (run: Run): void | Promise<void> => {
    if (this.options.claims.start(run.claim)) return this.execute(run);
    // The raylet has taken it back, and it runs elsewhere.
    this.options.tools.aborts.ended(run.call.id);
    this.left();
    return undefined;
  };

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
    return user.run(parcelsOf(call.args, values, parcelsOfSpec(spec)), () => {
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
    this.left();
  }

  private left(): void {
    this.active -= 1;
    this.callNext();
    this.options.onEnd();
  }

  private specOf({ call }: Run): RemoteSpec {
    const spec = this.options.specs.get(call.spec);
    if (spec === undefined) throw new Error(`the spec of task ${call.id} never came`);
    return spec;
  }
}
