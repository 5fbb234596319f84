import { expect } from 'chai';
import type { Clock } from '../../lib/base/clock';
import { Ticker } from '../../lib/raylet/ticker';

/** A clock that goes only when told to. */
class ManualClock implements Clock {
  private time = 0;
  private readonly timers = new Map<() => void, number>();

  now = (): number => this.time;

  after(delay: number, callback: () => void): () => void {
    this.timers.set(callback, this.time + delay);
    return () => this.timers.delete(callback);
  }

  pass(milliseconds: number): void {
    this.time += milliseconds;
    for (const [callback, due] of [...this.timers]) {
      if (due > this.time) continue;
      this.timers.delete(callback);
      callback();
    }
  }
}

describe('the ticker', () => {
  let clock: ManualClock;
  let ticks: number[];
  let ticker: Ticker;

  beforeEach(() => {
    clock = new ManualClock();
    ticks = [];
    ticker = new Ticker(clock, () => ticks.push(clock.now()));
  });

  it('ticks once for each time it was asked', () => {
    ticker.after(10);
    clock.pass(10);
    clock.pass(10);
    ticker.after(5);
    clock.pass(5);
    expect(ticks).to.deep.equal([10, 25]);
  });

  it('takes the earliest of several wishes', () => {
    ticker.after(10);
    ticker.after(3);
    ticker.after(7);
    for (let passed = 0; passed < 20; passed += 1) clock.pass(1);
    expect(ticks).to.deep.equal([3]);
  });

  it('is still when stopped', () => {
    ticker.after(1);
    ticker.stop();
    clock.pass(5);
    expect(ticks).to.deep.equal([]);
  });
});
