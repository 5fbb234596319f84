import {
  ActorDiedError,
  ActorUnavailableError,
  availableResources,
  cancel,
  clusterResources,
  explain,
  get,
  GetTimeoutError,
  kill,
  remote,
  TaskCancelledError,
  TaskError,
  TaskTimeoutError,
  WorkerCrashedError,
  type ActorHandle,
  type ObjectRef,
} from 'rayx';
import { Random } from '../raylet/scheduler/random';
import * as programs from './programs';
import { validateRuntime } from './validate-runtime';

/** A call under way, and what may become of it. */
interface Bet {
  readonly what: string;
  readonly ref: ObjectRef<unknown>;
  /** Whether a value is the right one. */
  readonly isRight: (value: unknown) => boolean;
  /** Whether an error is one that may come of it. */
  mayFail: (error: unknown) => boolean;
}

/** What came of a run, for people. */
export interface Tally {
  readonly calls: number;
  readonly values: number;
  readonly errors: ReadonlyMap<string, number>;
}

type Doubler = ActorHandle<programs.Doubler>;
type ErrorClass = abstract new (...args: never[]) => unknown;

/** How long the calls of one round may take altogether, in milliseconds: far more than they need. */
const PATIENCE = 60_000;

/**
 * Mixed calls, cancellations, killed actors and lost threads, in an order that `seed` decides. Throws
 * when a ref stays pending, a value or an error is wrong, or something is not as it was afterwards.
 */
export class Chaos {
  private readonly random: Random;
  private readonly Doubler = remote(programs.Doubler, { maxRestarts: -1, maxTaskRetries: -1 });
  private readonly Fragile = remote(programs.Doubler, { maxRestarts: 1 });
  private readonly Wide = remote(programs.Doubler, { maxConcurrency: 8, maxRestarts: -1 });
  private actors: Doubler[] = [];
  private readonly errors = new Map<string, number>();
  private calls = 0;
  private values = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  get tally(): Tally {
    const { calls, values, errors } = this;
    return { calls, values, errors };
  }

  /** So many calls at once, then the reckoning. */
  async round(calls: number): Promise<void> {
    const { random } = this;
    this.actors = [this.Doubler.remote(), this.Fragile.remote(), this.Wide.remote()];
    const bets: Bet[] = [];
    for (let count = 0; count < calls; count += 1) {
      bets.push(random.chance(0.3) ? this.callActor() : this.callTask(bets));
      if (random.chance(0.08)) this.cancelOne(bets);
      if (random.chance(0.01)) this.killOne(bets);
      if (random.chance(0.02)) bets.push(...(await this.readStream()));
      // The rest of the round comes while these run.
      if (random.chance(0.05)) await new Promise(setImmediate);
    }
    await this.settle(bets);
    for (const actor of this.actors) kill(actor);
    this.actors = [];
    await this.expectAllBack();
  }

  private callTask(bets: readonly Bet[]): Bet {
    const { random } = this;
    const x = random.below(1000);
    const right = doubleOf(x);
    switch (random.below(13)) {
      case 0:
        return bet('later', programs.later.remote(x, random.below(5)), right);
      case 1:
        return bet('spin', programs.spin.remote(x, random.below(3)), right);
      case 2:
        return bet('fail', programs.fail.remote(x), none, taskErrorOf(RangeError));
      case 3: {
        const isRight = (value: unknown): boolean =>
          value instanceof Float64Array && value.length === 4096 && value[4095] === 2 * x;
        return bet('spread', programs.spread.remote(x), isRight);
      }
      case 4:
        return bet('tree', programs.tree.remote(x, 1 + random.below(3)), right, lostChild);
      case 5:
        return bet('crash', programs.crash.remote(x, random.below(3)), right);
      case 6:
        if (random.chance(0.7)) return double(x);
        return bet('quit', programs.quit.remote(x), none, isA(WorkerCrashedError));
      case 7: {
        if (random.chance(0.9)) return double(x);
        const mayFail = anyOf(taskErrorOf(Error), isA(WorkerCrashedError));
        return bet('explode', programs.explode.remote(x), none, mayFail);
      }
      case 8:
        return bet('flaky', programs.flaky.remote(x, random.below(4)), right);
      case 9:
        if (random.chance(0.9)) return double(x);
        return bet('linger', programs.linger.remote(x), none, isA(TaskTimeoutError));
      case 10:
        return this.dependant(bets);
      default:
        return double(x);
    }
  }

  /** The double of whatever another call answers, or the error it has. */
  private dependant(bets: readonly Bet[]): Bet {
    const x = this.random.below(1000);
    const on = this.random.pick(bets.filter(({ what }) => what === 'double'));
    if (on === undefined) return double(x);
    const isRight = (value: unknown): boolean => on.isRight(Number(value) / 2);
    // What may become of the other may still change, by being cancelled for instance.
    const mayFail = (error: unknown): boolean =>
      error instanceof TaskError && on.mayFail(rootOf(error));
    return bet('dependant', programs.double.remote(on.ref as ObjectRef<number>), isRight, mayFail);
  }

