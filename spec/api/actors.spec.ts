import { expect } from 'chai';
import { inspect } from 'node:util';
import {
  ActorDiedError,
  get,
  getRuntimeContext,
  init,
  InvalidArgumentError,
  InvalidCallError,
  remote,
  shutdown,
  TaskError,
  type ActorHandle,
  type ObjectRef,
} from 'rayx';
import { rejection } from './support';

class Counter {
  static readonly unit = 'steps';
  #value: number;
  readonly double = (x: number): number => 2 * x;

  constructor(start = 0) {
    this.#value = start;
  }

  increment(by: number = 1): number {
    return (this.#value += by);
  }

  get label(): string {
    return `${this.#value} ${Counter.unit}`;
  }

  describe(): string {
    return this.label;
  }

  async slowly(by: number): Promise<number> {
    const before = this.#value;
    await new Promise((resolve) => setTimeout(resolve, 20));
    this.#value = before + by;
    return this.#value;
  }

  fail(): never {
    throw new RangeError('not today');
  }
}

class Labelled extends Counter {
  override describe(): string {
    return `labelled: ${super.describe()}`;
  }
}

const RemoteCounter = remote(Counter);

describe('actors', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('keep their state between calls', async () => {
    const counter = RemoteCounter.remote(5);
    expect(await get([counter.increment.remote(), counter.increment.remote(2)])).to.deep.equal([
      6, 8,
    ]);
  });

  it('have #private fields, getters, statics, function fields and inherited methods', async () => {
    const counter = remote(Labelled).remote(3);
    expect(await get(counter.describe.remote())).to.equal('labelled: 3 steps');
    expect(await get(counter.double.remote(4))).to.equal(8);
    expect(await get(counter.increment.remote())).to.equal(4);
  });

  it('run one call at a time in the order of submission, async methods included', async () => {
    const counter = RemoteCounter.remote();
    const calls = [1, 10, 100].map((by) => counter.slowly.remote(by));
    expect(await get(calls)).to.deep.equal([1, 11, 111]);
  });

  it('wait for refs among the arguments, and later calls wait with them', async () => {
    const late = remote(
      () => new Promise<number>((resolve) => setTimeout(resolve, 50, 10)),
    ).remote();
    const counter = RemoteCounter.remote();
    const calls = [counter.increment.remote(late), counter.increment.remote(1)];
    expect(await get(calls)).to.deep.equal([10, 11]);
  });

  it('stay alive when a method throws', async () => {
    const counter = RemoteCounter.remote();
    const error = await rejection(get(counter.fail.remote()));
    expect(error).to.be.instanceOf(TaskError).and.instanceOf(RangeError);
    expect(error).to.include({ task: 'Counter.fail' });
    expect(await get(counter.increment.remote())).to.equal(1);
  });

  it('whose constructor throws give that error in every call', async () => {
    class Broken {
      constructor() {
        throw new RangeError('cannot be made');
      }
      run(): number {
        return 1;
      }
    }
    const broken = remote(Broken).remote();
    for (const call of [broken.run.remote(), broken.run.remote()]) {
      const error = await rejection(get(call));
      expect(error).to.be.instanceOf(ActorDiedError);
      expect(error.cause).to.be.instanceOf(RangeError);
    }
  });

  it('know who they are', async () => {
    class Who {
      ask(): ReturnType<typeof getRuntimeContext> {
        return getRuntimeContext();
      }
    }
    const who = remote(Who).remote();
    const [first, second] = await get([who.ask.remote(), who.ask.remote()]);
    expect(first).to.include({ taskName: 'Who.ask' });
    expect(first.actorId).to.be.a('string').and.equal(second.actorId);
  });

  it('go to tasks, other actors and back, and stay the same actor', async () => {
    const counter = RemoteCounter.remote();
    const bump = remote(async (target: ActorHandle<Counter>, times: number) => {
      let last = 0;
      for (let time = 0; time < times; time += 1) last = await get(target.increment.remote());
      return { target, last };
    });
    const { target, last } = await get(bump.remote(counter, 3));
    expect(last).to.equal(3);
    expect(await get(target.increment.remote())).to.equal(4);
    expect(inspect(target)).to.equal(inspect(counter));

    class Owner {
      #inner: ActorHandle<Counter>;
      constructor({ inner }: { inner: ActorHandle<Counter> }) {
        this.#inner = inner;
      }
      pass(): ObjectRef<number> {
        return this.#inner.increment.remote(10);
      }
    }
    const owner = remote(Owner).remote({ inner: counter });
    expect(await get(await get(owner.pass.remote()))).to.equal(14);
  });

  it('have methods that travel by themselves, with their options', async () => {
    const counter = RemoteCounter.remote();
    const call = remote((method: ActorHandle<Counter>['increment'], by: number) =>
      get(method.remote(by)),
    );
    const { increment, fail } = counter;
    expect(await get(call.remote(increment, 2))).to.equal(2);
    const closure = remote(() => get(increment.remote(3)));
    expect(await get(closure.remote())).to.equal(5);

    const { signal } = new AbortController();
    const named = fail.options({ name: 'give up', signal });
    const error = await rejection(get(remote(() => get(named.remote())).remote()));
    expect(error).to.be.instanceOf(RangeError);
    expect((error.cause as Error).message).to.include('give up');

    const back = await get(remote((method: object) => [method]).remote(increment));
    const [again] = back as [typeof increment];
    expect(await get(again.remote())).to.equal(6);
    expect(() => (again as unknown as () => void)()).to.throw(InvalidCallError);
  });

  it('are named by their handle', () => {
    expect(inspect(RemoteCounter.remote())).to.match(/^ActorHandle\(Counter, [0-9a-f]{8}…\)$/);
  });

  it('say at once that a method does not exist or lacks arguments', () => {
    const counter = RemoteCounter.remote() as unknown as Record<string, { remote(): unknown }>;
    expect(() => counter['incrment']?.remote()).to.throw(InvalidCallError, /increment/);
    expect(() => counter['unit']?.remote()).to.throw(InvalidCallError);
    expect(() => counter['slowly']?.remote()).to.throw(InvalidArgumentError);
  });

  it('refuse to be made or called directly, and say how', () => {
    const Direct = RemoteCounter as unknown as new () => unknown;
    expect(() => new Direct()).to.throw(InvalidCallError, /Counter.*\.remote\(/);
    const counter = RemoteCounter.remote() as unknown as { increment(): unknown };
    expect(() => counter.increment()).to.throw(InvalidCallError, /increment\.remote\(\)/);
  });
});
