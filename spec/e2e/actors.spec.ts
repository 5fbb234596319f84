import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { ActorDiedError, type ActorHandle, get, init, remote, shutdown, TaskError } from 'rayx';
import { Sign } from './beacon';
import { stay, Tally } from './tally';
import { errorOf } from './timing';

class Counter {
  #value: number;

  constructor(start = 0) {
    this.#value = start;
  }

  value(): number {
    return this.#value;
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
    class Guest extends Counter {
      async meet(memory: SharedArrayBuffer): Promise<number> {
        await stay(memory, 2);
        return this.increment();
      }
    }
    const guests = [remote(Guest).remote(0), remote(Guest).remote(100)];
    for (let round = 1; round <= 3; round++) {
      // Neither leaves before both are there.
      const { memory } = new Tally();
      const values = await get(guests.map((guest) => guest.meet.remote(memory)));
      expect(values).to.deep.equal([round, 100 + round]);
    }
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
    const late = remote(async (path: string) => {
      while (!existsSync(path)) await sleep(5);
      return 0;
    });
    const other = remote(async (handle: ActorHandle<Counter>) => get(handle.increment.remote()));
    const sign = new Sign();
    const held = counter.slowly.remote(late.remote(sign.path));
    expect(await get(other.remote(counter))).to.equal(1);
    sign.give();
    expect(await get(held)).to.equal(2);
    sign.remove();
  });

  it('run their constructor elsewhere: whoever makes one goes on meanwhile', async () => {
    class Slow {
      readonly seen: boolean;
      constructor(path: string) {
        const end = performance.now() + 10_000;
        while (!existsSync(path) && performance.now() < end);
        this.seen = existsSync(path);
      }
      sawSign(): boolean {
        return this.seen;
      }
    }
    const sign = new Sign();
    const slow = remote(Slow).remote(sign.path);
    sign.give();
    expect(await get(slow.sawSign.remote())).to.equal(true);
    sign.remove();
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
    // Counts whenever the other one has.
    const incrementer = remote(async (counter: ActorHandle<Counter>, from: number) => {
      const seen: number[] = [];
      for (let next = from; next < 6; next += 2) {
        while ((await get(counter.value.remote())) < next) await sleep(1);
        seen.push(await get(counter.increment.remote()));
      }
      return seen;
    });
    const counter = RemoteCounter.remote();
    const both = [incrementer.remote(counter, 0), incrementer.remote(counter, 1)];
    expect(await get(both)).to.deep.equal([
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
