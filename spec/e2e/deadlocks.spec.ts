import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { firstValueFrom, from } from 'rxjs';
import {
  type ActorHandle,
  availableResources,
  DeadlockError,
  get,
  getSync,
  GetTimeoutError,
  init,
  type ObjectRef,
  remote,
  shutdown,
  TaskError,
  wait,
} from 'rayx';
import { eventually } from './eventually';
import { errorOf } from './timing';

/** Hands on to the next of a list of actors, and waits for what comes back. */
class Link {
  async pass(rest: readonly ActorHandle<Link>[]): Promise<number> {
    const [next, ...others] = rest;
    return next === undefined ? 1 : 1 + (await get(next.pass.remote(others)));
  }

  passSync(rest: readonly ActorHandle<Link>[]): number {
    const [next, ...others] = rest;
    return next === undefined ? 1 : 1 + getSync(next.passSync.remote(others));
  }

  async asStream(self: ActorHandle<Link>): Promise<number> {
    return firstValueFrom(from(self.pass.remote([])));
  }

  async catching(self: ActorHandle<Link>): Promise<string> {
    const mine = self.pass.remote([]);
    const error = await errorOf(() => get(mine));
    if (!(error instanceof DeadlockError)) throw error;
    return error.circle.join(' → ');
  }

  async limited(self: ActorHandle<Link>, milliseconds: number): Promise<string> {
    const mine = self.pass.remote([]);
    const [ready] = await wait([mine], { timeout: milliseconds });
    const error = await errorOf(() => get(mine, { timeout: milliseconds }));
    return `${ready.length} ${error.name}`;
  }

  async leaving(self: ActorHandle<Link>): Promise<string> {
    // Nobody awaits it: this call ends at once, and then that one runs.
    get(self.pass.remote([])).catch(() => {});
    return 'left';
  }
}

/** Where refs can be left for others. */
class Box {
  #refs = new Map<string, ObjectRef<unknown>[]>();

  leave(name: string, ref: ObjectRef<unknown>[]): void {
    this.#refs.set(name, ref);
  }

  take(name: string): ObjectRef<unknown>[] | undefined {
    return this.#refs.get(name);
  }
}

const RemoteLink = remote(Link);
const one = remote(function one() {
  return 1;
});
const seize = remote(
  async function seize(seconds: number) {
    return seconds;
  },
  { resources: { licence: 1 } },
);

/** Waits for whatever refs are left for it in the box. */
const fetcher = (sync: boolean) =>
  remote(async function fetch(box: ActorHandle<Box>, name: string): Promise<string> {
    let refs: readonly ObjectRef<unknown>[] | undefined;
    while (!refs) refs = await get(box.take.remote(name));
    if (sync) getSync(refs);
    else await get(refs);
    return name;
  });

/** So many calls, each of which waits for the one before, and the first for the last. */
function crosswise(fetch: ReturnType<typeof fetcher>, parties: number): ObjectRef<string>[] {
  const box = remote(Box).remote();
  const names = Array.from({ length: parties }, (_, at) => `task ${at}`);
  const refs = names.map((name) => fetch.remote(box, name));
  refs.forEach((ref, at) => {
    box.leave.remote(names[(at + 1) % parties] ?? '', [ref]);
  });
  return refs;
}

async function deadlockOf(ref: ObjectRef<unknown>): Promise<DeadlockError> {
  const error = await errorOf(() => get(ref));
  if (!(error instanceof DeadlockError)) throw error;
  return error;
}

describe('calls that wait for each other on one thread', function () {
  this.timeout(30_000);
  before(() => init({ mode: 'inline' }));
  after(() => shutdown());

  it('are told as on many', async () => {
    const link = RemoteLink.remote();
    const error = await deadlockOf(link.pass.remote([link]));
    expect(error.circle).to.deep.equal(['Link.pass', 'Link.pass']);
    expect(await get(link.pass.remote([]))).to.equal(1);
  });

  it('are told when they are tasks with each other’s refs', async () => {
    for (const ref of crosswise(fetcher(false), 2)) {
      expect((await deadlockOf(ref)).circle).to.deep.equal(['fetch', 'fetch']);
    }
  });

  it('end when they block the thread: the first of them stands in the way of the other', async () => {
    for (const ref of crosswise(fetcher(true), 2)) {
      let error = await errorOf(() => get(ref));
      while (error.name === 'TaskError') error = error.cause as Error;
      // Which of the two depends on how far the other has come.
      expect(['InlineBlockingError', 'DeadlockError']).to.include(error.name);
    }
    expect(await get(one.remote())).to.equal(1);
  });
});

