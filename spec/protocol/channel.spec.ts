import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { expect } from 'chai';
import type { Channel } from '../../lib/protocol/channel';
import { createMemoryChannel } from '../../lib/protocol/memory-channel';
import { createPortChannel, createWakeMemory } from '../../lib/protocol/port-channel';
import { loopTurns } from './turns';

type Ends = readonly [Channel<unknown, unknown>, Channel<unknown, unknown>];

function createPortEnds(): Ends {
  const { port1, port2 } = new MessageChannel();
  const shared = { wake: createWakeMemory(), receive: receiveMessageOnPort };
  return [
    createPortChannel({ ...shared, port: port1, side: 0 }),
    createPortChannel({ ...shared, port: port2, side: 1 }),
  ];
}

const kinds: Record<string, () => Ends> = {
  'a port channel': createPortEnds,
  'a memory channel': () => createMemoryChannel(),
  'a memory channel on turns': () => createMemoryChannel(loopTurns()),
};

for (const [kind, createEnds] of Object.entries(kinds)) {
  describe(kind, () => {
    let here: Channel<unknown, unknown>;
    let there: Channel<unknown, unknown>;

    beforeEach(() => {
      [here, there] = createEnds();
    });

    afterEach(() => {
      here.close();
      there.close();
    });

    /** The next `count` batches that arrive at `there`. */
    const arrivals = (count: number): Promise<(readonly unknown[])[]> =>
      new Promise((resolve) => {
        const batches: (readonly unknown[])[] = [];
        // A spec that waits for a batch must not end before.
        there.ref();
        there.listen((batch) => {
          batches.push(batch);
          if (batches.length === count) resolve(batches);
        });
      });

    it('carries what was posted since the last flush as one batch, in order', async () => {
      const batches = arrivals(2);
      here.post(1);
      here.post('two');
      here.flush();
      here.post({ three: 3 });
      here.flush();
      expect(await batches).to.deep.equal([[1, 'two'], [{ three: 3 }]]);
    });

    it('counts what is posted and not yet flushed', () => {
      expect(here.unsent).to.equal(0);
      here.post(1);
      here.post(2);
      expect(here.unsent).to.equal(2);
      here.flush();
      expect(here.unsent).to.equal(0);
    });

    it('sends nothing for an empty batch', async () => {
      const batches = arrivals(1);
      here.flush();
      here.post('first');
      here.flush();
      expect(await batches).to.deep.equal([['first']]);
    });

    it('keeps batches for a receiver that listens later', async () => {
      here.post('early');
      here.flush();
      await new Promise(setImmediate);
      expect(await arrivals(1)).to.deep.equal([['early']]);
    });

    it('goes both ways', async () => {
      there.listen((batch) => {
        there.post(['echo', batch]);
        there.flush();
      });
      there.ref();
      const answer = new Promise((resolve) => here.listen(resolve));
      here.ref();
      here.post('hello');
      here.flush();
      expect(await answer).to.deep.equal([['echo', ['hello']]]);
    });

    it('gives batches one by one to a reader that does not wait, without the receiver', async () => {
      const received: unknown[] = [];
      there.listen((batch) => received.push(batch));
      here.post(1);
      here.flush();
      here.post(2);
      here.flush();
      expect(there.receiveNow()).to.deep.equal([1]);
      expect(there.receiveNow()).to.deep.equal([2]);
      expect(there.receiveNow()).to.equal(undefined);
      await new Promise(setImmediate);
      expect(received).to.deep.equal([]);
    });

    it('says whether a batch may be there', () => {
      expect(there.waitForBatch(0)).to.equal(false);
      here.post(1);
      here.flush();
      expect(there.waitForBatch(0)).to.equal(true);
      there.receiveNow();
      expect(there.waitForBatch(0)).to.equal(false);
    });

    it('sends copies', async () => {
      const batches = arrivals(1);
      const message = { count: 1 };
      here.post(message);
      here.flush();
      message.count = 2;
      expect(await batches).to.deep.equal([[{ count: 1 }]]);
    });

    it('shares shared memory', async () => {
      const batches = arrivals(1);
      const memory = new SharedArrayBuffer(4);
      here.post(memory);
      here.flush();
      const [[theirs]] = (await batches) as [[SharedArrayBuffer]];
      new Int32Array(memory)[0] = 42;
      expect(new Int32Array(theirs)[0]).to.equal(42);
    });

    it('drops what is posted after it was closed', () => {
      here.close();
      here.post(1);
      here.flush();
      expect(here.unsent).to.equal(0);
      expect(there.receiveNow()).to.equal(undefined);
    });
  });
}

describe('a memory channel on turns', () => {
  it('has done what there is to do while somebody waits for a batch', () => {
    const turns = loopTurns();
    const [here, there] = createMemoryChannel<string, string>(turns);
    there.listen(([word]) => {
      there.post(`${word}!`);
      there.flush();
    });
    here.post('hello');
    here.flush();
    expect(here.waitForBatch(Infinity)).to.equal(true);
    expect(here.receiveNow()).to.deep.equal(['hello!']);
    expect(here.waitForBatch(Infinity)).to.equal(false);
  });
});

describe('a port channel between threads', () => {
  /** Answers each batch with its first message, after the milliseconds that this says. */
  const echo = `
    const { parentPort, receiveMessageOnPort, workerData } = require('node:worker_threads');
    const { createPortChannel } = require(workerData.module);
    const channel = createPortChannel({ ...workerData, side: 1, receive: receiveMessageOnPort });
    const pause = new Int32Array(new SharedArrayBuffer(4));
    channel.ref();
    channel.listen(([delay]) => {
      Atomics.wait(pause, 0, 0, delay);
      channel.post(delay);
      channel.flush();
      if (delay === 0) channel.close();
    });`;

  it('wakes a thread that blocks, and lets it wait no longer than it asked', async () => {
    const { port1, port2 } = new MessageChannel();
    const wake = createWakeMemory();
    const channel = createPortChannel<number, number>({
      port: port1,
      wake,
      side: 0,
      receive: receiveMessageOnPort,
    });
    const module = require.resolve('../../lib/protocol/port-channel');
    const bootstrap = `require('ts-node/register/transpile-only');${echo}`;
    const thread = new Worker(bootstrap, {
      eval: true,
      workerData: { port: port2, wake, module },
      transferList: [port2],
    });
    channel.post(20);
    channel.flush();
    expect(channel.waitForBatch(1)).to.equal(false);
    expect(channel.waitForBatch(5_000)).to.equal(true);
    expect(channel.receiveNow()).to.deep.equal([20]);
    channel.post(0);
    channel.flush();
    await new Promise((resolve) => thread.once('exit', resolve));
    channel.close();
  });
});
