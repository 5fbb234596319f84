import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import {
  type ActorHandle,
  explain,
  type Explanation,
  get,
  init,
  kill,
  type ObjectRef,
  put,
  remote,
  shutdown,
} from 'rayx';
import { errorOf } from './timing';

/** Calls go through when it is opened, however long that takes. */
class Gate {
  #open = (): void => {};
  readonly #opened = new Promise<void>((resolve) => (this.#open = resolve));

  async pass(): Promise<number> {
    await this.#opened;
    return 1;
  }

  open(): void {
    this.#open();
  }
}

class Keeper {
  async pass(gate: ActorHandle<Gate>): Promise<number> {
    return get(gate.pass.remote());
  }

  quickly(): number {
    return 1;
  }

  why(refs: readonly ObjectRef<unknown>[]): string[] {
    return refs.map((ref) => explain(ref).reason);
  }
}

const RemoteGate = remote(Gate, { maxConcurrency: 10 });
const add = remote(function add(a: number, b: number): number {
  return a + b;
});
const seize = remote(() => 'mine', { resources: { licence: 1 } });
const passes = remote(async function passes(gate: ActorHandle<Gate>): Promise<number> {
  return get(gate.pass.remote());
});

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
    const spin = remote(function spin(shared: SharedArrayBuffer): number {
      const flag = new Int32Array(shared);
      while (Atomics.load(flag, 0) === 0);
      return 1;
    });
    const flag = new Int32Array(new SharedArrayBuffer(4));
    const ref = spin.remote(flag.buffer);
    const told = await explained(ref, 'running');
    expect(told.task).to.equal('spin');
    expect(told.reason).to.match(/^spin has been running on worker=\d+ for [\d.]+ m?s$/);
    Atomics.store(flag, 0, 1);
    await get(ref);
    expect(explain(ref)).to.deep.include({ state: 'settled', ok: true });
    expect(explain(put(1)).state).to.equal('settled');
  });

  it('tells for which arguments a call waits', async () => {
    const gate = RemoteGate.remote();
    const passed = gate.pass.remote();
    const sum = add.remote(passed, put(1));
    expect(explain(sum)).to.deep.equal({
      state: 'waiting for arguments',
      task: 'add',
      waitingFor: [{ id: passed.id, task: 'Gate.pass' }],
      reason: 'add waits for its arguments: Gate.pass',
    });
    gate.open.remote();
    expect(await get(sum)).to.equal(2);
  });

  it('tells behind how many calls of its actor a call stands', async () => {
    const gate = RemoteGate.remote();
    const keeper = remote(Keeper).remote();
    const first = keeper.pass.remote(gate);
    const refs = [1, 2, 3].map(() => keeper.quickly.remote());
    const told = await explained(refs.at(-1) as ObjectRef<number>, 'behind other calls');
    expect(told).to.deep.include({ ahead: 3, behind: [{ id: first.id, task: 'Keeper.pass' }] });
    gate.open.remote();
    await get(refs);
  });

  it('tells that an idle actor keeps what a call needs, for as long as it lives', async () => {
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
    kill(keeper);
    expect(await get(ref)).to.equal('mine');
  });

  it('tells the same of CPUs that living actors keep', async () => {
    const RemoteKeeper = remote(Keeper, { numCpus: 1 });
    const keepers = [RemoteKeeper.remote(), RemoteKeeper.remote()];
    await get(keepers.map((keeper) => keeper.quickly.remote()));
    const sum = add.remote(1, 2);
    expect(explain(sum).reason).to.equal(
      'add waits for CPU: 1 (0 free), held by the actor Keeper (2) for life',
    );
    keepers.forEach((keeper) => kill(keeper));
    expect(await get(sum)).to.equal(3);
  });

  it('tells for what a task waits, and answers within tasks and actors too', async () => {
    const gate = RemoteGate.remote();
    const ref = passes.remote(gate);
    const { reason } = await explained(ref, 'waiting');
    const waiting = /^passes has been waiting for Gate.pass on worker=\d+, for [\d.]+ m?s$/;
    expect(reason).to.match(waiting);
    const keeper = remote(Keeper).remote();
    const [told] = await get(keeper.why.remote([ref]));
    expect(told).to.match(waiting);
    gate.open.remote();
    expect(await get(ref)).to.equal(1);
  });

  it('takes nothing but refs', async () => {
    const error = await errorOf(() => explain(1 as never));
    expect(error.message).to.equal('explain() takes a ref; this is 1');
  });
});