  private callActor(): Bet {
    const { random } = this;
    const x = random.below(1000);
    const actor = random.pick(this.actors);
    if (actor === undefined) throw new Error('a round has actors');
    const right = doubleOf(x);
    const gone = anyOf(isA(ActorDiedError), isA(ActorUnavailableError));
    switch (random.below(8)) {
      case 0:
        return bet('method later', actor.later.remote(x, random.below(5)), right, gone);
      case 1:
        return bet('method fail', actor.fail.remote(x), none, anyOf(taskErrorOf(RangeError), gone));
      case 2:
        return bet('method tree', actor.tree.remote(x, 2), right, anyOf(lostChild, gone));
      case 3:
        if (random.chance(0.9)) break;
        return bet('method crash', actor.crash.options({ maxTaskRetries: 0 }).remote(), none, gone);
      default:
    }
    return bet('method double', actor.double.remote(x), right, gone);
  }

  private cancelOne(bets: readonly Bet[]): void {
    const chosen = this.random.pick(bets);
    if (chosen === undefined) return;
    const { mayFail } = chosen;
    chosen.mayFail = anyOf(mayFail, isA(TaskCancelledError));
    const force = this.random.chance(0.2) && !chosen.what.startsWith('method');
    cancel(chosen.ref, { force });
    // Whatever shares the thread and may not run again goes with it; others only notice by the time.
    if (force)
      for (const other of bets) if (other.what === 'explode') allow(other, WorkerCrashedError);
  }

  private killOne(bets: readonly Bet[]): void {
    const at = this.random.below(this.actors.length);
    const actor = this.actors[at];
    if (actor === undefined) return;
    kill(actor, { noRestart: this.random.chance(0.5) });
    for (const one of bets) {
      if (one.what.startsWith('method')) allow(one, ActorDiedError, ActorUnavailableError);
    }
    this.actors[at] = this.Doubler.remote();
  }

  /** A stream read to its end, or left early. */
  private async readStream(): Promise<Bet[]> {
    const { random } = this;
    const length = random.below(20);
    const stop = random.chance(0.3) ? random.below(10) : Infinity;
    const bets: Bet[] = [];
    for await (const ref of programs.count.remote(length, random.below(2))) {
      const at = bets.length;
      bets.push(bet('item', ref, (value) => value === at));
      if (bets.length > stop) return bets;
    }
    if (bets.length !== length) throw new Error(`a stream of ${length} gave ${bets.length}`);
    return bets;
  }

  private async settle(bets: readonly Bet[]): Promise<void> {
    const outcomes = await Promise.allSettled(
      bets.map(({ ref }) => get(ref, { timeout: PATIENCE })),
    );
    outcomes.forEach((outcome, at) => {
      const one = bets[at];
      if (one === undefined) return;
      this.calls += 1;
      if (outcome.status === 'fulfilled') {
        this.values += 1;
        if (!one.isRight(outcome.value)) throw new Error(`${one.what}: ${String(outcome.value)}`);
        return;
      }
      const error: unknown = outcome.reason;
      if (error instanceof GetTimeoutError) {
        throw new Error(`${one.what} hangs: ${explain(one.ref).reason}`);
      }
      if (!one.mayFail(error)) throw new Error(`${one.what} failed`, { cause: error });
      const { name } = error as Error;
      this.errors.set(name, (this.errors.get(name) ?? 0) + 1);
    });
  }

  /** Threads that were ended by force may take a moment to be gone. */
  private async expectAllBack(): Promise<void> {
    const deadline = performance.now() + PATIENCE;
    const total = JSON.stringify(clusterResources());
    for (;;) {
      const problem = validateRuntime();
      if (problem !== undefined) throw new Error(problem);
      const available = JSON.stringify(availableResources());
      if (available === total) return;
      if (performance.now() > deadline) throw new Error(`${available} of ${total} are back`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

function bet(
  what: string,
  ref: ObjectRef<unknown>,
  isRight: Bet['isRight'],
  mayFail: Bet['mayFail'] = () => false,
): Bet {
  return { what, ref, isRight, mayFail };
}

const doubleOf =
  (x: number): Bet['isRight'] =>
  (value) =>
    value === 2 * x;

const double = (x: number): Bet => bet('double', programs.double.remote(x), doubleOf(x));

const none = (): boolean => false;

const isA =
  (...types: readonly ErrorClass[]) =>
  (error: unknown): boolean =>
    types.some((type) => error instanceof type);

const anyOf =
  (...tests: readonly Bet['mayFail'][]): Bet['mayFail'] =>
  (error) =>
    tests.some((test) => test(error));

const taskErrorOf =
  (type: ErrorClass): Bet['mayFail'] =>
  (error) =>
    error instanceof TaskError && error instanceof type;

/** A tree whose root was cancelled while its children were under way hears of them first. */
const lostChild = isA(TaskCancelledError);

function allow(one: Bet, ...types: readonly ErrorClass[]): void {
  one.mayFail = anyOf(one.mayFail, isA(...types));
}

function rootOf(error: unknown): unknown {
  let root = error;
  while (root instanceof TaskError && root.dependency !== undefined) root = root.cause;
  return root;
}
