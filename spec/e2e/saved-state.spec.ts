import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import {
  ActorDiedError,
  get,
  getRuntimeContext,
  init,
  InvalidArgumentError,
  kill,
  type ObjectRef,
  put,
  remote,
  shutdown,
} from 'rayx';
import { errorOf } from './timing';

/** Adds numbers, and keeps them through a restart. */
class Adder {
  sum = 0;
  readonly notes: string[] = [];

  constructor(readonly start = 0) {
    this.sum = start;
  }

  add(n: number): number {
    return (this.sum += n);
  }

  die(n: number): void {
    this.sum += n;
    process.exit(1);
  }

  fail(n: number): never {
    this.sum += n;
    throw new Error('as told');
  }

  state(): { readonly sum: number; readonly restarts: number | undefined } {
    return { sum: this.sum, restarts: getRuntimeContext().restarts };
  }

  saveState(): unknown {
    return this.sum;
  }

  restoreState(sum: number): void {
    this.sum = sum;
  }
}

const forgiving = { maxRestarts: 5, maxTaskRetries: -1 } as const;

describe('saved state', function () {
  this.timeout(30_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('is there again after the thread died, as of the last call that ended', async () => {
    const adder = remote(Adder, { maxRestarts: 5 }).remote(10);
    await get(adder.add.remote(1));
    await get(adder.add.remote(2));
    const dying = adder.die.remote(100);
    await errorOf(() => get(dying));
    const state = await get(adder.state.options({ maxTaskRetries: -1 }).remote());
    expect(state).to.deep.equal({ sum: 13, restarts: 1 });
  });

  it('is that of the constructor where no call has ended before', async () => {
    const adder = remote(Adder, forgiving).remote(10);
    await errorOf(() => get(adder.die.options({ maxTaskRetries: 0 }).remote(100)));
    expect(await get(adder.state.remote())).to.deep.equal({ sum: 10, restarts: 1 });
  });

  it('is of before the call for which onCrash said restart, and of after it for resume', async () => {
    for (const directive of ['restart', 'resume'] as const) {
      const adder = remote(Adder, { ...forgiving, onCrash: () => directive }).remote();
      await get(adder.add.remote(1));
      await errorOf(() => get(adder.fail.remote(10)));
      const { sum } = await get(adder.state.remote());
      expect(sum, directive).to.equal(directive === 'restart' ? 1 : 11);
    }
  });

  it('survives kill() that lets it restart, again and again', async () => {
    const adder = remote(Adder, forgiving).remote();
    for (let round = 1; round <= 3; round += 1) {
      expect(await get(adder.add.remote(1))).to.equal(round);
      kill(adder, { noRestart: false });
    }
    expect(await get(adder.state.remote())).to.deep.equal({ sum: 3, restarts: 3 });
  });

  it('is saved every so many calls where told', async () => {
    const adder = remote(Adder, { ...forgiving, saveEvery: 3 }).remote();
    for (let n = 1; n <= 5; n += 1) await get(adder.add.remote(1));
    kill(adder, { noRestart: false });
    expect((await get(adder.state.remote())).sum).to.equal(3);
  });

  it('may take its time, and hold refs, class instances and binary data', async () => {
    class Shelf {
      constructor(readonly bytes: Uint8Array) {}
    }
    class Keeper {
      shelf: Shelf | undefined;
      ref: ObjectRef<string> | undefined;

      async keep(bytes: Uint8Array): Promise<void> {
        this.shelf = new Shelf(bytes);
        this.ref = put('kept');
        await sleep(1);
      }

      async look(): Promise<unknown> {
        const { shelf, ref } = this;
        return [shelf instanceof Shelf, shelf?.bytes.length, ref && (await get(ref))];
      }

      async saveState(): Promise<unknown> {
        await sleep(5);
        return [this.shelf, this.ref];
      }

      async restoreState([shelf, ref]: [Shelf, ObjectRef<string>]): Promise<void> {
        await sleep(5);
        this.shelf = shelf;
        this.ref = ref;
      }
    }
    const keeper = remote(Keeper, forgiving).remote();
    await get(keeper.keep.remote(new Uint8Array(100_000).fill(7)));
    kill(keeper, { noRestart: false });
    expect(await get(keeper.look.remote())).to.deep.equal([true, 100_000, 'kept']);
  });

  it('that cannot be restored is an error of the constructor', async () => {
    class Fragile extends Adder {
      override restoreState(): void {
        throw new RangeError('does not fit');
      }
    }
    const fragile = remote(Fragile, forgiving).remote();
    await get(fragile.add.remote(1));
    kill(fragile, { noRestart: false });
    const error = await errorOf(() => get(fragile.state.remote()));
    expect(error).to.be.instanceOf(ActorDiedError);
    expect((error.cause as Error).message).to.include('does not fit');
  });

  it('can be asked for by handle: both are methods like others', async () => {
    const adder = remote(Adder, forgiving).remote();
    await get(adder.restoreState.remote(20));
    expect(await get(adder.saveState.remote())).to.equal(20);
    expect(await get(adder.add.remote(1))).to.equal(21);
  });

  it('needs both methods where there are restarts', () => {
    class Half {
      saveState(): number {
        return 1;
      }
    }
    class OtherHalf {
      restoreState(): void {}
    }
    remote(Half);
    expect(() => remote(Half, { maxRestarts: 1 })).to.throw(
      InvalidArgumentError,
      'the class Half has saveState() and no restoreState()',
    );
    expect(() => remote(OtherHalf).options({ maxRestarts: -1 })).to.throw(
      InvalidArgumentError,
      'OtherHalf.options(): the class OtherHalf has restoreState() and no saveState()',
    );
  });
});
