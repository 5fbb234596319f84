import { expect } from 'chai';
import { get, init, type ObjectRef, put, Queue, remote, shutdown } from 'rayx';
import { ScriptFolder } from './script';

/** Of each thread: functions that are to be garbage. */
const watched = globalThis as { made?: WeakRef<object>[] };

function watch<T extends object>(thing: T): T {
  (watched.made ??= []).push(new WeakRef(thing));
  return thing;
}

/** Collects garbage until this thread has nothing left of what it watches. */
async function collected(): Promise<void> {
  for (let tries = 0; watched.made?.some((one) => one.deref() !== undefined); tries++) {
    if (tries === 200) throw new Error('somebody holds what should be garbage');
    await new Promise((resolve) => setImmediate(resolve));
    gc?.();
  }
}

type Add = (n: number) => number;

const adder = (by: number): Add => watch((n) => n + by);

const make = remote((by: number) => adder(by));
const apply = remote((fn: Add, n: number) => fn(n));
const collect = remote(() => collected());
const echo = remote((list: readonly unknown[]) => list);

class Gate {
  #open = (): void => {};
  readonly #opened = new Promise<void>((resolve) => (this.#open = resolve));
  async pass(n: number): Promise<number> {
    await this.#opened;
    return n;
  }
  open(): void {
    this.#open();
  }
}

class Maker {
  make(by: number): Add {
    return adder(by);
  }
  collect(): Promise<void> {
    return collected();
  }
  apply(fn: Add, n: number): number {
    return fn(n);
  }
}

const RemoteGate = remote(Gate, { maxConcurrency: 2 });
const RemoteMaker = remote(Maker);

describe('a function that comes back to the thread it was captured on, where it was collected', () => {
  before(() => void init({ numCpus: 1, maxThreads: 1 }));
  after(() => shutdown());

  it('works in a task, when a task has returned it', async () => {
    const add = await get(make.remote(1));
    await get(collect.remote());
    expect(await get(apply.remote(add, 1))).to.equal(2);
    expect(await get(apply.remote(add, 2))).to.equal(3);
  });

  it('works as a call of a task that waits for it', async () => {
    const gate = RemoteGate.remote();
    const parent = remote(async ([late]: readonly [ObjectRef<number>]) => {
      const child = remote(adder(10)).remote(late);
      await collected();
      gate.open.remote();
      return get(child);
    });
    expect(await get(parent.remote([gate.pass.remote(1)]))).to.equal(11);
  });

  it('works as a call that outlives the task which made it', async () => {
    const gate = RemoteGate.remote();
    const parent = remote(([late]: readonly [ObjectRef<number>]) => [
      remote(adder(100)).remote(late),
    ]);
    const [child] = await get(parent.remote([gate.pass.remote(1)]));
    await get(collect.remote());
    await get(gate.open.remote());
    expect(await get(child as ObjectRef<number>)).to.equal(101);
  });

  it('works in an actor, when the actor has handed it out', async () => {
    const maker = RemoteMaker.remote();
    const add = await get(maker.make.remote(1));
    await get(maker.collect.remote());
    expect(await get(maker.apply.remote(add, 1))).to.equal(2);
  });

  it('works in the script, when it comes back from a task', async () => {
    const sent = echo.remote([adder(1)]);
    await collected();
    const [add] = (await get(sent)) as [Add];
    expect(add(1)).to.equal(2);
    const [again] = (await get(sent)) as [Add];
    expect(again).to.equal(add);
  });

  it('works in the script, when it was put', async () => {
    const ref = put({ add: adder(1) });
    for (let turns = 0; turns < 3; turns++) await get(collect.remote());
    gc?.();
    expect((await get(ref)).add(1)).to.equal(2);
    expect(await get(apply.remote(adder(2), 1))).to.equal(3);
  });

  it('works in the script, out of a queue', async () => {
    const queue = new Queue<Add>();
    await queue.put(adder(1));
    await collected();
    const add = await queue.get();
    expect(add(1)).to.equal(2);
    await queue.shutdown();
  });

  it('works as a remote function, wherever it comes back', async () => {
    const makeRemote = remote(() => remote(adder(1)));
    const add = await get(makeRemote.remote());
    await get(collect.remote());
    expect(await get(add.remote(1))).to.equal(2);
    const call = remote((fn: typeof add) => get(fn.remote(2)));
    expect(await get(call.remote(add))).to.equal(3);

    const sent = echo.remote([remote(adder(2))]);
    await collected();
    const [own] = (await get(sent)) as [typeof add];
    expect(await get(own.remote(1))).to.equal(3);
  });

  it('works where getSync() waits, whatever only import() can load', async () => {
    const folder = new ScriptFolder();
    folder.write('late.mjs', 'export const half = await ((n) => n / 2);');
    const { stdout, stderr } = await folder.run(
      `
      import { setFlagsFromString } from 'node:v8';
      import { runInNewContext } from 'node:vm';
      import { getSync, init, remote, shutdown } from 'rayx';
      import { half } from './late.mjs';
      setFlagsFromString('--expose-gc');
      const gc = runInNewContext('gc');
      init({ numCpus: 1 });
      const echo = remote((list) => list);
      const quarter = (n) => half(n) / 2;
      console.log(getSync(echo.remote([quarter]))[0] === quarter);
      const [sent, made] = (() => {
        const eighth = (n) => half(n) / 4;
        return [echo.remote([eighth]), new WeakRef(eighth)];
      })();
      while (made.deref()) {
        await new Promise((resolve) => setImmediate(resolve));
        gc();
      }
      console.log(getSync(sent)[0](8));
      await shutdown();
      `,
      'script.mjs',
    );
    folder.remove();
    expect(stderr).to.equal('');
    expect(stdout).to.equal('true\n1\n');
  });

  it('still is the original while that lives, and takes up what it shares with others', async () => {
    const log: number[] = [];
    const note = (n: number): number => log.push(n);
    const sent = echo.remote([note, watch((n: number) => log.push(n))]);
    await get(sent);
    await new Promise((resolve) => setImmediate(resolve));
    await collected();
    const [first, second] = (await get(sent)) as [Add, Add];
    expect(first).to.equal(note);
    first(1);
    second(2);
    expect(log).to.deep.equal([1, 2]);
  });
});
