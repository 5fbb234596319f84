import { expect } from 'chai';
import { BlockedClock, systemClock } from '../../lib/base/clock';

describe("the machine's clock", () => {
  it('waits long where asked to wait longer than a timer can', async () => {
    const called: number[] = [];
    const cancels = [2 ** 31, 1e10, Infinity].map((delay) =>
      systemClock.after(delay, () => called.push(delay)),
    );
    await new Promise<void>((resolve) => void setTimeout(resolve, 20));
    for (const cancel of cancels) cancel();
    expect(called).to.deep.equal([]);
  });
});

describe('the clock of a thread that blocks', () => {
  const block = (milliseconds: number): void => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
  };
  const later = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => void setTimeout(resolve, milliseconds));

  it('tells how long until something is due, and does it once', async () => {
    const clock = new BlockedClock();
    const done: string[] = [];
    clock.after(300, () => done.push('soon'));
    clock.after(60_000, () => done.push('late'));
    expect(clock.left).to.be.within(0, 300);
    clock.run();
    expect(done).to.deep.equal([]);
    block(301);
    clock.run();
    expect(done).to.deep.equal(['soon']);
    expect(clock.left).to.be.within(10_000, 60_000);
    await later(20);
    expect(done).to.deep.equal(['soon']);
  });

  it('goes by itself while nobody blocks', async () => {
    const clock = new BlockedClock();
    const done: string[] = [];
    clock.after(1, () => done.push('one'));
    await later(20);
    expect(done).to.deep.equal(['one']);
    expect(clock.left).to.equal(Infinity);
  });

  it('forgets what is cancelled', async () => {
    const clock = new BlockedClock();
    const done: string[] = [];
    clock.after(1, () => done.push('never'))();
    expect(clock.left).to.equal(Infinity);
    block(2);
    clock.run();
    await later(5);
    expect(done).to.deep.equal([]);
  });
});
