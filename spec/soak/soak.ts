import { setTimeout as sleep } from 'node:timers/promises';
import {
  cancel,
  free,
  get,
  GetTimeoutError,
  kill,
  progress,
  put,
  remote,
  TaskCancelledError,
  TaskError,
  wait,
  type ObjectRef,
} from 'rayx';
import { lastValueFrom } from 'rxjs';
import { Random } from '../raylet/scheduler/random';
import * as work from './work';

/** One sort of work, done to its end. */
type Activity = () => Promise<void>;

const LENGTH = 16_384;

/**
 * All sorts of work, in an order that `seed` decides, each to its end: afterwards nothing of it should
 * be left anywhere. Throws where a value or an error is wrong.
 */
export class Soak {
  rounds = 0;
  private readonly random: Random;
  private readonly activities: Readonly<Record<string, Activity>>;
  /** One for the whole run: what listens to it must go with each call. */
  private readonly signal = new AbortController().signal;

  constructor(seed: number) {
    this.random = new Random(seed);
    this.activities = {
      batch: () => this.batch(),
      failures: () => this.failures(),
      nested: () => this.nested(),
      actor: () => this.actor(),
      sharedActors: () => this.sharedActors(),
      handles: () => this.handles(),
      streams: () => this.streams(),
      bigValues: () => this.bigValues(),
      cancels: () => this.cancels(),
      signals: () => this.signals(),
      waits: () => this.waits(),
      followers: () => this.followers(),
      functionsInALoop: () => this.functionsInALoop(),
      classesInALoop: () => this.classesInALoop(),
      functionsAsValues: () => this.functionsAsValues(),
    };
  }

  /** Does everything a few times, so that each thread has had all of it, and caches what it caches. */
  async warmUp(): Promise<void> {
    for (let times = 0; times < 4; times += 1) {
      for (const name of Object.keys(this.activities)) await this.run(name);
    }
  }

  /** Does a few things side by side. */
  async round(): Promise<void> {
    const names = Object.keys(this.activities);
    const some = Array.from({ length: 4 }, () => this.random.pick(names) ?? 'batch');
    await Promise.all(some.map((name) => this.run(name)));
    this.rounds += 1;
  }

  private async run(name: string): Promise<void> {
    try {
      await this.activities[name]?.();
    } catch (error) {
      throw new Error(name, { cause: error });
    }
  }

  private async batch(): Promise<void> {
    const xs = Array.from({ length: 200 }, () => this.random.below(1000));
    const first = xs.map((x) => work.double.remote(x));
    const second = first.map((ref) => work.double.remote(ref));
    same(
      await get(second),
      xs.map((x) => 4 * x),
    );
  }

  private async failures(): Promise<void> {
    const refs = Array.from({ length: 20 }, (_, x) => work.fail.remote(x));
    const dependants = refs.map((ref) => work.double.remote(ref));
    for (const ref of [...refs, ...dependants]) {
      const error = await failureOf(ref);
      if (!(error instanceof TaskError && error instanceof work.Refused)) throw error;
    }
  }

  private async nested(): Promise<void> {
    const x = this.random.below(1000);
    same(await get([work.tree.remote(x, 3), work.tree.remote(x, 2)]), [2 * x, 2 * x]);
  }

  private async actor(): Promise<void> {
    const counter = remote(work.Counter).remote();
    const refs = Array.from({ length: 50 }, () => counter.add.remote(1));
    same((await get(refs)).at(-1), 50);
    if (!((await failureOf(counter.fail.remote(1))) instanceof work.Refused))
      throw new Error('won');
    // Others go with their last handle.
    if (this.random.chance(0.5)) kill(counter);
  }

  private async sharedActors(): Promise<void> {
    const Light = remote(work.Counter, { thread: 'shared' });
    const counters = Array.from({ length: 30 }, () => Light.remote());
    const sums = await get(counters.map((counter, x) => counter.add.remote(x)));
    same(sums, [...counters.keys()]);
    counters.slice(15).forEach((counter) => kill(counter));
  }

  private async handles(): Promise<void> {
    const counter = remote(work.Counter, { thread: 'shared' }).remote();
    const held = put({ counter });
    const { counter: back, total } = await get(work.addBy.remote(counter, 1));
    await get(back.keep.remote(put('kept')));
    same([total, await get(back.add.remote(1))], [1, 2]);
    same(await get((await get(held)).counter.add.remote(1)), 3);
    const x = put(this.random.below(100));
    const far = await get(work.nest.remote({ of: x }));
    same(await get(far.sum), await get(x));
    same(await get(far.counter.add.remote(far.refs.of)), 2 * (await get(x)));
  }

  private async streams(): Promise<void> {
    const n = 1 + this.random.below(30);
    const stop = this.random.chance(0.5) ? this.random.below(n) : Infinity;
    let seen = 0;
    for await (const ref of work.count.remote(n)) {
      same((await get(ref))[0], seen);
      seen += 1;
      if (seen > stop) break;
    }
    same(seen, Math.min(n, stop + 1));
    const counter = remote(work.Counter, { thread: 'shared' }).remote();
    for await (const ref of counter.upTo.remote(n)) if ((await get(ref)) === 5) break;
    // One that nobody reads.
    work.count.remote(n);
  }

