import { expect } from 'chai';
import type { SystemFailure } from '../../../lib/protocol/payload';
import { Bench, driver, waitFor } from './support';

/** The failure with which an object settled in the last event. */
function failureOf(bench: Bench, id: string): Partial<SystemFailure> {
  for (const one of bench.instructions) {
    if (one.type !== 'send' || one.message.type !== 'settled' || one.message.id !== id) continue;
    if (!one.message.outcome.ok) return one.message.outcome.failure as SystemFailure;
  }
  return {};
}

describe('scheduler: a thread ends', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 1 });
    bench.define('f', { maxRetries: 1 });
    bench.define('once', { maxRetries: 0 });
    bench.define('ever', { maxRetries: -1 });
  });

  const taken = (): number => bench.scheduler.usage().taken.CPU ?? 0;

  it('runs the call again on the next thread, as often as it may', () => {
    bench.submit('a');
    expect(bench.exited('n-1', {}, ['a'])).to.deep.equal(['start n-2']);
    expect(bench.online('n-2')).to.deep.equal(['n-2 <- define f', 'n-2 <- run a again 1']);
    expect(bench.exited('n-2', { reason: 'it crashed' }, ['a'])).to.deep.equal([
      'n-0 <- settled a WORKER_CRASHED',
      'start n-3',
    ]);
    const told = { taskName: 'f', reason: 'it crashed', attempts: 2 };
    expect(failureOf(bench, 'a')).to.include(told);
    expect(taken()).to.equal(0);
  });

  it('says so when it was out of memory', () => {
    bench.submit('a', { fn: 'once' });
    const lines = [
      { source: 'once', text: 'last words' },
      { source: 'another', text: 'words of a neighbour' },
    ];
    const exit = { kind: 'heap', reason: 'heap limit', lastLines: lines } as const;
    expect(bench.exited('n-1', exit, ['a'])[0]).to.equal('n-0 <- settled a OUT_OF_MEMORY');
    expect(failureOf(bench, 'a')).to.deep.include({ lastLines: ['last words'] });
  });

  it('places what had not started again, free of charge', () => {
    bench.teach('f');
    bench.submit('a');
    bench.submit('b');
    bench.exited('n-1', {}, ['a']);
    expect(bench.online('n-2').slice(1)).to.deep.equal(['n-2 <- run a again 1', 'n-2 <- run b']);
  });

  it('charges the one that ran, not those that waited beside it', () => {
    bench.submit('a', { fn: 'ever' });
    bench.submit('b', { fn: 'once', from: 'n-1', parent: 'a' });
    bench.wait('n-1', 'a', waitFor(1, ['b']));
    expect(bench.said).to.deep.equal(['start n-2']);
    bench.online('n-2');
    bench.done('n-2', 'b');
    bench.exited('n-1', {}, ['a']);
    expect(bench.runs.get('a')).to.deep.include({ worker: 'n-2', attempt: 1 });
  });

  it('runs those that waited beside it again even when their retries are used up', () => {
    bench = Bench.ready({ numCpus: 1, maxThreads: 1 });
    bench.define('f', { maxRetries: 1 });
    bench.define('child');
    bench.submit('a');
    bench.exited('n-1', {}, ['a']);
    bench.online('n-2');
    bench.submit('b', { fn: 'child', from: 'n-2', parent: 'a' });
    bench.wait('n-2', 'a', waitFor(1, ['b']));
    bench.exited('n-2', {}, ['a', 'b']);
    bench.online('n-3');
    bench.done('n-3', 'b');
    expect(bench.runs.get('a')).to.deep.include({ worker: 'n-3', attempt: 2 });
  });

  it('names the culprit to others that may not run again', () => {
    bench = Bench.ready({ numCpus: 1, maxThreads: 1 });
    bench.define('once', { maxRetries: 0 });
    bench.define('child', { maxRetries: 0 });
    bench.submit('a', { fn: 'once' });
    bench.submit('b', { fn: 'child', from: 'n-1', parent: 'a' });
    bench.wait('n-1', 'a', waitFor(1, ['b']));
    expect(bench.said.at(-1)).to.equal('n-1 <- run b beside');
    bench.exited('n-1', { reason: 'it crashed' }, ['a', 'b']);
    expect(failureOf(bench, 'a')).to.include({ reason: 'child ended it: it crashed' });
  });

  it('gives back what its client held, and pushes nothing to it', () => {
    bench.put('x');
    bench.submit('a', { fn: 'once', inner: ['x'] });
    bench.release(driver, 'x');
    bench.say('n-1', { type: 'put', id: 'own', value: 1 });
    bench.exited('n-1', {}, ['a']);
    expect(bench.scheduler.usage().objects).to.equal(1);
  });

  it('cancels calls for which only the lost task waited', () => {
    bench.submit('a', { fn: 'once' });
    bench.submit('b', { from: 'n-1', parent: 'a', refs: ['never'] });
    bench.submit('c', { from: 'n-1', parent: 'a' });
    bench.wait('n-1', 'a', waitFor(1, ['b', 'c']));
    bench.exited('n-1', {}, ['a']);
    bench.online('n-2');
    expect(bench.scheduler.usage()).to.include({ objects: 1, calls: 0 });
  });

  it('lets calls of the lost task go on for which it did not wait', () => {
    bench.submit('a', { fn: 'once' });
    bench.submit('b', { from: 'n-1', parent: 'a' });
    bench.exited('n-1', {}, ['a']);
    expect(bench.online('n-2')).to.include('n-2 <- run b');
  });

  it('lets calls of the lost task go on of which others have refs', () => {
    bench.submit('a', { fn: 'once' });
    bench.submit('b', { from: 'n-1', parent: 'a' });
    bench.submit('c', { refs: ['b'] });
    bench.wait('n-1', 'a', waitFor(1, ['b']));
    bench.exited('n-1', {}, ['a']);
    expect(bench.online('n-2')).to.include('n-2 <- run b');
  });

  it('does not listen to what comes too late', () => {
    bench.submit('a');
    bench.exited('n-1', {}, ['a']);
    expect(bench.done('n-1', 'a')).to.deep.equal([]);
    bench.online('n-2');
    expect(bench.done('n-2', 'a')).to.deep.equal(['n-0 <- settled a ok']);
    expect(bench.done('n-2', 'a')).to.deep.equal([]);
  });
});

