import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { explain, type Explanation, get, init, type ObjectRef, put, remote, shutdown } from 'rayx';
import { errorOf } from './timing';

const slowly = remote(async function slowly(milliseconds: number): Promise<number> {
  await sleep(milliseconds);
  return milliseconds;
});
const add = remote(function add(a: number, b: number): number {
  return a + b;
});
const seize = remote(() => 'mine', { resources: { licence: 1 } });

class Keeper {
  async slowly(milliseconds: number): Promise<number> {
    await sleep(milliseconds);
    return milliseconds;
  }
  quickly(): number {
    return 1;
  }
  async why(ref: ObjectRef<unknown>[]): Promise<string> {
    return explain(ref[0] as ObjectRef<unknown>).reason;
  }
  leave(): void {
    process.exit(0);
  }
}

/** What is told as soon as it is this. */
async function explained(ref: ObjectRef<unknown>, state: string): Promise<Explanation> {
  for (;;) {
    const told = explain(ref);
    if (told.state === state) return told;
    if (told.state === 'settled') throw new Error(`it has ended: ${told.reason}`);
    await sleep(1);
  }
}

describe('explain', function () {
  this.timeout(30_000);
  beforeEach(() => init({ numCpus: 2, resources: { licence: 1 } }));
  afterEach(() => shutdown());

  it('tells that a call runs, and that its value is here', async () => {
    const ref = slowly.remote(100);
    const told = await explained(ref, 'running');
    expect(told.task).to.equal('slowly');
    expect(told.reason).to.match(/^slowly has been running on .* for \d+ ms$/);
    await get(ref);
    expect(explain(ref)).to.deep.include({ state: 'settled', ok: true });
    expect(explain(put(1)).state).to.equal('settled');
  });

  it('tells for which arguments a call waits', async () => {
    const [a, b] = [slowly.remote(100), put(1)];
    const sum = add.remote(a, b);
    expect(explain(sum)).to.deep.equal({
      state: 'waiting for arguments',
      task: 'add',
      waitingFor: [{ id: a.id, task: 'slowly' }],
      reason: 'add waits for its arguments: slowly',
    });
    expect(await get(sum)).to.equal(101);
  });

  it('tells behind how many calls of its actor a call stands', async () => {
    const keeper = remote(Keeper).remote();
    const first = keeper.slowly.remote(100);
    const refs = [1, 2, 3].map(() => keeper.quickly.remote());
    const last = refs.at(-1) as ObjectRef<number>;
    const told = await explained(last, 'behind other calls');
    expect(told).to.deep.include({ ahead: 3, behind: [{ id: first.id, task: 'Keeper.slowly' }] });
    await get(refs);
  });

  it('tells that an idle actor keeps what a call needs, for life', async () => {
    const keeper = remote(Keeper, { resources: { licence: 1 } }).remote();
    await get(keeper.quickly.remote());
    const ref = seize.remote();
    const told = explain(ref);
    if (told.state !== 'waiting for resources') throw new Error(told.reason);
    expect(told.needs).to.deep.equal({ CPU: 1, licence: 1 });
    expect(told.available).to.deep.equal({ CPU: 2, licence: 0 });
    expect(told.heldBy).to.deep.equal([
      { name: 'Keeper', isActor: true, resources: { licence: 1 } },
    ]);
    await errorOf(() => get(keeper.leave.remote()));
    expect(await get(ref)).to.equal('mine');
  });

  it('tells the same of CPUs that living actors keep', async () => {
    const RemoteKeeper = remote(Keeper, { numCpus: 1 });
    const keepers = [RemoteKeeper.remote(), RemoteKeeper.remote()];
    await get(keepers.map((keeper) => keeper.quickly.remote()));
    expect(explain(add.remote(1, 2)).reason).to.equal(
      'add waits for CPU: 1 (0 free), held by the actor Keeper (2) for life',
    );
  });

  it('tells for what a task waits, and answers within tasks and actors too', async () => {
    const outer = remote(async function outer(): Promise<number> {
      return get(slowly.remote(300));
    });
    const ref = outer.remote();
    const told = await explained(ref, 'waiting');
    expect(told.reason).to.match(/^outer has been waiting for slowly on .*, for \d+ ms$/);
    const keeper = remote(Keeper).remote();
    expect(await get(keeper.why.remote([ref]))).to.match(/^outer has been waiting for slowly/);
    expect(await get(ref)).to.equal(300);
  });

  it('takes nothing but refs', async () => {
    const error = await errorOf(() => explain(1 as never));
    expect(error.message).to.equal('explain() takes a ref; this is 1');
  });
});
