import { expect } from 'chai';
import type { Clock } from '../../lib/base/clock';
import { Sweeper } from '../../lib/client/sweeper';

/** A clock that is moved by hand, and runs what is due. */
class HandClock implements Clock {
  private time = 0;
  private planned: { due: number; callback: () => void }[] = [];

  now(): number {
    return this.time;
  }

  after(delay: number, callback: () => void): () => void {
    const entry = { due: this.time + delay, callback };
    this.planned.push(entry);
    return () => (this.planned = this.planned.filter((other) => other !== entry));
  }

  /** Time goes by in which the thread does not come to what is planned. */
  stall(milliseconds: number): void {
    this.time += milliseconds;
  }

  advance(milliseconds: number): void {
    const end = this.time + milliseconds;
    for (;;) {
      const next = this.planned.sort((a, b) => a.due - b.due)[0];
      if (next === undefined || next.due > end) break;
      this.planned.shift();
      this.time = Math.max(this.time, next.due);
      next.callback();
    }
    this.time = end;
  }
}

describe('client: handles nobody has any more', () => {
  let clock: HandClock;
  let sweeps: number[];
  let takes: number;
  let sweeper: Sweeper;
  let sweptForMemory: number[];
  beforeEach(() => {
    sweptForMemory = [];
    clock = new HandClock();
    sweeps = [];
    takes = 0;
    const collect = (): void => {
      sweeps.push(clock.now());
      clock.advance(takes);
    };
    sweeper = new Sweeper(clock, collect, () => sweptForMemory.push(clock.now()));
  });
  const come = (count: number): void => {
    for (let n = 0; n < count; n += 1) sweeper.handleCame();
  };

  it('are looked for when sixteen have come, wherever the thread is', () => {
    come(15);
    clock.advance(60_000);
    expect(sweeps).to.deep.equal([]);
    come(1);
    clock.advance(0);
    expect(sweeps).to.deep.equal([60_000]);
  });

  it('are told of as gone when memory is wanted, and without a pause when it is wanted urgently', () => {
    takes = 40;
    sweeper.memoryWanted();
    clock.advance(0);
    // Twice as long as the collection took, unless much more came meanwhile.
    sweeper.memoryWanted();
    clock.advance(79);
    expect(sweptForMemory).to.deep.equal([40]);
    for (let times = 0; times < 3; times += 1) sweeper.memoryWanted();
    clock.advance(0);
    expect(sweptForMemory).to.deep.equal([40, 119]);
    come(16);
    clock.advance(60_000);
    expect(sweeps).to.have.lengthOf(3);
    expect(sweptForMemory).to.have.lengthOf(2);
  });

  it('are looked for at once when memory is wanted where the thread never comes to its timers', () => {
    takes = 40;
    sweeper.memoryWanted();
    clock.stall(10);
    expect(sweptForMemory).to.deep.equal([]);
    sweeper.memoryWanted();
    expect(sweptForMemory).to.deep.equal([50]);
    // Not without end: twice as long as the collection took is a pause.
    sweeper.memoryWanted();
    clock.stall(79);
    sweeper.memoryWanted();
    expect(sweptForMemory).to.deep.equal([50]);
    clock.stall(1);
    sweeper.memoryWanted();
    expect(sweptForMemory).to.deep.equal([50, 170]);
  });

  it('are looked for when a task that had one has ended, and 50 ms nothing else', () => {
    sweeper.callEnded();
    clock.advance(1000);
    expect(sweeps, 'without a handle').to.deep.equal([]);
    come(1);
    sweeper.callEnded();
    clock.advance(40);
    sweeper.callEnded();
    clock.advance(1000);
    expect(sweeps).to.deep.equal([1090]);
    sweeper.callEnded();
    clock.advance(1000);
    expect(sweeps, 'again for nothing').to.have.length(1);
  });

  it('are looked for when others want them, however long they have been there', () => {
    come(1);
    sweeper.callEnded();
    clock.advance(1000);
    sweeper.wanted();
    clock.advance(0);
    expect(sweeps).to.deep.equal([50, 1000]);
    sweeper.wanted();
    sweeper.wanted();
    clock.advance(60_000);
    expect(sweeps, 'not at once again, and once').to.deep.equal([50, 1000, 1100]);
  });

  it('take a twentieth of a busy thread at most', () => {
    takes = 50;
    for (let turn = 0; turn < 3000; turn += 1) {
      come(1);
      sweeper.callEnded();
      sweeper.wanted();
      clock.advance(1);
    }
    const share = (sweeps.length * takes) / clock.now();
    expect(share).to.be.within(0.02, 0.06);
  });
});
