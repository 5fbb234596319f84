import { expect } from 'chai';
import { Worker } from 'node:worker_threads';
import { ClaimTable, hasStarted } from '../../lib/protocol/claims';

describe('claim table', () => {
  const claim = { slot: 3, turn: 7 };
  let raylet: ClaimTable;
  let worker: ClaimTable;

  beforeEach(() => {
    raylet = new ClaimTable();
    worker = new ClaimTable(raylet.memory);
    raylet.hold(claim);
  });

  it('lets the worker start a call that was not taken back, and nobody take it back then', () => {
    expect(worker.start(claim)).to.equal(true);
    expect(raylet.revoke(claim)).to.equal(false);
    expect(hasStarted(raylet.snapshot(), claim)).to.equal(true);
  });

  it('keeps a call that was taken back from starting', () => {
    expect(raylet.revoke(claim)).to.equal(true);
    expect(worker.start(claim)).to.equal(false);
    expect(hasStarted(raylet.snapshot(), claim)).to.equal(false);
  });

  it('does not mistake a slot that is used again', () => {
    raylet.revoke(claim);
    const next = { slot: 3, turn: 8 };
    raylet.hold(next);
    expect(worker.start(claim)).to.equal(false);
    expect(worker.start(next)).to.equal(true);
    expect(hasStarted(raylet.snapshot(), claim)).to.equal(false);
  });

  it('tells calls apart in the last turns as well', () => {
    const last = { slot: 0, turn: 0x1fff_ffff };
    raylet.hold(last);
    expect(worker.start(last)).to.equal(true);
    expect(hasStarted(raylet.snapshot(), last)).to.equal(true);
  });

  it('takes everything back at once that has not started, when it is sealed', () => {
    const [begun, held, last] = [1, 2, 3].map((slot) => ({ slot, turn: 0x1fff_ffff - slot }));
    if (!begun || !held || !last) throw new Error('three claims');
    for (const one of [begun, held, last]) raylet.hold(one);
    worker.start(begun);
    const words = raylet.seal();
    expect([begun, held, last].map((one) => hasStarted(words, one))).to.deep.equal([
      true,
      false,
      false,
    ]);
    expect([held, last].map((one) => worker.start(one))).to.deep.equal([false, false]);
  });

  it('gives each call to one of two threads that race for it', async () => {
    const calls = Array.from({ length: 200 }, (_, slot) => ({ slot, turn: 1 }));
    for (const call of calls) raylet.hold(call);
    const racer = new Worker(
      `const { workerData: words, parentPort } = require('node:worker_threads');
       parentPort.postMessage('go');
       let started = 0;
       for (let slot = 0; slot < 200; slot += 1) {
         if (Atomics.compareExchange(words, slot, 4, 5) === 4) started += 1;
       }
       parentPort.postMessage(started);`,
      { eval: true, workerData: new Int32Array(raylet.memory) },
    );
    const started = await new Promise<number>((resolve) => {
      let revoked = 0;
      racer.on('message', (message: 'go' | number) => {
        if (message !== 'go') return resolve(message + revoked);
        for (const call of [...calls].reverse()) if (raylet.revoke(call)) revoked += 1;
      });
    });
    await racer.terminate();
    expect(started).to.equal(200);
  });
});