  private async bigValues(): Promise<void> {
    const x = this.random.below(100);
    const values = new Float64Array(LENGTH).fill(x);
    const refs = [put(values), work.fill.remote(x, LENGTH), put({ values, more: [values] })];
    const [stored, made] = refs as [ObjectRef<Float64Array>, ObjectRef<Float64Array>];
    const sums = [work.sum.remote(stored), work.sum.remote(made), work.sum.remote(values)];
    same(await get(sums), [x * LENGTH, x * LENGTH, x * LENGTH]);
    same((await get(made))[LENGTH - 1], x);
    if (this.random.chance(0.5)) free(refs);
    using inner = put(values);
    same((await get(inner))[0], x);
    const keeper = remote(work.Counter, { thread: 'shared' }).remote();
    await get(keeper.keep.remote({ made }));
    same(Object.keys((await get(keeper.give.remote())) as object), ['made']);
  }

  private async cancels(): Promise<void> {
    const running = Array.from({ length: 3 }, () => work.linger.remote());
    const queued = Array.from({ length: 20 }, () => work.later.remote(1, 1));
    if (this.random.chance(0.5)) await sleep(this.random.below(20));
    const all = [...running, ...queued];
    cancel(all, { force: false });
    for (const ref of all) {
      const error = await failureOf(ref);
      if (error !== undefined && !(error instanceof TaskCancelledError)) throw error;
    }
  }

  private async signals(): Promise<void> {
    const options = { signal: this.signal };
    same(await get(work.double.options(options).remote(4), options), 8);
    const controller = new AbortController();
    const ref = work.linger.options({ signal: controller.signal }).remote();
    setImmediate(() => controller.abort());
    if (!((await failureOf(ref)) instanceof TaskCancelledError)) throw new Error('it was not');
  }

  private async waits(): Promise<void> {
    const refs = Array.from({ length: 10 }, (_, x) => work.later.remote(x, 2 * x));
    const [ready] = await wait(refs, { numReturns: 2 });
    same(ready.length >= 2, true);
    const slow = work.later.remote(1, 30);
    const error = await get(slow, { timeout: 0.1 }).catch((reason: unknown) => reason);
    if (!(error instanceof GetTimeoutError) && error !== 2) throw error as Error;
    await get([...refs, slow]);
  }

  private async followers(): Promise<void> {
    const ref = work.tell.remote(20);
    same(await lastValueFrom(progress<number>(ref), { defaultValue: 20 }), 20);
    const left = work.tell.remote(20);
    progress<number>(left).subscribe().unsubscribe();
    same(await get(left), 20);
  }

  /** Each captures something of its own: a number, a ref to a large value, itself. */
  private async functionsInALoop(): Promise<void> {
    for (let i = 0; i < 10; i += 1) {
      const big = put(new Float64Array(LENGTH).fill(i));
      const plus = remote(async (x: number) => x + ((await get(big))[LENGTH - 1] ?? NaN));
      same(await get(plus.remote(1)), 1 + i);
      same(await get(plus.options({ name: `plus ${i}` }).remote(1)), 1 + i);
      const twice = remote((x: number) => plus.remote(x + i), { retryExceptions: () => i < 0 });
      same(await get(await get(twice.remote(1))), 1 + 2 * i);
      const fall = remote((x: number): number | Promise<number> =>
        x <= 0 ? i : get(fall.remote(x - 1)),
      );
      same(await get(fall.remote(2)), i);
    }
  }

  private async classesInALoop(): Promise<void> {
    for (let i = 0; i < 5; i += 1) {
      class Local {
        readonly #i = i;
        static readonly made = [i];
        get(): number {
          return this.#i + (Local.made[0] ?? NaN);
        }
      }
      const local = remote(Local, { thread: 'shared' }).remote();
      same(await get(local.get.remote()), 2 * i);
      class Oops extends Error {
        readonly i = i;
      }
      const throws = remote(() => {
        throw new Oops('oops');
      });
      same(((await failureOf(throws.remote())) as Oops).i, i);
    }
  }

  private async functionsAsValues(): Promise<void> {
    const apply = remote((f: (x: number) => number, x: number) => ({ f, y: f(x) }));
    const keeper = remote(work.Counter, { thread: 'shared' }).remote();
    for (let i = 0; i < 10; i += 1) {
      const plus = (x: number): number => x + i;
      const { f, y } = await get(apply.remote(plus, 1));
      same([y, f(1), f === plus], [1 + i, 1 + i, true]);
      await get(keeper.keep.remote({ f: (x: number) => plus(x), g: remote(plus) }));
      const { f: far, g } = (await get(keeper.give.remote())) as {
        f: (x: number) => number;
        g: { remote(x: number): ObjectRef<number> };
      };
      same([far(1), await get(g.remote(1))], [1 + i, 1 + i]);
    }
  }
}

async function failureOf(ref: ObjectRef<unknown>): Promise<Error | undefined> {
  return get(ref).then(
    () => undefined,
    (error: unknown) => error as Error,
  );
}

function same(actual: unknown, expected: unknown): void {
  const [was, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (was !== wanted) throw new Error(`${was} instead of ${wanted}`);
}