describe('scheduler: a task ends its thread', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 1 });
    bench.define('f', { maxRetries: 1 });
  });

  const exits = (call: string): string[] => {
    const outcome = { ok: true, value: undefined } as const;
    const done = { type: 'done', call, outcome, took: 1, blocked: false, exitCode: 1 } as const;
    return bench.say('n-1', done);
  };

  it('process.exit counts as a death of the worker for that attempt alone', () => {
    bench.submit('a');
    expect(exits('a')).to.deep.equal(['n-1 <- run a again 1']);
    expect(exits('a')).to.deep.equal(['n-0 <- settled a WORKER_CRASHED']);
    expect(failureOf(bench, 'a')).to.include({ reason: 'f called process.exit(1)' });
  });

  it('process.exit cancels what that attempt waited for', () => {
    bench.submit('a');
    bench.submit('b', { from: 'n-1', parent: 'a' });
    bench.wait('n-1', 'a', waitFor(1, ['b']));
    expect(exits('a')).to.deep.equal(['revoke n-1: b']);
    expect(bench.revoked('n-1', 'b')).to.deep.equal([
      'n-1 <- settled b TASK_CANCELLED',
      'n-1 <- run a again 1',
    ]);
    expect(bench.scheduler.usage().calls).to.equal(1);
  });

  it('a poisoned thread gets no more calls and goes when it is empty', () => {
    bench.teach('f');
    bench.submit('a');
    bench.submit('b');
    const poisoned = { type: 'poisoned', culprit: 'x', reason: 'uncaught' } as const;
    expect(bench.say('n-1', poisoned)).to.deep.equal(['start n-2', 'revoke n-1: a b']);
    expect(bench.revoked('n-1', 'b')).to.deep.equal([]);
    expect(bench.online('n-2')).to.deep.equal([]);
    expect(bench.done('n-1', 'a').slice(0, 4)).to.deep.equal([
      'retire n-1',
      'n-0 <- settled a ok',
      'n-2 <- define f',
      'n-2 <- run b',
    ]);
  });
});

describe('scheduler: shutdown', () => {
  it('settles what the driver waits for, and hears nothing any more', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.submit('a');
    bench.submit('b', { refs: ['a'] });
    bench.submit('c', { from: 'n-1', parent: 'a' });
    expect(bench.handle({ type: 'shutdown' })).to.deep.equal([
      'n-0 <- settled a SHUTDOWN',
      'n-0 <- settled b SHUTDOWN',
    ]);
    expect(bench.done('n-1', 'a')).to.deep.equal([]);
  });
});
