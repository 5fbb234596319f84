import { expect } from 'chai';
import {
  ActorDiedError,
  get,
  init,
  InvalidArgumentError,
  InvalidOptionError,
  put,
  Queue,
  QueueEmptyError,
  QueueFullError,
  registerClass,
  remote,
  SerializationError,
  shutdown,
  TaskError,
  type ObjectRef,
} from 'rayx';
import { collect, rejection } from '../api/support';
import { ScriptFolder } from '../e2e/script';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, x) => x);

const produce = remote(async (queue: Queue<number>, from: number, to: number) => {
  for (let x = from; x < to; x += 1) await queue.put(x);
});

const consume = remote(async (queue: Queue<number>) => {
  const taken: number[] = [];
  for await (const x of queue) taken.push(x);
  return taken;
});

/** Answers once the actor behind the queue has taken in all that was asked before. */
const settled = (queue: { size(): Promise<number> }): Promise<number> => queue.size();

describe('Queue', function () {
  this.timeout(60_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('gives values in the order in which they were put', async () => {
    const queue = new Queue<number>();
    await Promise.all(numbers(100).map((x) => queue.put(x)));
    expect([await queue.size(), await queue.empty(), await queue.full()]).to.deep.equal([
      100,
      false,
      false,
    ]);
    expect(await Promise.all(numbers(100).map(() => queue.get()))).to.deep.equal(numbers(100));
    expect([await queue.size(), await queue.empty()]).to.deep.equal([0, true]);
  });

  it('serves those who wait for a value in the order of asking', async () => {
    const queue = new Queue<number>();
    const waiting = numbers(50).map(() => queue.get());
    await queue.putNowaitBatch(numbers(50));
    expect(await Promise.all(waiting)).to.deep.equal(numbers(50));
  });

  it('serves those who wait for room in the order of asking', async () => {
    const queue = new Queue<number>({ maxSize: 2 });
    const putting = numbers(10).map((x) => queue.put(x));
    await Promise.all(putting.slice(0, 2));
    expect([await queue.size(), await queue.full()]).to.deep.equal([2, true]);
    expect(await Promise.all(numbers(10).map(() => queue.get()))).to.deep.equal(numbers(10));
    await Promise.all(putting);
  });

  it('throws at once, without waiting, where there is no value or no room', async () => {
    const queue = new Queue<number>({ maxSize: 1 });
    const empty = await rejection(queue.getNowait());
    expect(empty).to.be.instanceOf(QueueEmptyError).and.not.instanceOf(TaskError);
    expect(empty.name).to.equal('QueueEmptyError');
    await queue.putNowait(1);
    const full = await rejection(queue.putNowait(2));
    expect(full).to.be.instanceOf(QueueFullError).and.not.instanceOf(TaskError);
    expect(full).to.include({ name: 'QueueFullError', maxSize: 1 });
    expect(await queue.getNowait()).to.equal(1);
  });

  it('throws after a timeout, which swallows nothing and puts nothing', async () => {
    const queue = new Queue<number>({ maxSize: 1 });
    expect(await rejection(queue.get({ timeout: 5 }))).to.be.instanceOf(QueueEmptyError);
    await queue.put(1);
    expect(await rejection(queue.put(2, { timeout: 5 }))).to.be.instanceOf(QueueFullError);
    expect(await queue.get({ timeout: 10_000 })).to.equal(1);
    expect(await queue.size()).to.equal(0);
    const late = queue.get({ timeout: 10_000 });
    await queue.put(3, { timeout: Infinity });
    expect(await late).to.equal(3);
  });

  it('throws in a task as it does here', async () => {
    const queue = new Queue<number>();
    const inTask = remote(async () => {
      const error: unknown = await queue.get({ timeout: 1 }).catch((e: unknown) => e);
      return error instanceof QueueEmptyError && !(error instanceof TaskError);
    });
    expect(await get(inTask.remote())).to.equal(true);
  });

  it('ends the waiting when a signal is aborted, which swallows nothing and puts nothing', async () => {
    const queue = new Queue<number>({ maxSize: 1 });
    const aborted = AbortSignal.abort(new RangeError('before'));
    expect(await rejection(queue.get({ signal: aborted }))).to.be.instanceOf(RangeError);
    const controller = new AbortController();
    const getting = rejection(queue.get({ signal: controller.signal }));
    await settled(queue);
    controller.abort(new RangeError('not now'));
    expect(await getting).to.be.instanceOf(RangeError);
    await queue.put(1, { signal: new AbortController().signal });
    const other = new AbortController();
    const putting = rejection(queue.put(2, { signal: other.signal }));
    await settled(queue);
    other.abort();
    expect((await putting).name).to.equal('AbortError');
    expect(await collectNow(queue)).to.deep.equal([1]);
  });

  it('loses no value, whenever a signal is aborted or a time is over', async () => {
    const queue = new Queue<number>();
    const taken: number[] = [];
    let given = 0;
    for (let round = 0; round < 200; round += 1) {
      const controller = new AbortController();
      const how = round % 2 === 0 ? { signal: controller.signal } : { timeout: round % 3 };
      const getting = queue.get(how).then(
        (x) => taken.push(x),
        () => {},
      );
      const putting = queue.put(given);
      given += 1;
      if (round % 4 === 0) await settled(queue);
      controller.abort();
      await Promise.all([getting, putting]);
    }
    taken.push(...(await collectNow(queue)));
    expect(taken.sort((a, b) => a - b)).to.deep.equal(numbers(given));
  });

  it('puts and takes batches whole or not at all', async () => {
    const queue = new Queue<number>({ maxSize: 3 });
    await queue.putNowaitBatch([1, 2]);
    const full = await rejection(queue.putNowaitBatch([3, 4]));
    expect(full).to.be.instanceOf(QueueFullError);
    expect(full.message).to.match(/has no room for 2 values: it holds at most 3/);
    expect(await queue.size()).to.equal(2);
    await queue.putNowaitBatch(new Set([3]));
    const empty = await rejection(queue.getNowaitBatch(4));
    expect(empty).to.be.instanceOf(QueueEmptyError);
    expect(empty.message).to.match(/holds fewer than 4 values/);
    expect(await queue.getNowaitBatch(2)).to.deep.equal([1, 2]);
    expect(await queue.getNowaitBatch(0)).to.deep.equal([]);
    expect(await queue.getNowaitBatch(1)).to.deep.equal([3]);
  });

  it('counts those who wait as room for a batch', async () => {
    const queue = new Queue<number>({ maxSize: 1 });
    const waiting = [queue.get(), queue.get()];
    await settled(queue);
    await queue.putNowaitBatch([1, 2, 3]);
    expect(await Promise.all(waiting)).to.deep.equal([1, 2]);
    expect(await collectNow(queue)).to.deep.equal([3]);
  });

  it('carries any value: refs as refs, instances as instances, functions, undefined', async () => {
    class Point {
      constructor(
        readonly x: number,
        readonly y: number,
      ) {}
    }
    class Money {
      #cents: number;
      constructor(cents: number) {
        this.#cents = cents;
      }
      get cents(): number {
        return this.#cents;
      }
    }
    registerClass(Money, {
      name: 'Money of a queue',
      encode: (money) => money.cents,
      decode: (cents: number) => new Money(cents),
    });
    const queue = new Queue<unknown>();
    const ref = put(5);
    const three = 3;
    for (const value of [ref, new Point(1, 2), new Money(7), () => three, undefined, [ref]]) {
      await queue.put(value);
    }
    expect(await get((await queue.get()) as ObjectRef<number>)).to.equal(5);
    expect(await queue.get())
      .to.be.instanceOf(Point)
      .and.deep.equal(new Point(1, 2));
    expect(((await queue.get()) as Money).cents).to.equal(7);
    expect(((await queue.get()) as () => number)()).to.equal(3);
    expect(await queue.get()).to.equal(undefined);
    expect(await get(((await queue.get()) as [ObjectRef<number>])[0])).to.equal(5);
    const error = await rejection(queue.put({ inner: Promise.resolve() }));
    expect(error).to.be.instanceOf(SerializationError);
  });

  it('is one queue wherever it goes: as an argument, in a value, in a closure, in an actor', async () => {
    const queue = new Queue<string>();
    class Holder {
      constructor(private readonly held: Queue<string>) {}
      async put(text: string): Promise<boolean> {
        await this.held.put(text);
        return this.held instanceof Queue;
      }
    }
    const asArgument = remote(async (given: Queue<string>) => {
      await given.put('argument');
      return given instanceof Queue;
    });
    const inValue = remote(async ({ list }: { list: Queue<string>[] }) => list[0]?.put('value'));
    const inClosure = remote(async () => queue.put('closure'));
    expect(await get(asArgument.remote(queue))).to.equal(true);
    await get(inValue.remote({ list: [queue] }));
    await get(inClosure.remote());
    expect(await get(remote(Holder).remote(queue).put.remote('actor'))).to.equal(true);
    const back = await get(put(queue));
    expect(back).to.be.instanceOf(Queue);
    expect(await collectNow(back)).to.deep.equal(['argument', 'value', 'closure', 'actor']);
  });

  it('can be made in a task and outlive it', async () => {
    const make = remote(async () => {
      const queue = new Queue<number>();
      await queue.put(4);
      return queue;
    });
    const queue = await get(make.remote());
    expect(await queue.get()).to.equal(4);
  });

  it('gives each of 1,000 values once, to many tasks from many tasks', async () => {
    const queue = new Queue<number>({ maxSize: 10 });
    const consumers = numbers(4).map(() => consume.remote(queue));
    const producers = numbers(4).map((n) => produce.remote(queue, 250 * n, 250 * (n + 1)));
    await get(producers);
    await queue.shutdown();
    const taken = await get(consumers);
    expect(taken.flat().sort((a, b) => a - b)).to.deep.equal(numbers(1000));
  });

  it('lets more calls wait than most would allow, and serves them', async () => {
    const queue = new Queue<number>();
    const waiting = numbers(3000).map(() => queue.get());
    await Promise.all(numbers(3000).map((x) => queue.put(x)));
    expect(await Promise.all(waiting)).to.deep.equal(numbers(3000));
  });

  it('lends the CPU of a task that waits', async () => {
    const queue = new Queue<number>();
    const taking = remote(() => queue.get());
    const waiting = [taking.remote(), taking.remote(), taking.remote()];
    await get([0, 1, 2].map((x) => produce.remote(queue, x, x + 1)));
    expect((await get(waiting)).sort()).to.deep.equal([0, 1, 2]);
  });

  it('refuses what it cannot use', async () => {
    expect(() => new Queue({ maxsize: 5 } as never)).to.throw(
      InvalidOptionError,
      'new Queue() has no option maxsize. Did you mean maxSize?',
    );
    expect(() => new Queue({ maxSize: -1 })).to.throw(InvalidOptionError, 'maxSize must be');
    expect(() => new Queue({ actorOptions: { maxConcurrency: 1 } as never })).to.throw(
      InvalidOptionError,
      'maxConcurrency cannot be chosen here',
    );
    expect(() => new Queue({ actorOptions: { cpus: 1 } as never })).to.throw(
      InvalidOptionError,
      'the actorOptions of new Queue() has no option cpus',
    );
    const queue = new Queue<number>();
    expect(await rejection(queue.get({ timeout: -1 }))).to.be.instanceOf(InvalidOptionError);
    expect(await rejection(queue.put(1, { timeOut: 1 } as never))).to.be.instanceOf(
      InvalidOptionError,
    );
    expect(await rejection(queue.getNowaitBatch(-1))).to.be.instanceOf(InvalidArgumentError);
    expect(await rejection(queue.putNowaitBatch(5 as never))).to.be.instanceOf(
      InvalidArgumentError,
    );
  });
});

describe('a Queue that is shut down', function () {
  this.timeout(60_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('gives what it holds, and then no more', async () => {
    const queue = new Queue<number>();
    await queue.putNowaitBatch([1, 2, 3]);
    let over = false;
    const end = queue.shutdown({ graceMs: 30_000 }).then(() => (over = true));
    const error = await rejection(queue.put(4));
    expect(error).to.be.instanceOf(ActorDiedError);
    expect(error.message).to.match(/^the actor Queue \(.*\) is dead: it was shut down$/);
    expect(await queue.getNowaitBatch(2)).to.deep.equal([1, 2]);
    expect(over).to.equal(false);
    expect(await collect(queue)).to.deep.equal([3]);
    await end;
    expect(await rejection(queue.get())).to.be.instanceOf(ActorDiedError);
    expect(await rejection(queue.size())).to.be.instanceOf(ActorDiedError);
    expect(await collect(queue)).to.deep.equal([]);
    await queue.shutdown();
  });

  it('ends those who wait', async () => {
    const queue = new Queue<number>({ maxSize: 1 });
    const [iterated, got] = [collect(queue), rejection(queue.get())];
    await settled(queue);
    await queue.shutdown();
    expect(await iterated).to.deep.equal([]);
    expect(await got).to.be.instanceOf(ActorDiedError);
    const full = new Queue<number>({ maxSize: 1 });
    await full.put(1);
    const putting = rejection(full.put(2));
    await settled(full);
    const end = full.shutdown();
    expect(await putting).to.be.instanceOf(ActorDiedError);
    expect(await full.get()).to.equal(1);
    await end;
  });

  it('drops what it holds after the grace period, and with force at once', async () => {
    for (const options of [{ graceMs: 10 }, { force: true }]) {
      const queue = new Queue<number>();
      await queue.put(1);
      await queue.shutdown(options);
      expect(await rejection(queue.get())).to.be.instanceOf(ActorDiedError);
    }
  });

  it('says so in the same words, during the grace period and after, whatever is asked', async () => {
    for (const force of [true, false]) {
      const queue = new Queue<number>();
      const waits = rejection(queue.get());
      await queue.shutdown({ force, graceMs: 0 });
      const errors = [
        await waits,
        await rejection(queue.put(1)),
        await rejection(queue.getNowait()),
        await rejection(queue.size()),
        await rejection(queue.full()),
        await rejection(queue.putNowaitBatch([1])),
      ];
      for (const { message } of errors) {
        expect(message).to.match(/^the actor Queue \(.*\) is dead: it was shut down$/);
      }
    }
  });

  it('ends a loop here and in tasks, which may be left before', async () => {
    const queue = new Queue<number>();
    const consumer = consume.remote(queue);
    await queue.putNowaitBatch([1, 2, 3]);
    for await (const x of queue) {
      await queue.put(x);
      break;
    }
    const end = queue.shutdown();
    expect((await get(consumer)).length).to.be.within(2, 3);
    await end;
  });
});

describe('Queue at the end of a script', function () {
  this.timeout(30_000);
  const folder = new ScriptFolder();
  after(() => folder.remove());

  it('holds the process while somebody waits, and no longer', async () => {
    const { status, stdout } = await folder.run(`
      const { Queue, init, remote } = require('rayx');
      init({ numCpus: 1 });
      const queue = new Queue();
      const late = remote(async () => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        await queue.put('late');
      });
      late.remote();
      queue.get().then(console.log);`);
    expect({ status, stdout }).to.deep.equal({ status: 0, stdout: 'late\n' });
  });
});

async function collectNow<T>(queue: Queue<T>): Promise<T[]> {
  return queue.getNowaitBatch(await queue.size());
}
