import { expect } from 'chai';
import {
  ActorDiedError,
  cancel,
  get,
  getRuntimeContext,
  init,
  kill,
  Queue,
  remote,
  shutdown,
  TaskCancelledError,
} from 'rayx';
import { rejection } from '../api/support';

/** Answers once the actor behind the queue has taken in all that was asked before. */
const settled = (queue: { size(): Promise<number> }): Promise<number> => queue.size();

describe('a Queue whose waiters are gone', function () {
  this.timeout(60_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('gives nothing to a task that was cancelled while it waited', async () => {
    const queue = new Queue<number>();
    const ready = new Queue<number>();
    const take = remote(async (x: number) => {
      await ready.put(x);
      return queue.get();
    });
    for (let x = 0; x < 5; x += 1) {
      const taking = take.remote(x);
      await ready.get();
      cancel(taking);
      expect(await rejection(get(taking))).to.be.instanceOf(TaskCancelledError);
      await queue.put(x);
      expect(await queue.get({ timeout: 10_000 })).to.equal(x);
    }
  });

  it('gives nothing to a loop that was left while it waited', async () => {
    const queue = new Queue<string>();
    const loop = queue[Symbol.asyncIterator]();
    const next = loop.next();
    await settled(queue);
    await loop.return?.();
    expect(await next).to.deep.equal({ done: true, value: undefined });
    await queue.put('first');
    expect(await queue.get({ timeout: 10_000 })).to.equal('first');
  });

  it('gives nothing to a task that died while it waited, and runs again', async () => {
    const queue = new Queue<string>();
    const ready = new Queue<number>();
    const take = remote(async () => {
      const value = queue.get();
      await queue.size();
      if (getRuntimeContext().attempt === 1) process.exit(1);
      await ready.put(1);
      return value;
    });
    const taking = take.remote();
    await ready.get();
    await queue.put('first');
    expect(await get(taking)).to.equal('first');
  });

  it('gives nothing to an actor that was killed while it waited', async () => {
    const queue = new Queue<string>();
    const ready = new Queue<number>();
    class Taker {
      async take(): Promise<string> {
        const value = queue.get();
        await queue.size();
        await ready.put(1);
        return value;
      }
    }
    const taker = remote(Taker).remote();
    const taking = taker.take.remote();
    await ready.get();
    kill(taker);
    expect(await rejection(get(taking))).to.be.instanceOf(ActorDiedError);
    await settled(queue);
    await queue.put('first');
    expect(await queue.get({ timeout: 10_000 })).to.equal('first');
  });
});
