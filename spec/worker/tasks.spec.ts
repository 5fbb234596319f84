import { expect } from 'chai';
import { collectGarbage } from '../../lib/base/garbage';
import { callContext } from '../../lib/protocol/context';
import { Bench } from './support';

describe('tasks of a worker', () => {
  let bench: Bench;
  beforeEach(() => (bench = new Bench()));

  /** A task that ends when it is told to. */
  const gate = () => {
    let open: (value: unknown) => void = () => {};
    const promise = new Promise((resolve) => (open = resolve));
    return { task: () => promise, open };
  };

  it('run with their arguments and report the result and the time it took', async () => {
    const add = bench.define('function', (a: number, b: number) => a + b, 'add');
    const call = bench.run(add, [2, 3]);
    const done = await bench.done(call);
    expect(done.outcome).to.deep.equal({ ok: true, value: 5 });
    expect(done.took).to.be.at.least(0);
    expect(done).not.to.have.property('exitCode');
  });

  it('get the values of refs in the place of their arguments', async () => {
    const list = bench.define('function', (...all: unknown[]) => all, 'list');
    const call = bench.run(list, ['a', undefined, 'c', undefined], {
      refArgs: [
        [1, 'object'],
        [3, 'object'],
      ],
      values: [['object', bench.codec.encode({ b: 1 }, 'value')]],
    });
    const result = (await bench.value(call)) as unknown[];
    expect(result).to.deep.equal(['a', { b: 1 }, 'c', { b: 1 }]);
    expect(result[1]).to.equal(result[3]);
  });

  it('keep nothing of these when they have ended, though something they began lives on', async () => {
    const begun: unknown[] = [];
    let seen: WeakRef<ArrayBufferLike> | undefined;
    const begin = bench.define(
      'function',
      ({ buffer }: Uint8Array) => {
        begun.push(callContext.getStore());
        seen = new WeakRef(buffer);
      },
      'begin',
    );
    const value = bench.codec.encode(new Uint8Array(100_000), 'value');
    await bench.value(
      bench.run(begin, [0], { refArgs: [[0, 'object']], values: [['object', value]] }),
    );
    await new Promise(setImmediate);
    collectGarbage();
    expect(begun).to.have.length(1);
    expect(seen?.deref()).to.equal(undefined);
  });

  it('may be asynchronous', async () => {
    const nap = bench.define('function', async () => Promise.resolve('rested'), 'nap');
    expect(await bench.value(bench.run(nap))).to.equal('rested');
  });

  it('report what they throw or reject with', async () => {
    const fail = bench.define(
      'function',
      (how: string): unknown => {
        if (how === 'throw') throw new RangeError('thrown');
        return Promise.reject(new RangeError('rejected'));
      },
      'fail',
    );
    expect(await bench.thrown(bench.run(fail, ['throw']))).to.be.instanceOf(RangeError);
    expect(await bench.thrown(bench.run(fail, ['reject']))).to.have.property('message', 'rejected');
  });

  it('fail when their result cannot travel, saying where it cannot', async () => {
    const leak = bench.define('function', () => ({ inner: { socket: new WeakRef({}) } }), 'leak');
    const error = (await bench.thrown(bench.run(leak))) as Error;
    expect(error.message).to.include('result.inner.socket');
  });

  it('know their call, and that they have ended', async () => {
    const who = bench.define('function', () => callContext.getStore()?.name, 'who');
    const call = bench.run(who);
    expect(await bench.value(call)).to.equal('who');
    expect(bench.ended).to.have.length(1);
    expect(bench.ended[0]).to.deep.include({
      call,
      name: 'who',
      depth: 2,
      attempt: 1,
      ended: true,
    });
  });

  it('wait for code that can only be loaded asynchronously', async () => {
    let ready: () => void = () => {};
    bench.preparing = new Promise((resolve) => (ready = resolve));
    const one = bench.define('function', () => 1, 'one');
    const call = bench.run(one);
    await new Promise(setImmediate);
    expect(bench.said).to.deep.equal([]);
    ready();
    expect(await bench.value(call)).to.equal(1);
  });

  it('fail when their code cannot be loaded', async () => {
    bench.preparing = Promise.reject(new Error('no such module'));
    bench.preparing.catch(() => {});
    const one = bench.define('function', () => 1, 'one');
    expect(await bench.thrown(bench.run(one))).to.have.property('message', 'no such module');
  });

  it('start one after the other, when the thread is empty', async () => {
    const started: string[] = [];
    const first = gate();
    const slow = bench.define('function', () => (started.push('slow'), first.task()), 'slow');
    const next = bench.define('function', () => started.push('next'), 'next');
    const [a, b] = [bench.run(slow), bench.run(next)];
    await bench.until(() => started.length > 0);
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
    expect(started).to.deep.equal(['slow']);
    first.open('done');
    expect(await bench.value(a)).to.equal('done');
    await bench.done(b);
    expect(started).to.deep.equal(['slow', 'next']);
  });

  it('start at once beside a suspended one when they are to', async () => {
    const first = gate();
    const slow = bench.define('function', first.task, 'slow');
    const child = bench.define('function', () => 'child', 'child');
    const parent = bench.run(slow);
    expect(await bench.value(bench.run(child, [], { beside: true }))).to.equal('child');
    first.open('parent');
    expect(await bench.value(parent)).to.equal('parent');
  });

  it('are dropped when they were taken back before they started', async () => {
    const first = gate();
    const ran: number[] = [];
    const slow = bench.define('function', () => (ran.push(1), first.task()), 'slow');
    const note = bench.define('function', (n: number) => ran.push(n), 'note');
    const parent = bench.run(slow);
    const [b, c] = [bench.run(note, [2]), bench.run(note, [3])];
    await bench.until(() => ran.length > 0);
    expect(bench.revoke(parent)).to.equal(false);
    expect(bench.revoke(b)).to.equal(true);
    first.open('done');
    await bench.done(c);
    expect(ran).to.deep.equal([1, 3]);
    expect(bench.revoke(c)).to.equal(false);
  });

  it('go on behind one that was taken back, and whose function was forgotten meanwhile', async () => {
    const first = gate();
    const slow = bench.define('function', first.task, 'slow');
    const gone = bench.define('function', () => 'gone', 'gone');
    const here = bench.define('function', () => 'here', 'here');
    bench.run(slow);
    const [taken, last] = [bench.run(gone), bench.run(here)];
    expect(bench.revoke(taken)).to.equal(true);
    bench.send({ type: 'undefine', spec: gone });
    first.open('done');
    expect(await bench.value(last)).to.equal('here');
  });

  it('let the thread retire when the last has ended', async () => {
    const first = gate();
    const slow = bench.define('function', first.task, 'slow');
    const call = bench.run(slow);
    bench.send({ type: 'retire' });
    await new Promise(setImmediate);
    expect(bench.exits).to.deep.equal([]);
    first.open('done');
    expect(await bench.value(call)).to.equal('done');
    expect(bench.exits).to.deep.equal([0]);
  });
});