describe('calls that wait for each other', function () {
  this.timeout(30_000);
  before(() => init({ numCpus: 2, numGpus: 1, resources: { licence: 1 } }));
  after(() => shutdown());
  afterEach('everything is given back', async () => {
    const given = { CPU: 2, GPU: 1, licence: 1 };
    await eventually(availableResources, (free) => {
      return Object.entries(given).every(([name, amount]) => free[name] === amount);
    });
  });

  for (const [how, method] of [
    ['await get()', 'pass'],
    ['getSync()', 'passSync'],
  ] as const) {
    it(`an actor that calls itself is told, with ${how}, and works on`, async () => {
      const link = RemoteLink.remote();
      const error = await deadlockOf(link[method].remote([link]));
      expect(error.circle).to.deep.equal([`Link.${method}`, `Link.${method}`]);
      expect(error).to.include({ name: 'DeadlockError', code: 'DEADLOCK' });
      expect(error.taskName).to.equal(`Link.${method}`);
      expect(error.stack).to.match(new RegExp(`Link\\.${method} .*deadlocks\\.spec\\.ts`));
      expect(await get(link[method].remote([]))).to.equal(1);
    });

    it(`circles over two and three actors are told, with ${how}`, async () => {
      for (const others of [1, 2]) {
        const links = Array.from({ length: others + 1 }, () => RemoteLink.remote());
        const [first, ...rest] = links as [ActorHandle<Link>, ...ActorHandle<Link>[]];
        const error = await deadlockOf(first[method].remote([...rest, first]));
        // The last to wait closed it; all others had it passed on to them, as any error.
        expect(error).to.be.an.instanceOf(TaskError);
        expect(error.circle).to.have.lengthOf(others + 2);
        expect(await get(links.map((link) => link[method].remote([])))).to.include(1);
      }
    });
  }

  it('an actor that does two calls at a time may call itself once', async () => {
    const link = remote(Link, { maxConcurrency: 2 }).remote();
    expect(await get(link.pass.remote([link]))).to.equal(2);
    expect((await deadlockOf(link.pass.remote([link, link]))).circle).to.have.lengthOf(2);
    // Blocking, it cannot even do that: the second has begun, and its thread stands still.
    const error = await deadlockOf(link.passSync.remote([link]));
    expect(error.circle).to.include('Link.passSync (blocks its thread)');
    expect(await get(link.pass.remote([link]))).to.equal(2);
  });

  it('a subscription to a ref fails as get does', async () => {
    const link = RemoteLink.remote();
    expect((await deadlockOf(link.asStream.remote(link))).circle).to.deep.equal([
      'Link.asStream',
      'Link.pass',
    ]);
  });

  it('the code that waited can catch it and go on', async () => {
    const link = RemoteLink.remote();
    expect(await get(link.catching.remote(link))).to.equal('Link.catching → Link.pass');
    expect(await get(link.pass.remote([]))).to.equal(1);
  });

  it('waits with a time-out end by it, and what nobody awaits is no wait', async () => {
    const link = RemoteLink.remote();
    expect(await get(link.limited.remote(link, 60))).to.equal(`0 ${GetTimeoutError.name}`);
    expect(await get(link.leaving.remote(link))).to.equal('left');
    expect(await get(link.pass.remote([]))).to.equal(1);
  });

  it('an actor that keeps what the task it waits for needs is named with it', async () => {
    class Holder {
      async run(): Promise<number> {
        return get(seize.remote(1));
      }
      leave(): void {
        process.exit(0);
      }
    }
    const holder = remote(Holder, { resources: { licence: 1 } }).remote();
    const error = await deadlockOf(holder.run.remote());
    expect(error.circle).to.deep.equal(['Holder.run (holds licence: 1)', 'seize']);
    expect(error.message).to.contain('Holder.run (holds licence: 1) → seize → Holder.run');
    await errorOf(() => get(holder.leave.remote()));
    expect(await get(seize.remote(2))).to.equal(2);
  });

  it('a task keeps its GPU while it waits, and its CPU not', async () => {
    const inner = remote(() => 'in', { numGpus: 1 });
    const outer = remote(
      async function outer(): Promise<string> {
        return get(inner.remote());
      },
      { numGpus: 1, maxRetries: 0 },
    );
    const error = await deadlockOf(outer.remote());
    expect(error.circle[0]).to.equal('outer (holds GPU: 1)');
    expect(await get(inner.remote())).to.equal('in');
  });

  it('actors that hold every CPU lend them while their calls wait', async () => {
    class Worker {
      async run(): Promise<number> {
        return get(one.remote());
      }
      leave(): void {
        process.exit(0);
      }
    }
    const RemoteWorker = remote(Worker, { numCpus: 1 });
    const workers = [RemoteWorker.remote(), RemoteWorker.remote()];
    expect(await get(workers.map((worker) => worker.run.remote()))).to.deep.equal([1, 1]);
    for (const worker of workers) await errorOf(() => get(worker.leave.remote()));
  });

  for (const sync of [false, true]) {
    it(`tasks that wait for each other's refs, ${sync ? 'blocked' : 'suspended'}`, async () => {
      for (const parties of [2, 3]) {
        for (const ref of crosswise(fetcher(sync), parties)) {
          const { circle } = await deadlockOf(ref);
          expect(circle).to.deep.equal(new Array(parties).fill('fetch'));
        }
      }
    });
  }

  it('a recursion on all CPUs, and a holder of which others are only ahead, are let be', async () => {
    const fib = remote(async (n: number): Promise<number> => {
      if (n < 2) return n;
      const [a, b] = await get([fib.remote(n - 1), fib.remote(n - 2)]);
      return a + b;
    });
    const slowly = remote(async () => sleep(200), { resources: { licence: 0.5 } });
    const holder = remote(
      async function holder(): Promise<void> {
        await get(slowly.remote());
      },
      { resources: { licence: 0.5 } },
    );
    const busy = slowly.remote();
    const held = holder.remote();
    expect(await get(fib.remote(12))).to.equal(144);
    await get([busy, held]);
  });
});
