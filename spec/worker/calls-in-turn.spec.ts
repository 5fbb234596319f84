import { expect } from 'chai';
import { callContext } from '../../lib/protocol/context';
import { Bench } from './support';

describe('many calls to an instance at once', () => {
  let bench: Bench;
  beforeEach(() => (bench = new Bench()));

  const MANY = 50;

  it('are begun one after the other, each when the microtasks of the one before are over', async () => {
    class Steps {
      done: string[] = [];
      step(n: number): string[] {
        this.done.push(`${n} begins`);
        void this.finish(n);
        return this.done;
      }
      private async finish(n: number): Promise<void> {
        for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
        this.done.push(`${n} is over`);
      }
    }
    bench.create(bench.define('class', Steps, 'Steps'));
    const calls = Array.from({ length: MANY }, (_, n) => bench.invoke('step', [n]));
    const seen = await bench.value(calls.at(-1) ?? '');
    const all = Array.from({ length: MANY }, (_, n) => [`${n} begins`, `${n} is over`]).flat();
    expect(seen).to.deep.equal(all.slice(0, -1));
  });

  it('keep their order where some of them go on for turns', async () => {
    class Mixed {
      done: number[] = [];
      step(n: number): unknown {
        if (n % 3 === 0) return this.slowly(n);
        this.done.push(n);
        return this.done;
      }
      private async slowly(n: number): Promise<unknown> {
        await new Promise(setImmediate);
        this.done.push(n);
        return this.done;
      }
    }
    bench.create(bench.define('class', Mixed, 'Mixed'));
    const calls = Array.from({ length: MANY }, (_, n) => bench.invoke('step', [n]));
    const done = await bench.value(calls.at(-1) ?? '');
    expect(done).to.deep.equal(Array.from({ length: MANY }, (_, n) => n));
  });

  it('do not begin when one of them has left', async () => {
    const begun: number[] = [];
    class Leaver {
      step(n: number): void {
        begun.push(n);
        const context = callContext.getStore();
        if (n === 20 && context) bench.executor.exitActor(context);
      }
    }
    bench.create(bench.define('class', Leaver, 'Leaver'));
    for (let n = 0; n < MANY; n += 1) bench.invoke('step', [n]);
    await bench.until(() => bench.said.find(({ type }) => type === 'exitActor'));
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    expect(begun).to.deep.equal(Array.from({ length: 21 }, (_, n) => n));
  });

  it('leave the thread to others when they take long', async () => {
    const begun: string[] = [];
    class Slow {
      step(name: string): void {
        begun.push(name);
        const until = performance.now() + 3;
        while (performance.now() < until);
      }
    }
    const spec = bench.define('class', Slow, 'Slow');
    for (const actor of ['a', 'b']) bench.create(spec, [], undefined, undefined, actor);
    const calls = ['a', 'b'].flatMap((actor) =>
      Array.from({ length: 20 }, () => bench.invoke('step', [actor], { actor })),
    );
    await bench.value(calls.at(-1) ?? '');
    // Neither ever waits for more than a few calls of the other, however many those have.
    expect(begun.join('')).not.to.match(/aaaab?aaaa|bbbba?bbbb/);
  });

  it('let what else is on the thread have its turns', async () => {
    let turns = 0;
    let stopped = false;
    const tick = (): void => {
      turns += 1;
      if (!stopped) setImmediate(tick);
    };
    class Busy {
      step(): number {
        return turns;
      }
    }
    bench.create(bench.define('class', Busy, 'Busy'));
    setImmediate(tick);
    const calls = Array.from({ length: 10 * MANY }, () => bench.invoke('step'));
    const last = await bench.value(calls.at(-1) ?? '');
    stopped = true;
    expect(last).to.be.at.least(20);
  });
});
