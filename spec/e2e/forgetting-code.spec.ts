import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import {
  free,
  get,
  init,
  listObjects,
  ObjectLostError,
  put,
  remote,
  shutdown,
  type ActorHandle,
  type ObjectRef,
} from 'rayx';
import { currentClient } from '../../dist/client/current';
import { collectEverywhere, collectOwn } from '../soak/collect';

const numCpus = 2;

interface Kept {
  readonly specs: number;
  readonly parcels: number;
}

const usage = (): Kept => {
  const { problem, usage: all } = currentClient()?.ask({ type: 'validate' }) ?? {};
  if (problem !== undefined || all === undefined) throw new Error(problem ?? 'no runtime');
  return { specs: all.specs, parcels: all.parcels };
};

/** Collects garbage everywhere until it is so; on the thread of an actor it does so itself. */
async function until(isSo: () => boolean, actor?: ActorHandle<Keeper>): Promise<void> {
  for (let tries = 0; !isSo() && tries < 50; tries += 1) {
    await collectEverywhere(numCpus);
    if (actor) await get(actor.collect.remote());
  }
  expect(isSo()).to.equal(true);
}

/** Collects garbage everywhere until no more code is kept than before. */
const untilForgotten = (before: Kept, actor?: ActorHandle<Keeper>): Promise<void> =>
  until(() => {
    const { specs, parcels } = usage();
    return specs <= before.specs && parcels <= before.parcels;
  }, actor);

type Unary = (x: number) => number;
type RemoteUnary = { remote(x: number): ObjectRef<number> };

class Keeper {
  private kept: unknown;

  keep(value: unknown): void {
    this.kept = value;
  }

  give(): unknown {
    return this.kept;
  }

  collect(): void {
    collectOwn();
  }

  call(x: number): number {
    return (this.kept as { f: Unary }).f(x);
  }

  async callRemote(x: number): Promise<number> {
    return get((this.kept as { f: RemoteUnary }).f.remote(x));
  }
}

/** Answers `i`. */
async function callRecursive(i: number): Promise<number> {
  const fall = remote((x: number): number | Promise<number> =>
    x <= 0 ? i : get(fall.remote(x - 1)),
  );
  return get(fall.remote(2));
}

/** Answers `i`. */
async function callInstance(i: number): Promise<number> {
  class Local {
    readonly #i = i;
    get(): number {
      return this.#i;
    }
  }
  return get(remote(Local, { thread: 'shared' }).remote().get.remote());
}

async function putFunctions(n: number): Promise<void> {
  await get(put({ f: (x: number) => x + n, g: remote((x: number) => x - n) }));
}

