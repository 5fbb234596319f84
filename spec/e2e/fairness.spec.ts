import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { get, init, type ObjectRef, remote, shutdown } from 'rayx';
import { lit, makeBeacon, signForEach } from './beacon';

/** Calls that each caller queues. */
const QUEUED = 1000;

/** A tenth of a millisecond of work; answers how many calls have ended before. */
function work(ended: SharedArrayBuffer): number {
  const end = performance.now() + 0.1;
  while (performance.now() < end);
  return Atomics.add(new Int32Array(ended), 0, 1);
}

class Server {
  work(ended: SharedArrayBuffer): number {
    return work(ended);
  }
}

/** What all callers call: a task, or the method of an actor. */
interface Callee {
  readonly work: { remote(ended: SharedArrayBuffer): ObjectRef<number> };
}

describe('fairness between callers', function () {
  this.timeout(30_000);
  const sign = signForEach();
  afterEach(() => shutdown());

  /**
   * Two tasks and two actors queue their calls at the same time, and one more task makes a single call
   * when some of them have ended. Answers how many had ended before it made its call, and before
   * that one did.
   */
  async function lateAmong(callee: Callee): Promise<{ called: number; served: number }> {
    const beacon = await makeBeacon();
    const ended = new SharedArrayBuffer(4);
    const gate = remote((path: string) => {
      while (!existsSync(path));
    }).remote(sign.path);

    const queue = async (name: string, gates: ObjectRef<void>[]): Promise<void> => {
      beacon.light.remote(name);
      await get(gates);
      await get(Array.from({ length: QUEUED }, () => callee.work.remote(ended)));
    };
    class Caller {
      queue(name: string, gates: ObjectRef<void>[]): Promise<void> {
        return queue(name, gates);
      }
    }
    const come = async (gates: ObjectRef<void>[]): Promise<{ called: number; served: number }> => {
      beacon.light.remote('late');
      await get(gates);
      const counts = new Int32Array(ended);
      while (Atomics.load(counts, 0) < QUEUED / 3);
      return { called: Atomics.load(counts, 0), served: await get(callee.work.remote(ended)) };
    };

    const tasks = ['task 1', 'task 2'].map((name) => remote(queue).remote(name, [gate]));
    const actors = ['actor 1', 'actor 2'].map((name) =>
      remote(Caller).remote().queue.remote(name, [gate]),
    );
    const late = remote(come).remote([gate]);
    for (const name of ['task 1', 'task 2', 'actor 1', 'actor 2', 'late']) await lit(beacon, name);
    sign.give();
    await get([...tasks, ...actors]);
    return get(late);
  }

  /** In the order of arrival it would be the last. */
  function expectSoon({ called, served }: { called: number; served: number }): void {
    expect(served - called).to.be.below((4 * QUEUED - called) / 2);
  }

  it('lets a late task have its call done while thousands of others are queued', async () => {
    await init({ numCpus: 2 });
    expectSoon(await lateAmong({ work: remote(work) }));
  });

  it('is kept by an actor that all of them call, the driver too', async () => {
    await init({ numCpus: 2 });
    const server = remote(Server).remote();
    const unheeded = new SharedArrayBuffer(4);
    const own = Array.from({ length: QUEUED }, () => server.work.remote(unheeded));
    expectSoon(await lateAmong(server));
    await get(own);
  });
});
