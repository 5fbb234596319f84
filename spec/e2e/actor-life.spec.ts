import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import {
  ActorDiedError,
  type ActorHandle,
  availableResources,
  exitActor,
  get,
  init,
  InvalidArgumentError,
  InvalidCallError,
  kill,
  type ObjectRef,
  put,
  remote,
  shutdown,
  TaskError,
} from 'rayx';
import { eventually } from './eventually';
import { errorOf } from './timing';

/** Each instance takes a seat as long as it lives, so that seats tell how many there are. */
const SEATS = 20;

class Counter {
  value = 0;
  increment(): number {
    return (this.value += 1);
  }
  async slowly(milliseconds: number): Promise<number> {
    await sleep(milliseconds);
    return this.increment();
  }
  spin(): void {
    for (;;);
  }
  leave(): string {
    exitActor();
  }
  leaveAnyway(): string {
    try {
      exitActor();
    } catch {
      return 'stayed';
    }
  }
  async leaveLater(): Promise<string> {
    await sleep(20);
    exitActor();
  }
}

const RemoteCounter = remote(Counter, { resources: { seat: 1 } });

const allSeatsFree = (): Promise<unknown> =>
  eventually(
    () => availableResources()['seat'],
    (free) => free === SEATS,
  );

async function expectDeath(ref: ObjectRef<unknown>, reason: string): Promise<ActorDiedError> {
  const error = await errorOf(() => get(ref));
  expect(error).to.be.instanceOf(ActorDiedError);
  expect(error).to.include({ actorName: 'Counter', reason });
  return error as ActorDiedError;
}

