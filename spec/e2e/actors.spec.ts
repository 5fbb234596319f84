import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import {
  ActorDiedError,
  type ActorHandle,
  get,
  init,
  type ObjectRef,
  remote,
  shutdown,
  TaskError,
} from 'rayx';
import { duration, errorOf } from './timing';

class Counter {
  #value: number;

  constructor(start = 0) {
    this.#value = start;
  }

  increment(): number {
    return ++this.#value;
  }

  async slowly(milliseconds: number): Promise<number> {
    const before = this.#value;
    await sleep(milliseconds);
    return (this.#value = before + 1);
  }

  fail(): never {
    throw new RangeError(`failed at ${this.#value}`);
  }
}

const RemoteCounter = remote(Counter);

describe('actors', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 4 }));
  after(() => shutdown());

  it('keep their state, and two of them work side by side', async () => {
    const low = RemoteCounter.remote(0);
    const high = RemoteCounter.remote(100);
    await get([low.slowly.remote(0), high.slowly.remote(0)]);
    const took = await duration(async () => {
      const refs: ObjectRef<number>[] = [];
      for (let i = 0; i < 3; i++) refs.push(low.slowly.remote(500), high.slowly.remote(500));
      expect(await get(refs)).to.deep.equal([2, 102, 3, 103, 4, 104]);
    });
    expect(took).to.be.within(1450, 2800);
  });

  it('do one call at a time in the order of the calls, async ones too', async () => {
    const counter = RemoteCounter.remote();
    const delays = [100, 0, 50, 0, 20];
    const refs = delays.map((delay) => counter.slowly.remote(delay));
    expect(await get(refs)).to.deep.equal([1, 2, 3, 4, 5]);
  });

  it("keep a caller's order when an earlier argument takes longer to arrive", async () => {
    class Log {
      readonly #seen: string[] = [];
      add(entry: string): string[] {
        this.#seen.push(entry);
        return this.#seen;
      }
    }
    const late = remote(async () => {
      await sleep(300);
      return 'late';
    });
    const log = remote(Log).remote();
    log.add.remote(late.remote());
    expect(await get(log.add.remote('early'))).to.deep.equal(['late', 'early']);
  });

  it('do not hold one caller up for an argument of another', async () => {
    const counter = RemoteCounter.remote();
    const late = remote(async () => {
      await sleep(2000);
      return 0;
    });
    const other = remote(async (handle: ActorHandle<Counter>) => get(handle.increment.remote()));
    const held = counter.slowly.remote(late.remote());
    expect(await duration(() => get(other.remote(counter)))).to.be.below(1500);
    await get(held);
  });

  it('run their constructor elsewhere: making one takes no time', async () => {
    class Slow {
      constructor() {
        const end = performance.now() + 1000;
        while (performance.now() < end);
      }
      ready(): boolean {
        return true;
      }
    }
    const RemoteSlow = remote(Slow);
    const start = performance.now();
    const slow = RemoteSlow.remote();
    const took = performance.now() - start;
    expect(await get(slow.ready.remote())).to.equal(true);
    expect(took).to.be.below(500);
  });

  it('answer every call with the error of a constructor that threw', async () => {
    class Broken {
      constructor(reason: string) {
        throw new TypeError(reason);
      }
      work(): void {}
    }
    const broken = remote(Broken).remote('out of order');
    for (let i = 0; i < 2; i++) {
      const error = await errorOf(() => get(broken.work.remote()));
      expect(error).to.be.instanceOf(ActorDiedError);
      expect(error.message).to.include('Broken');
      expect((error.cause as Error).message).to.include('out of order');
    }
  });

  it('live on after a method that throws', async () => {
    const counter = RemoteCounter.remote(7);
    const error = await errorOf(() => get(counter.fail.remote()));
    expect(error).to.be.instanceOf(TaskError).and.instanceOf(RangeError);
    expect((error.cause as Error).message).to.equal('failed at 7');
    expect(await get(counter.increment.remote())).to.equal(8);
  });

  it('refuse a method they do not have, at the call', () => {
    const counter = RemoteCounter.remote() as unknown as Record<string, { remote(): unknown }>;
    expect(() => counter['decrement']!.remote()).to.throw(/decrement/);
  });

  it('have the methods of base classes, private members, statics and accessors', async () => {
    abstract class Animal {
      static #made = 0;
      static readonly kingdom = 'animals';
      readonly #name: string;
      constructor(name: string) {
        this.#name = name;
        Animal.#made += 1;
      }
      get name(): string {
        return this.#name;
      }
      abstract sound(): string;
      describe(): string {
        return `${this.name} of the ${Animal.kingdom} says ${this.sound()} (${Animal.#made})`;
      }
    }
    class Dog extends Animal {
      sound(): string {
        return 'woof';
      }
      override describe(): string {
        return `${super.describe()}!`;
      }
    }
    const dog = remote(Dog).remote('Rex');
    expect(await get(dog.describe.remote())).to.equal('Rex of the animals says woof (1)!');
  });
});

describe('handles of actors', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 4 }));
  after(() => shutdown());

  it('travel to tasks that run at the same time', async () => {
    const incrementer = remote(async (counter: ActorHandle<Counter>, times: number) => {
      const seen: number[] = [];
      for (let i = 0; i < times; i++) {
        await sleep(1000);
        seen.push(await get(counter.increment.remote()));
      }
      return seen;
    });
    const counter = RemoteCounter.remote();
    const first = incrementer.remote(counter, 3);
    await sleep(500);
    const second = incrementer.remote(counter, 3);
    expect(await get([first, second])).to.deep.equal([
      [1, 3, 5],
      [2, 4, 6],
    ]);
  });

  it('travel to actors, and come back', async () => {
    class Keeper {
      #kept: ActorHandle<Counter> | undefined;
      keep(counter: ActorHandle<Counter>): void {
        this.#kept = counter;
      }
      async increment(): Promise<number> {
        return get(this.#kept!.increment.remote());
      }
      give(): { counters: ActorHandle<Counter>[] } {
        return { counters: [this.#kept!] };
      }
    }
    const counter = RemoteCounter.remote();
    const keeper = remote(Keeper).remote();
    await get(keeper.keep.remote(counter));
    expect(await get(keeper.increment.remote())).to.equal(1);
    const { counters } = await get(keeper.give.remote());
    expect(await get(counters[0]!.increment.remote())).to.equal(2);
    expect(await get(counter.increment.remote())).to.equal(3);
  });

  it('travel inside data and closures, and out of the task that made the actor', async () => {
    const make = remote(() => ({ counter: RemoteCounter.remote(10) }));
    const { counter } = await get(make.remote());
    const viaClosure = remote(async () => get(counter.increment.remote()));
    const viaData = remote(async (box: { list: ActorHandle<Counter>[] }) =>
      get(box.list[0]!.increment.remote()),
    );
    expect(await get(viaClosure.remote())).to.equal(11);
    expect(await get(viaData.remote({ list: [counter] }))).to.equal(12);
  });
});