describe('code that nobody has any more', function () {
  this.timeout(60_000);
  const apply = remote((f: Unary, x: number) => f(x));
  let keeper: ReturnType<typeof makeKeeper>;
  const makeKeeper = () => remote(Keeper).remote();
  before(async () => {
    // Threads that instances share end soon, and what they have with them.
    await init({ numCpus, idleTimeout: 100 });
    keeper = makeKeeper();
    await get([keeper.keep.remote(1), apply.remote((x) => x, 1)]);
    await collectEverywhere(numCpus);
  });
  after(() => shutdown());

  it('leaves nothing behind, where functions are made in a loop', async () => {
    const before = usage();
    for (let i = 0; i < 50; i += 1) {
      expect(await get(remote((x: number) => x + i).remote(1))).to.equal(1 + i);
      expect(await get(apply.remote((x) => x * i, 2))).to.equal(2 * i);
      expect(await get(apply.options({ name: `apply ${i}` }).remote((x) => x - i, i))).to.equal(0);
    }
    await untilForgotten(before);
  });

  it('leaves nothing behind where the functions call themselves, and are made with classes', async () => {
    // What lives on is captured the first time.
    await callRecursive(0);
    await callInstance(0);
    const before = usage();
    for (let i = 1; i < 20; i += 1) {
      expect(await callRecursive(i)).to.equal(i);
      expect(await callInstance(i)).to.equal(i);
    }
    await untilForgotten(before);
  });

  it('lets go of what it has captured', async () => {
    const { length } = listObjects();
    const made = await (async () => {
      const big = put(new Float64Array(100_000).fill(7));
      const read = remote(async () => (await get(big))[5]);
      expect(await get(read.remote())).to.equal(7);
      return big.id;
    })();
    await until(() => listObjects().every(({ id }) => id !== made));
    expect(listObjects().length).to.be.at.most(length);
  });

  it('goes where the function was never called', async () => {
    const before = usage();
    await putFunctions(1);
    await untilForgotten(before);
  });

  it('works on where it was kept, and there alone', async () => {
    const keepAndLetGo = async (): Promise<void> => {
      for (let i = 0; i < 3; i += 1) await get(keeper.keep.remote({ f: (x: number) => x + i }));
      await collectEverywhere(numCpus);
      expect(await get(keeper.call.remote(1))).to.equal(3);
      // It comes back as itself, for others to call, and goes to them.
      const { f } = (await get(keeper.give.remote())) as { f: Unary };
      expect([f(2), await get(apply.remote(f, 5))]).to.deep.equal([4, 7]);
      await get(keeper.keep.remote(undefined));
    };
    // What all of it uses comes with the first.
    await keepAndLetGo();
    await get(keeper.collect.remote());
    await collectEverywhere(numCpus);
    const before = usage();
    await keepAndLetGo();
    expect(usage().parcels).to.be.above(before.parcels);
    await untilForgotten(before, keeper);
  });

  it('can be called where a remote function was kept, and there alone', async () => {
    const makeAndKeep = async (i: number): Promise<void> => {
      await get(keeper.keep.remote({ f: remote((x: number) => x + i) }));
    };
    for (let i = 0; i < 3; i += 1) await makeAndKeep(i);
    for (let tries = 0; tries < 5; tries += 1) {
      await collectEverywhere(numCpus);
      expect(await get(keeper.callRemote.remote(1))).to.equal(3);
    }
    await get(keeper.keep.remote(undefined));
  });

  it('is made again where it was forgotten, from what lives elsewhere', async () => {
    const table = { factor: 3 };
    const times = (x: number): number => x * table.factor;
    for (let tries = 0; tries < 3; tries += 1) {
      expect(await get(apply.remote(times, 2))).to.equal(6);
      expect(await get(remote(times).remote(3))).to.equal(9);
      await collectEverywhere(numCpus);
    }
  });

  it('is lost with a value that somebody has freed', async () => {
    const holder = remote(
      class {
        private ref: ObjectRef<Unary> | undefined;

        hold({ ref }: { readonly ref: ObjectRef<Unary> }): void {
          this.ref = ref;
        }

        async read(): Promise<number> {
          return (await get(this.ref as ObjectRef<Unary>))(1);
        }
      },
    ).remote();
    const ref = await (async () => {
      const base = usage().specs;
      return put((x: number): number => x + base);
    })();
    await get(holder.hold.remote({ ref }));
    expect(await get(holder.read.remote())).to.be.a('number');
    free(ref);
    await collectEverywhere(numCpus);
    const error = await get(holder.read.remote()).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    // Whoever has read it may have it yet.
    if (error !== undefined) expect(error).to.be.instanceOf(ObjectLostError);
  });

  it('is lost with a freed value though a part of what that has brought is kept', async () => {
    type Brings = () => Unary;
    const Holder = class {
      private ref: ObjectRef<Brings> | undefined;
      private part: Unary | undefined;

      async hold({ ref }: { readonly ref: ObjectRef<Brings> }): Promise<void> {
        this.ref = ref;
        this.part = (await get(ref))();
      }

      async read(): Promise<number> {
        return (await get(this.ref as ObjectRef<Brings>))()(1);
      }

      callPart(): number {
        setFlagsFromString('--expose-gc');
        (runInNewContext('gc(), gc') as () => void)();
        return this.part?.(1) ?? NaN;
      }
    };
    const holder = remote(Holder).remote();
    const ref = (() => {
      const base = usage().specs;
      const part = (x: number): number => x + base - base;
      return put(() => part);
    })();
    await get(holder.hold.remote({ ref }));
    expect(await get(holder.read.remote())).to.equal(1);
    free(ref);
    for (let tries = 0; tries < 5; tries += 1) {
      await collectEverywhere(numCpus);
      expect(await get(holder.callPart.remote())).to.equal(1);
    }
    const error = await get(holder.read.remote()).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(ObjectLostError);
  });
});
