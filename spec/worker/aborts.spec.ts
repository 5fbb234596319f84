import { expect } from 'chai';
import { callContext } from '../../lib/protocol/context';
import type { SystemFailure } from '../../lib/protocol/payload';
import { Bench } from './support';

const cancelled: SystemFailure = {
  kind: 'system',
  code: 'TASK_CANCELLED',
  taskName: 'slow',
  reason: 'cancel() was called',
};

describe('a worker that is told to end a call', () => {
  let bench: Bench;
  beforeEach(() => (bench = new Bench()));

  const abort = (call: string): void => bench.send({ type: 'abort', call, failure: cancelled });

  /** A function or method that ends when it is told to. */
  const gate = () => {
    let open: (value: unknown) => void = () => {};
    const promise = new Promise((resolve) => (open = resolve));
    return { task: () => promise, open };
  };

  it('tells the client on its thread, and reports the end when it comes', async () => {
    const { task, open } = gate();
    const call = bench.run(bench.define('function', task, 'slow'));
    await new Promise(setImmediate);
    abort(call);
    await bench.until(() => bench.aborted.length > 0);
    expect(bench.aborted.map(([context, code]) => [context.call, code])).to.deep.equal([
      [call, 'TASK_CANCELLED'],
    ]);
    expect(bench.said).to.deep.equal([]);
    open('late');
    expect(await bench.value(call)).to.equal('late');
  });

  it('does not run a task that was told before its body began', async () => {
    let ready: () => void = () => {};
    bench.preparing = new Promise((resolve) => (ready = resolve));
    const ran: string[] = [];
    const call = bench.run(bench.define('function', () => ran.push('body'), 'slow'));
    abort(call);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    // The client marks the context; here the spec plays the client.
    for (const [context] of bench.aborted) context.abortedBy = new Error('told') as never;
    ready();
    await bench.done(call);
    expect(ran).to.deep.equal([]);
  });

  it('skips a method whose turn has not come, and goes on with the next', async () => {
    const { task, open } = gate();
    const ran: string[] = [];
    class Log {
      slow = task;
      note(name: string): void {
        ran.push(name);
      }
    }
    bench.create(bench.define('class', Log, 'Log'));
    const slow = bench.invoke('slow');
    const [a, b] = [bench.invoke('note', ['a']), bench.invoke('note', ['b'])];
    await new Promise(setImmediate);
    abort(a);
    await new Promise(setImmediate);
    open('done');
    expect((await bench.done(slow)).outcome.ok).to.equal(true);
    expect((await bench.done(a)).outcome).to.deep.equal({ ok: false, failure: cancelled });
    await bench.done(b);
    expect(ran).to.deep.equal(['b']);
    expect(bench.aborted).to.deep.equal([]);
  });

  it('tells a method that runs', async () => {
    const { task, open } = gate();
    class Log {
      slow = task;
    }
    bench.create(bench.define('class', Log, 'Log'));
    const slow = bench.invoke('slow');
    await bench.until(() => bench.said.some(({ type }) => type === 'created'));
    await new Promise(setImmediate);
    abort(slow);
    await bench.until(() => bench.aborted.length > 0);
    open('done');
    await bench.done(slow);
  });

  it('knows nothing of calls that have ended, or were never here', async () => {
    const one = bench.define('function', () => 1, 'one');
    const call = bench.run(one);
    await bench.done(call);
    abort(call);
    abort('elsewhere');
    expect(await bench.value(bench.run(one))).to.equal(1);
    expect(bench.aborted).to.deep.equal([]);
  });
});

describe('a worker with a task that has a timeout', () => {
  it('says when its body begins, and only then', async () => {
    const bench = new Bench();
    const seen: string[] = [];
    const slow = bench.define(
      'function',
      () => {
        seen.push(...bench.said.map(({ type }) => type));
        return callContext.getStore()?.attempt;
      },
      'slow',
      { task: { timeout: 1000 } },
    );
    const call = bench.run(slow);
    expect(await bench.value(call)).to.equal(1);
    expect(bench.said.map(({ type }) => type)).to.deep.equal(['started', 'done']);
    expect(bench.said[0]).to.deep.equal({ type: 'started', call, attempt: 0 });
    const usual = bench.run(bench.define('function', () => 1, 'usual'));
    await bench.done(usual);
    expect(bench.said.filter(({ type }) => type === 'started')).to.have.length(1);
  });
});