describe('kill()', function () {
  this.timeout(30_000);
  before(() => init({ numCpus: 2, resources: { seat: SEATS } }));
  after(() => shutdown());

  it('ends an actor in the middle of a call: that one, those behind and later ones fail', async () => {
    const counter = RemoteCounter.remote();
    await get(counter.increment.remote());
    const refs = [counter.spin.remote(), counter.increment.remote()];
    kill(counter);
    for (const ref of refs) await expectDeath(ref, 'kill() was called');
    await expectDeath(counter.increment.remote(), 'kill() was called');
    await allSeatsFree();
  });

  it('does nothing to an actor that is dead', async () => {
    const counter = RemoteCounter.remote();
    kill(counter);
    kill(counter);
    await expectDeath(counter.increment.remote(), 'kill() was called');
  });

  it('ends an actor whose constructor runs or waits for resources', async () => {
    class Endless {
      constructor() {
        for (;;);
      }
      method(): void {}
    }
    const endless = remote(Endless, { resources: { seat: 1 } }).remote();
    const never = remote(Counter, { resources: { seat: SEATS + 1 } }).remote();
    const refs = [endless.method.remote(), never.increment.remote()];
    await eventually(
      () => availableResources()['seat'],
      (free) => free === SEATS - 1,
    );
    kill(endless);
    kill(never);
    for (const ref of refs) {
      const error = await errorOf(() => get(ref as ObjectRef<unknown>));
      expect(error).to.have.property('reason', 'kill() was called');
    }
    await allSeatsFree();
  });

  it('works from tasks and from actors, with handles that were passed', async () => {
    class Killer {
      kill({ victim }: { victim: ActorHandle<Counter> }): void {
        kill(victim);
      }
    }
    const fromTask = RemoteCounter.remote();
    const fromActor = RemoteCounter.remote();
    const killer = remote((victim: ActorHandle<Counter>) => kill(victim));
    await get([
      killer.remote(fromTask),
      remote(Killer).remote().kill.remote({ victim: fromActor }),
    ]);
    await expectDeath(fromTask.increment.remote(), 'kill() was called');
    await expectDeath(fromActor.increment.remote(), 'kill() was called');
  });

  it('lets an actor kill itself', async () => {
    class Suicidal {
      #self: ActorHandle<Suicidal> | undefined;
      know(self: ActorHandle<Suicidal>): void {
        this.#self = self;
      }
      async end(): Promise<void> {
        kill(this.#self!);
        await sleep(60_000);
      }
    }
    const actor = remote(Suicidal).remote();
    await get(actor.know.remote(actor));
    expect(await errorOf(() => get(actor.end.remote()))).to.be.instanceOf(ActorDiedError);
  });

  it('takes handles only', () => {
    for (const wrong of [undefined, {}, put(1), RemoteCounter]) {
      expect(() => kill(wrong as never)).to.throw(
        InvalidArgumentError,
        'takes the handle of an actor',
      );
    }
  });
});

describe('exitActor()', function () {
  this.timeout(30_000);
  before(() => init({ numCpus: 2, resources: { seat: SEATS } }));
  after(() => shutdown());

  const reason = 'it exited by exitActor()';

  it('ends the actor: that call, those behind and later ones fail, and nothing restarts', async () => {
    const counter = RemoteCounter.options({ maxRestarts: -1, maxTaskRetries: -1 }).remote();
    await get(counter.increment.remote());
    const refs = [counter.leave.remote(), counter.increment.remote()];
    for (const ref of refs) await expectDeath(ref, reason);
    await expectDeath(counter.increment.remote(), reason);
    await allSeatsFree();
  });

  it('ends it whatever the code around makes of it, in asynchronous methods too', async () => {
    for (const method of ['leaveAnyway', 'leaveLater'] as const) {
      await expectDeath(RemoteCounter.remote()[method].remote(), reason);
    }
    await allSeatsFree();
  });

  it('runs no code behind it, nor calls that were given to the instance already', async () => {
    class Witness {
      seen: string[] = [];
      note(text: string): void {
        this.seen.push(text);
      }
      read(): string[] {
        return this.seen;
      }
    }
    const witness = remote(Witness).remote();
    class Leaver {
      async leave(): Promise<void> {
        try {
          exitActor();
          await get(witness.note.remote('behind'));
        } finally {
          await get(witness.note.remote('finally'));
        }
      }
      async next(): Promise<void> {
        await get(witness.note.remote('next call'));
      }
    }
    const leaver = remote(Leaver).remote();
    const refs = [leaver.leave.remote(), leaver.next.remote()];
    for (const ref of refs) {
      expect(await errorOf(() => get(ref))).to.be.instanceOf(ActorDiedError);
    }
    expect(await get(witness.read.remote())).to.not.include.members(['behind']);
    expect(await get(witness.read.remote())).to.not.include.members(['next call']);
  });

  it('ends an actor from its constructor', async () => {
    class Reluctant {
      constructor() {
        exitActor();
      }
      method(): void {}
    }
    const error = await errorOf(() => get(remote(Reluctant).remote().method.remote()));
    expect(error).to.be.instanceOf(ActorDiedError).and.have.property('reason', reason);
  });

  it('is refused outside an actor', async () => {
    expect(() => exitActor()).to.throw(InvalidCallError, 'exitActor()');
    const error = await errorOf(() => get(remote(() => exitActor()).remote()));
    expect(error).to.be.instanceOf(TaskError).and.instanceOf(InvalidCallError);
  });
});

/** Collects here; other threads look after their own. */
async function allSeatsFreeAfterCollection(): Promise<void> {
  await eventually(
    () => {
      global.gc?.();
      return availableResources()['seat'];
    },
    (free) => free === SEATS,
  );
}

describe('an actor whose handles are gone', function () {
  this.timeout(60_000);
  before(() => init({ numCpus: 2, resources: { seat: SEATS } }));
  after(() => shutdown());

  it('finishes its calls, then ends and gives back what it had', async () => {
    const refs = ((): ObjectRef<number>[] => {
      const counter = RemoteCounter.remote();
      return [counter.slowly.remote(300), counter.slowly.remote(0), counter.increment.remote()];
    })();
    global.gc?.();
    expect(await get(refs)).to.deep.equal([1, 2, 3]);
    await allSeatsFreeAfterCollection();
  });

  it('ends without a call too', async () => {
    (() => void RemoteCounter.remote())();
    await allSeatsFreeAfterCollection();
  });

  it('lives on while a method of its handle is kept', async () => {
    const increment = (() => RemoteCounter.remote().increment)();
    for (let round = 1; round <= 3; round += 1) {
      global.gc?.();
      await sleep(20);
      expect(await get(increment.remote())).to.equal(round);
    }
  });

  it('lives on in a stored value, in a closure, and in an argument on its way', async () => {
    const stored = (() => put({ list: [RemoteCounter.remote()] }))();
    const closure = (() => {
      const counter = RemoteCounter.remote();
      const bump = remote(async () => get(counter.increment.remote()));
      return { bump, first: bump.remote() };
    })();
    const onItsWay = (() => {
      const bump = remote(
        async (counter: ActorHandle<Counter>, add: number) =>
          add + (await get(counter.increment.remote())),
      );
      const late = remote(async () => (await sleep(500), 1));
      return bump.remote(RemoteCounter.remote(), late.remote());
    })();
    global.gc?.();
    await sleep(100);
    global.gc?.();
    expect(await get(onItsWay)).to.equal(2);
    expect(await get(closure.first)).to.equal(1);
    expect(await get(closure.bump.remote())).to.equal(2);
    const value = await get(stored);
    expect(await get(value.list[0]!.increment.remote())).to.equal(1);
  });

  it('may have been made by a task that returned its handle, whose thread is gone', async () => {
    const make = remote(() => {
      const counter = RemoteCounter.remote();
      setImmediate(() => {
        throw new Error('this thread is to be replaced');
      });
      return counter;
    });
    const counter = await get(make.remote());
    await get(remote(() => sleep(100)).remote());
    expect(await get(counter.increment.remote())).to.equal(1);
  });
});

describe('actors that nobody needs any more', function () {
  this.timeout(120_000);
  before(() => init({ numCpus: 2, resources: { seat: SEATS } }));
  after(() => shutdown());

  it('leave nothing behind: 200 of them, made in tasks and returned, on 20 seats', async () => {
    const make = remote(() => RemoteCounter.remote());
    // A function of its own: what is on a suspended stack counts as held.
    const takeAllSeats = async (): Promise<readonly number[]> => {
      const handles = await get(Array.from({ length: SEATS }, () => make.remote()));
      return get(handles.map((handle) => handle.increment.remote()));
    };
    for (let round = 0; round < 10; round += 1) {
      expect(await takeAllSeats()).to.deep.equal(Array.from({ length: SEATS }, () => 1));
      await allSeatsFreeAfterCollection();
    }
  });

  it('are noticed where many are made, though nobody collects', async () => {
    for (let n = 0; n < 3 * SEATS; n += 1) {
      expect(await get(RemoteCounter.remote().increment.remote())).to.equal(1);
    }
  });
});
