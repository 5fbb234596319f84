import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { leaksBetween, settledLeaks, takeCensus } from './leak-check';

describe('leak check', () => {
  it('counts only what was added', () => {
    const before = { Thread: 1, Timeout: 2, MessagePort: 0 };
    const after = { Thread: 3, Timeout: 1, MessagePort: 1 };
    expect(leaksBetween(before, after)).to.deep.equal(['2 Thread', '1 MessagePort']);
    expect(leaksBetween(before, before)).to.deep.equal([]);
  });

  it('sees a thread that keeps nothing alive', async () => {
    const before = await takeCensus();
    const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
    worker.unref();
    expect(await settledLeaks(before, 0)).to.deep.equal(['1 Thread']);
    await worker.terminate();
    expect(await settledLeaks(before)).to.deep.equal([]);
  });

  it('sees a timer and a listening port', async () => {
    const before = await takeCensus();
    const timer = setInterval(() => {}, 1000);
    const { port1 } = new MessageChannel();
    port1.on('message', () => {});
    expect(await settledLeaks(before, 0)).to.deep.equal(['1 MessagePort', '1 Timeout']);
    clearInterval(timer);
    port1.close();
    await once(port1, 'close');
    expect(await settledLeaks(before, 0)).to.deep.equal([]);
  });

  it('waits for what is about to end', async () => {
    const before = await takeCensus();
    setTimeout(() => {}, 60);
    expect(await settledLeaks(before)).to.deep.equal([]);
  });
});
