import { expect } from 'chai';
import type { ToClient } from '../../../lib/protocol/messages';
import type { Failure } from '../../../lib/protocol/payload';
import { Bench, callOf, driver, encoded } from './support';

describe('scheduler: objects', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
  });

  const kept = (): number => bench.scheduler.usage().objects;

  it('keeps a value while somebody holds it, and tells its maker nothing new', () => {
    expect(bench.put('x')).to.deep.equal([]);
    expect(kept()).to.equal(1);
    bench.release(driver, 'x');
    expect(kept()).to.equal(0);
  });

  it('tells a client that wants an object at once, or when it is there', () => {
    bench.put('x');
    bench.submit('a', { inner: ['x'] });
    expect(bench.want('n-1', 'x')).to.deep.equal(['n-1 <- settled x ok']);
    bench.submit('b');
    expect(bench.want('n-1', 'b')).to.deep.equal([]);
    bench.done('n-1', 'a');
    expect(bench.done('n-1', 'b')).to.deep.equal(['n-0 <- settled b ok', 'n-1 <- settled b ok']);
  });

  it('answers for an object that is gone with an error, not with silence', () => {
    expect(bench.want('n-1', 'gone')).to.deep.equal(['n-1 <- settled gone OBJECT_LOST']);
    bench.submit('a', { refs: ['away'] });
    expect(bench.said).to.deep.equal(['n-0 <- settled a failed by an object']);
  });

  it('ends a pending object that nobody holds by telling its owner so', () => {
    bench.submit('a');
    expect(bench.release(driver, 'a')).to.deep.equal([]);
    expect(bench.done('n-1', 'a')).to.deep.equal(['n-0 <- forgotten a']);
    expect(kept()).to.equal(0);
  });

  it('counts what was sent: a ref on its way is not forgotten', () => {
    bench.put('x');
    bench.submit('a', { inner: ['x'] });
    bench.submit('b', { inner: ['x'] });
    bench.release(driver, 'x');
    bench.done('n-1', 'a');
    // `b`, with another copy of the ref, was sent before this arrived.
    bench.release('n-1', 'x', 1);
    bench.done('n-1', 'b');
    expect(kept()).to.equal(3);
    bench.release('n-1', 'x', 1);
    expect(kept()).to.equal(2);
  });

  it('holds the arguments of a call, top-level and inside, until it has ended', () => {
    bench.put('x');
    bench.put('y');
    bench.submit('a', { refs: ['x'] });
    bench.submit('b', { refs: ['y'] });
    bench.release(driver, 'x');
    bench.release(driver, 'y');
    expect(kept()).to.equal(4);
    bench.done('n-1', 'a');
    expect(kept()).to.equal(3);
    bench.done('n-1', 'b');
    expect(kept()).to.equal(2);
  });

  it('holds the refs inside a stored value', () => {
    bench.put('x');
    bench.put('box', encoded('box', { refs: ['x'] }));
    bench.release(driver, 'x');
    expect(kept()).to.equal(2);
    bench.release(driver, 'box');
    expect(kept()).to.equal(0);
  });

  it('drops a box in a box in a box …, however deep', () => {
    const { scheduler } = bench;
    for (let n = 0; n < 100_000; n += 1) {
      const value = n === 0 ? 'core' : encoded('box', { refs: [`box${n - 1}`] });
      const message = { type: 'put', id: `box${n}`, value } as const;
      scheduler.handle({ at: 0, type: 'messages', from: driver, messages: [message] });
    }
    for (let n = 0; n < 100_000; n += 1) {
      const message = { type: 'release', ids: [[`box${n}`, 1]] } as const;
      scheduler.handle({ at: 0, type: 'messages', from: driver, messages: [message] });
    }
    expect(kept()).to.equal(0);
  });
});

