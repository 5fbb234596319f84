import { expect } from 'chai';
import {
  ActorAlreadyExistsError,
  type ActorHandle,
  get,
  getSync,
  init,
  InlineBlockingError,
  kill,
  type ObjectRef,
  remote,
  shutdown,
} from 'rayx';
import { eventually } from './eventually';

class Keeper {
  ping(): string {
    return 'pong';
  }
}

const RemoteKeeper = remote(Keeper, { numCpus: 1 });
const add = remote(function add(a: number, b: number): number {
  return a + b;
});

/** Makes an actor that keeps the only CPU, and forgets it. */
async function lose(make: () => ActorHandle<Keeper>): Promise<void> {
  const keeper = make();
  expect(await get(keeper.ping.remote())).to.equal('pong');
}

/** The value, in good time: of itself an idle thread collects nothing for minutes, or ever. */
const soon = <T>(ref: ObjectRef<T>): Promise<T> => get(ref, { timeout: 15_000 });

for (const mode of ['threads', 'inline'] as const) {
  describe(`an actor whose handle was dropped, in mode ${mode}`, function () {
    this.timeout(30_000);
    beforeEach(() => init({ mode, numCpus: 1 }));
    afterEach(() => shutdown());

    it('gives what it keeps to a call that starves, though its driver does nothing', async () => {
      await lose(() => RemoteKeeper.remote());
      expect(await soon(add.remote(1, 2))).to.equal(3);
    });

    it('does so, though the handle lay in an idle actor that has done nothing since', async () => {
      class Owner {
        keeper: ActorHandle<Keeper> | undefined;

        async make(): Promise<string> {
          this.keeper = RemoteKeeper.remote();
          return get(this.keeper.ping.remote());
        }

        drop(): void {
          this.keeper = undefined;
        }
      }
      const owner = remote(Owner).remote();
      expect(await get(owner.make.remote())).to.equal('pong');
      const sum = add.remote(1, 2);
      // For a time it is kept on purpose.
      await get(owner.drop.remote());
      expect(await soon(sum)).to.equal(3);
    });

    it('gives its place to an actor that starves', async () => {
      await lose(() => RemoteKeeper.remote());
      const other = RemoteKeeper.remote();
      expect(await soon(other.ping.remote())).to.equal('pong');
    });

    it('gives its name to one that is to be called so', async () => {
      const Named = remote(Keeper, { name: 'keeper' });
      await lose(() => Named.remote());
      const made = (): ActorHandle<Keeper> | undefined => {
        try {
          return Named.remote();
        } catch (error) {
          expect(error).to.be.instanceOf(ActorAlreadyExistsError);
          return undefined;
        }
      };
      const other = await eventually(made, (handle) => handle !== undefined);
      if (other === undefined) throw new Error('none was made');
      expect(await get(other.ping.remote())).to.equal('pong');
    });
  });
}

describe('an actor that is kept, in mode inline', () => {
  afterEach(() => shutdown());

  it('makes getSync() of a call that starves throw at once: the thread would stand still', async () => {
    await init({ mode: 'inline', numCpus: 1 });
    const keeper = RemoteKeeper.remote();
    await get(keeper.ping.remote());
    const sum = add.remote(1, 2);
    expect(() => getSync(sum)).to.throw(InlineBlockingError);
    kill(keeper);
    expect(await get(sum)).to.equal(3);
  });
});
