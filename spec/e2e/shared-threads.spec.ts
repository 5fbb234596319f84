import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import {
  ActorDiedError,
  ActorUnavailableError,
  type ActorHandle,
  availableResources,
  DeadlockError,
  exitActor,
  get,
  getActor,
  getRuntimeContext,
  getSync,
  init,
  InvalidCallError,
  InvalidOptionError,
  kill,
  listNamedActors,
  put,
  type ObjectRef,
  remote,
  shutdown,
  TaskCancelledError,
} from 'rayx';
import { lit, makeBeacon, until, type Beacon } from './beacon';
import { eventually } from './eventually';
import { errorOf } from './timing';

class Counter {
  #count: number;
  constructor(start = 0) {
    this.#count = start;
  }
  increment(): number {
    return (this.#count += 1);
  }
  thread(): string {
    return getRuntimeContext().workerId;
  }
  restarts(): number | undefined {
    return getRuntimeContext().restarts;
  }
  async slowly(milliseconds: number): Promise<number> {
    const before = this.#count;
    await sleep(milliseconds);
    return (this.#count = before + 1);
  }
  askSync(ref: ObjectRef<number>[]): number[] {
    return getSync(ref);
  }
  async ask(ref: ObjectRef<number>[]): Promise<number[]> {
    return get(ref);
  }
  exit(): void {
    process.exit(3);
  }
  leave(): void {
    exitActor();
  }
  throwLater(): void {
    setTimeout(() => {
      throw new RangeError('out of the blue');
    });
  }
  async rejectNow(): Promise<void> {
    void Promise.reject(new RangeError('floating'));
    await sleep(1000);
  }
  async linger(beacon: ActorHandle<Beacon>): Promise<void> {
    const { signal } = getRuntimeContext();
    beacon.light.remote('begins');
    await new Promise((resolve) => signal?.addEventListener('abort', resolve));
    beacon.light.remote(`ends: ${(signal?.reason as Error).name}`);
    await sleep(60_000);
  }
  fill(): number {
    const kept: number[][] = [];
    for (;;) kept.push(new Array<number>(100_000).fill(kept.length));
  }
  spin(milliseconds: number, beacon: ActorHandle<Beacon>): void {
    beacon.light.remote('spins');
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
  }
}

const Light = remote(Counter, { thread: 'shared' });
const Phoenix = remote(Counter, { thread: 'shared', maxRestarts: 1, maxTaskRetries: 1 });

/** Instances on one thread. */
async function neighbours<H extends ActorHandle<Counter>>(make: () => H): Promise<[H, H]> {
  const made = Array.from({ length: 4 }, make);
  const threads = await get(made.map((one) => one.thread.remote()));
  const [first, ...others] = made;
  const beside = others.find((_, at) => threads[at + 1] === threads[0]);
  if (first === undefined || beside === undefined) throw new Error(threads.join(' '));
  return [first, beside];
}

describe("actors with thread: 'shared'", function () {
  this.timeout(60_000);
  beforeEach(() => init({ numCpus: 2, logToDriver: false }));
  afterEach(() => shutdown());

  it('are thousands, each with a state of its own', async () => {
    const counters = Array.from({ length: 2000 }, (_, at) => Light.remote(at));
    await get(counters.map((counter) => counter.increment.remote()));
    const counts = await get(counters.map((counter) => counter.increment.remote()));
    expect(counts).to.deep.equal(counters.map((_, at) => at + 2));
    const threads = await get(counters.map((counter) => counter.thread.remote()));
    expect(new Set(threads).size).to.equal(2);
  });

  it("do one call at a time, each caller's in the order made", async () => {
    const [counter, other] = await neighbours(() => Light.remote());
    const refs = [30, 1, 10].map((milliseconds) => counter.slowly.remote(milliseconds));
    const began = performance.now();
    expect(await get(other.increment.remote())).to.equal(1);
    const between = performance.now() - began;
    expect(await get(refs)).to.deep.equal([1, 2, 3]);
    expect(performance.now() - began, 'a neighbour is not held up by one that awaits').to.be.above(
      between,
    );
  });

  it('do several at once where they may', async () => {
    const Wide = remote(Counter, { thread: 'shared', maxConcurrency: 2 });
    const counter = Wide.remote();
    expect(await get([counter.slowly.remote(20), counter.slowly.remote(20)])).to.deep.equal([1, 1]);
  });

  it('take no CPU, and live beside tasks that have them all', async () => {
    const beacon = await makeBeacon();
    const stay = remote(async (where: ActorHandle<Beacon>) => {
      await get(where.light.remote('stays'));
      await sleep(60_000);
    });
    const all = [stay.remote(beacon), stay.remote(beacon)];
    await eventually(availableResources, ({ CPU }) => CPU === 0);
    expect(await get(Light.remote(4).increment.remote())).to.equal(5);
    expect(all).to.have.length(2);
  });

  it('refuse getSync, and take await get()', async () => {
    const counter = Light.remote();
    const ref = put(7);
    const error = await errorOf(() => get(counter.askSync.remote([ref])));
    expect(error).to.be.instanceOf(InvalidCallError);
    expect(error.message).to.include('Counter.askSync').and.include('use await get()');
    expect(await get(counter.ask.remote([ref]))).to.deep.equal([7]);
  });

  it('refuse a heap limit, which is one of a thread', () => {
    const refused = (): unknown => remote(Counter, { thread: 'shared', memory: 2 ** 26 });
    expect(refused).to.throw(InvalidOptionError, /memory .* thread: 'shared'/);
  });

  it('are killed one by one: the others never hear of it', async () => {
    const [one, other] = await neighbours(() => Light.remote());
    const thread = await get(other.thread.remote());
    await get(other.increment.remote());
    const pending = one.slowly.remote(60_000);
    kill(one);
    expect(await errorOf(() => get(pending))).to.be.instanceOf(ActorDiedError);
    expect(await get(other.increment.remote())).to.equal(2);
    expect(await get(other.thread.remote())).to.equal(thread);
  });

  it('have their signal aborted when they are killed', async () => {
    const beacon = await makeBeacon();
    const counter = Light.remote();
    const call = counter.linger.remote(beacon);
    await lit(beacon, 'begins');
    kill(counter);
    await lit(beacon, `ends: ${TaskCancelledError.name}`);
    expect(await errorOf(() => get(call))).to.be.instanceOf(ActorDiedError);
  });

  it('are restarted one by one, and lose what they had', async () => {
    const [one, other] = await neighbours(() => Phoenix.remote());
    await get([one.increment.remote(), other.increment.remote()]);
    kill(one, { noRestart: false });
    expect(await get(one.increment.remote())).to.equal(1);
    expect(await get([one.restarts.remote(), other.restarts.remote()])).to.deep.equal([1, 0]);
    expect(await get(other.increment.remote())).to.equal(2);
    kill(one, { noRestart: false });
    expect(await errorOf(() => get(one.increment.remote()))).to.be.instanceOf(ActorDiedError);
    expect(await get(other.increment.remote())).to.equal(3);
  });

  it('end alone by process.exit() and exitActor()', async () => {
    const [one, other] = await neighbours(() => Light.remote());
    const error = await errorOf(() => get(one.exit.remote()));
    expect(error).to.be.instanceOf(ActorDiedError);
    expect(error.message).to.include('called process.exit(3)');
    const third = Light.remote();
    expect(await errorOf(() => get(third.leave.remote()))).to.be.instanceOf(ActorDiedError);
    expect(await get(other.increment.remote())).to.equal(1);
  });

  it('die alone of an exception that nobody caught', async () => {
    const [one, other] = await neighbours(() => Light.remote());
    const thread = await get(other.thread.remote());
    await get(one.throwLater.remote());
    const error = await errorOf(async () => {
      for (;;) await get(one.increment.remote());
    });
    expect(error).to.be.instanceOf(ActorDiedError);
    expect(error.message).to.include('out of the blue');
    expect(await get(other.thread.remote())).to.equal(thread);
  });

  it('fail the call whose promise rejects unheard, and live on', async () => {
    const counter = Light.remote();
    expect((await errorOf(() => get(counter.rejectNow.remote()))).message).to.include('floating');
    expect(await get(counter.increment.remote())).to.equal(1);
  });

  it('are asked by onCrash about their own errors only', async () => {
    const Asked = remote(Counter, {
      thread: 'shared',
      maxRestarts: 5,
      onCrash: (error) => (error instanceof RangeError ? 'restart' : 'resume'),
    });
    const [one, other] = await neighbours(() => Asked.remote());
    await get([one.increment.remote(), other.increment.remote()]);
    await get(one.throwLater.remote());
    await until(async () => {
      const restarts = await get(one.restarts.remote()).catch(() => 0);
      return restarts === 1;
    });
    expect(await get(other.increment.remote())).to.equal(2);
  });

  it('keep what saveState() answers over a restart', async () => {
    class Saved {
      #count = 0;
      increment(): number {
        return (this.#count += 1);
      }
      saveState(): number {
        return this.#count;
      }
      restoreState(count: number): void {
        this.#count = count;
      }
    }
    const saved = remote(Saved, { thread: 'shared', maxRestarts: 1, maxTaskRetries: 1 }).remote();
    await get([saved.increment.remote(), saved.increment.remote()]);
    kill(saved, { noRestart: false });
    expect(await get(saved.increment.remote())).to.equal(3);
  });

  it('crash together with their thread, each by its own budget', async () => {
    await shutdown();
    await init({ numCpus: 1, workerHeapMb: 64, logToDriver: false });
    const [greedy, mortal, phoenix] = [Light.remote(), Light.remote(), Phoenix.remote()];
    await get([greedy, mortal, phoenix].map((one) => one.increment.remote()));
    const error = await errorOf(() => get(greedy.fill.remote()));
    expect(error).to.be.instanceOf(ActorDiedError);
    expect(error.message).to.include('heap limit');
    expect(await errorOf(() => get(mortal.increment.remote()))).to.be.instanceOf(ActorDiedError);
    expect(await get(phoenix.increment.remote())).to.equal(1);
  });

  it('are made anew elsewhere where one is killed that does not let go of the thread', async () => {
    const beacon = await makeBeacon();
    const spinner = Phoenix.remote();
    const before = await get(spinner.thread.remote());
    const spinning = spinner.spin.options({ maxTaskRetries: 0 }).remote(20_000, beacon);
    await lit(beacon, 'spins');
    kill(spinner, { noRestart: false });
    expect(await errorOf(() => get(spinning))).to.be.instanceOf(ActorUnavailableError);
    expect(await get(spinner.thread.remote())).not.to.equal(before);
  });

  it('have names, and outlive their handles when they are detached', async () => {
    Light.options({ name: 'ours', lifetime: 'detached' }).remote(10);
    expect(await get((getActor('ours') as ActorHandle<Counter>).increment.remote())).to.equal(11);
  });

  it('end when their last handle is gone', async () => {
    const beacon = await makeBeacon();
    const watch = remote(async (where: ActorHandle<Beacon>) => {
      const counter = Light.options({ name: 'dropped' }).remote();
      await get(counter.increment.remote());
      await get(where.light.remote('made'));
    });
    await get(watch.remote(beacon));
    await until(() => !listNamedActors().includes('dropped'));
  });

  it('call one another, and are told of a circle', async () => {
    class Chain {
      async next(rest: readonly ActorHandle<Chain>[]): Promise<number> {
        const [first, ...others] = rest;
        return first === undefined ? 1 : 1 + (await get(first.next.remote(others)));
      }
    }
    const Link = remote(Chain, { thread: 'shared' });
    const links = Array.from({ length: 20 }, () => Link.remote());
    const [first, ...rest] = links as [ActorHandle<Chain>, ...ActorHandle<Chain>[]];
    expect(await get(first.next.remote(rest))).to.equal(20);
    const error = await errorOf(() => get(first.next.remote([...rest.slice(0, 2), first])));
    expect(error).to.be.instanceOf(DeadlockError);
  });
});