describe('scheduler: chains of dependants', () => {
  const LENGTH = 100_000;

  /** A chain of calls, each with the one before as its argument; the first is left to run. */
  function chain(): Bench {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    const { scheduler } = bench;
    for (let n = 0; n < LENGTH; n += 1) {
      const parts = n === 0 ? {} : { refs: [`c${n - 1}`] };
      const call = { ...callOf(`c${n}`, parts), spec: 'f' };
      scheduler.handle({
        at: 0,
        type: 'messages',
        from: driver,
        messages: [{ type: 'submit', call }],
      });
    }
    return bench;
  }

  it('settles 100,000 calls that fail by the first, with a bounded account of the way', () => {
    const { scheduler } = chain();
    const failure: Failure = { kind: 'thrown', task: 'f', error: 'boom' };
    const outcome = { ok: false, failure } as const;
    const message = { type: 'done', call: 'c0', outcome, took: 1, blocked: false } as const;
    const said = scheduler.handle({ at: 0, type: 'messages', from: 'n-1', messages: [message] });
    const settled = said.flatMap((one) =>
      one.type === 'send' && one.message.type === 'settled' ? [one.message] : [],
    );
    expect(settled).to.have.length(LENGTH);
    expect(settled.at(-1)?.id).to.equal(`c${LENGTH - 1}`);
    const last = (settled.at(-1) as Extract<ToClient, { type: 'settled' }>).outcome;
    if (last.ok || last.failure.kind !== 'dependency') throw new Error('it did not fail');
    expect(last.failure.root).to.equal(failure);
    expect(last.failure.via).to.have.length(10);
  });

  it('runs 100,000 calls one after the other', () => {
    const { scheduler } = chain();
    for (let n = 0; n < LENGTH; n += 1) {
      const outcome = { ok: true, value: n } as const;
      const message = { type: 'done', call: `c${n}`, outcome, took: 1, blocked: false } as const;
      scheduler.handle({ at: n, type: 'messages', from: 'n-1', messages: [message] });
    }
    expect(scheduler.usage().calls).to.equal(0);
  });
});

describe('scheduler: failures nobody looked at', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.define('g');
  });

  it('are told when their last ref goes', () => {
    bench.submit('a');
    bench.fail('n-1', 'a');
    expect(bench.release(driver, 'a')).to.deep.equal(['n-0 <- unseen a']);
  });

  it('are not told when somebody got the error', () => {
    bench.submit('a');
    bench.fail('n-1', 'a');
    bench.look('a');
    expect(bench.release(driver, 'a')).to.deep.equal([]);
    expect(bench.unseen()).to.deep.equal([]);
  });

  it('are looked at with a dependant that is looked at', () => {
    bench.submit('a');
    bench.submit('b', { fn: 'g', refs: ['a'] });
    bench.release(driver, 'a');
    bench.fail('n-1', 'a');
    expect(bench.said).to.deep.equal(['n-0 <- forgotten a', 'n-0 <- settled b failed by f']);
    bench.look('b');
    expect(bench.release(driver, 'b')).to.deep.equal([]);
  });

  it('are told once for a chain, by the one that failed itself', () => {
    bench.submit('a');
    bench.submit('b', { fn: 'g', refs: ['a'] });
    bench.submit('c', { fn: 'g', refs: ['b'] });
    bench.fail('n-1', 'a');
    expect(bench.release(driver, 'a')).to.deep.equal([]);
    expect(bench.release(driver, 'b')).to.deep.equal([]);
    expect(bench.release(driver, 'c')).to.deep.equal(['n-0 <- unseen a']);
  });

  it('are told of a dependant when only the cause was looked at', () => {
    bench.submit('a');
    bench.submit('b', { fn: 'g', refs: ['a'] });
    bench.fail('n-1', 'a');
    bench.look('a');
    expect(bench.release(driver, 'b')).to.deep.equal(['n-0 <- unseen b']);
  });

  it('are listed once for whoever asks', () => {
    bench.submit('a');
    bench.fail('n-1', 'a');
    const [failure] = bench.unseen();
    expect(failure).to.deep.include({ id: 'a', task: 'f' });
    expect(bench.unseen()).to.deep.equal([]);
    expect(bench.release(driver, 'a')).to.deep.equal([]);
  });
});
