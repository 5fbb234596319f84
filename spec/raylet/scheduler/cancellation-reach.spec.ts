import { expect } from 'chai';
import { cpu, ready, reasonOf } from './cancelling';
import { Bench, driver, waitFor } from './support';

describe('scheduler: cancelling with force', () => {
  let bench: Bench;
  beforeEach(() => (bench = ready()));

  const ended = (started: string[] = []): string[] =>
    bench.exited('n-1', { kind: 'forced', reason: 'it was cancelled with force' }, started);

  it('settles the call, ends its thread and starts another at once', () => {
    bench.submit('a');
    bench.cancel('a', { force: true });
    expect(bench.revoked('n-1')).to.deep.equal([
      'n-1 <- abort a TASK_CANCELLED',
      'n-0 <- settled a TASK_CANCELLED',
      'start n-2',
      'terminate n-1: it was cancelled with force',
    ]);
    expect(ended(['a'])).to.deep.equal([]);
    expect(cpu(bench)).to.equal(0);
    bench.submit('b');
    expect(bench.online('n-2')).to.include('n-2 <- run b');
  });

  it('of a call that was cancelled before ends its thread', () => {
    bench.submit('a');
    bench.cancel('a');
    bench.revoked('n-1');
    expect(bench.cancel('a', { force: true })).to.deep.equal([
      'start n-2',
      'terminate n-1: it was cancelled with force',
    ]);
  });

  it('is a plain cancellation for a call that has not started', () => {
    bench.submit('a');
    bench.submit('b');
    expect(bench.cancel('b', { force: true })).to.deep.equal(['n-0 <- settled b TASK_CANCELLED']);
    bench.cancel('a', { force: true });
    expect(bench.revoked('n-1', 'a')).to.deep.equal(['n-0 <- settled a TASK_CANCELLED']);
  });

  it('places calls in the hand of the thread again', () => {
    bench.teach('f');
    bench.submit('a');
    bench.submit('b');
    bench.cancel('a', { force: true });
    bench.revoked('n-1');
    ended(['a']);
    expect(bench.online('n-2')).to.include('n-2 <- run b');
    expect(bench.runs.get('b')).to.include({ attempt: 0 });
  });

  it('runs others on the thread again free of charge, or fails them naming the culprit', () => {
    bench = Bench.ready({ numCpus: 1, maxThreads: 1 });
    bench.define('parent', { maxRetries: 1 });
    bench.define('frail', { maxRetries: 0 });
    bench.define('busy');
    bench.submit('a', { fn: 'parent' });
    bench.submit('b', { fn: 'frail', from: 'n-1', parent: 'a', depth: 1 });
    bench.wait('n-1', 'a', waitFor(1, ['b']));
    bench.submit('c', { fn: 'busy', from: 'n-1', parent: 'b', depth: 2 });
    bench.wait('n-1', 'b', waitFor(2, ['c']));
    expect(bench.workerOf('c')).to.equal('n-1');
    bench.want(driver, 'b');
    bench.cancel('c', { force: true });
    bench.revoked('n-1');
    bench.exited('n-1', { kind: 'forced', reason: 'it was cancelled with force' }, ['a', 'b', 'c']);
    expect(bench.said).to.include('n-0 <- settled b WORKER_CRASHED');
    const failures = JSON.stringify(bench.instructions);
    expect(failures).to.include('busy ended it: it was cancelled with force');
    bench.online('n-2');
    expect(bench.runs.get('a')).to.include({ worker: 'n-2', attempt: 1 });
    // Not charged: its one retry is left.
    bench.exited('n-2', {}, ['a']);
    bench.online('n-3');
    expect(bench.runs.get('a')).to.include({ worker: 'n-3', attempt: 2 });
  });

  it('blames nobody when the call has ended before its thread', () => {
    bench.define('parent', { maxRetries: 1 });
    bench = Bench.ready({ numCpus: 1, maxThreads: 1 });
    bench.define('parent', { maxRetries: 1 });
    bench.define('busy');
    bench.submit('a', { fn: 'parent' });
    bench.submit('c', { fn: 'busy', from: 'n-1', parent: 'a' });
    bench.wait('n-1', 'a', waitFor(1, ['c']));
    bench.cancel('c', { force: true });
    bench.revoked('n-1');
    bench.done('n-1', 'c');
    bench.exited('n-1', { kind: 'forced', reason: 'it was cancelled with force' }, ['a', 'c']);
    bench.online('n-2');
    bench.exited('n-2', {}, ['a']);
    bench.online('n-3');
    expect(bench.runs.get('a')).to.include({ worker: 'n-3', attempt: 2 });
  });
});

describe('scheduler: cancelling a call with those it made', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 2 });
    bench.define('f');
    bench.define('Counter');
    bench.submit('a');
    bench.submit('b', { from: 'n-2', parent: 'a' });
    bench.submit('c', { from: 'n-2', parent: 'a', depth: 1 });
    bench.submit('d', { from: 'n-1', parent: 'b', depth: 2 });
    expect([bench.workerOf('a'), bench.workerOf('b')]).to.deep.equal(['n-2', 'n-1']);
  });

  it('cancels them too, and those they made', () => {
    bench.want(driver, 'b', 'c', 'd');
    expect(bench.cancel('a')).to.deep.equal([
      'n-2 <- settled c TASK_CANCELLED',
      'n-0 <- settled c TASK_CANCELLED',
      'n-1 <- settled d TASK_CANCELLED',
      'n-0 <- settled d TASK_CANCELLED',
      'revoke n-2: a',
      'revoke n-1: b',
    ]);
    const reason = 'f, which made it, was cancelled';
    expect(bench.revoked('n-2')).to.include('n-2 <- abort a TASK_CANCELLED');
    bench.revoked('n-1');
    expect(bench.said).to.include('n-1 <- abort b TASK_CANCELLED');
    expect(reasonOf(bench, 'b')).to.equal(reason);
    bench.done('n-1', 'b');
    bench.done('n-2', 'a');
    expect([...bench.runs.keys()]).to.deep.equal(['a', 'b']);
    expect(bench.scheduler.usage()).to.deep.include({ calls: 0 });
  });

  it('leaves them alone when told so', () => {
    bench.cancel('a', { recursive: false });
    bench.revoked('n-2');
    bench.done('n-2', 'a');
    expect(bench.workerOf('d')).to.equal('n-2');
  });

  it('does not reach below what has ended', () => {
    bench.done('n-1', 'b');
    expect(bench.workerOf('d')).to.equal('n-1');
    bench.cancel('a');
    bench.revoked('n-2');
    expect(bench.done('n-1', 'd')).to.not.include('n-1 <- abort d TASK_CANCELLED');
  });

  it('cancels what it makes before it knows, and not what it makes to clean up', () => {
    bench.cancel('a');
    bench.revoked('n-2');
    expect(bench.submit('late', { from: 'n-2', parent: 'a', depth: 1 })).to.deep.equal([
      'n-2 <- settled late TASK_CANCELLED',
    ]);
    bench.submit('cleanup', { from: 'n-2', depth: 1 });
    bench.done('n-2', 'a');
    expect(bench.workerOf('cleanup')).to.equal('n-2');
  });

  it('cancels calls of actors it made, without ending the actor', () => {
    bench = ready();
    bench.createActor('A');
    bench.online('n-2');
    bench.alive('A');
    bench.submit('a');
    bench.callActor('A', 'm', { from: 'n-1', parent: 'a' });
    expect(bench.cancel('a', { force: true })[0]).to.equal('n-2 <- abort m TASK_CANCELLED');
    bench.revoked('n-1');
    expect(bench.said.filter((line) => line.startsWith('terminate'))).to.have.length(1);
  });

  it('needs no stack, however deep they are', () => {
    bench = ready();
    bench.submit('c');
    let parent = 'c';
    const { scheduler } = bench;
    for (let depth = 1; depth <= 20_000; depth += 1) {
      const id = `d${depth}`;
      const call = { id, args: '', parent, depth, caller: parent, spec: 'f' };
      scheduler.handle({
        at: 0,
        type: 'messages',
        from: 'n-1',
        messages: [{ type: 'submit', call }],
      });
      parent = id;
    }
    const message = {
      type: 'cancel',
      ids: ['c'],
      force: false,
      recursive: true,
      reason: 'x',
    } as const;
    scheduler.handle({ at: 0, type: 'messages', from: driver, messages: [message] });
    expect(scheduler.usage().calls).to.equal(1);
  });
});

describe('scheduler: cancelling a call of an actor', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = ready();
    bench.createActor('A');
    bench.online('n-2');
    bench.alive('A');
  });

  it('in its line: it is never given to the instance', () => {
    bench.submit('x');
    bench.callActor('A', 'm1');
    bench.callActor('A', 'm2', { refs: ['x'] });
    bench.callActor('A', 'm3');
    expect(bench.said).to.deep.equal([]);
    expect(bench.cancel('m2')).to.deep.equal([
      'n-0 <- settled m2 TASK_CANCELLED',
      'n-2 <- invoke m3',
    ]);
  });

  it('at the head of a line that could go: the next goes in its place', () => {
    const flight = Array.from({ length: 64 }, (_, at) => `m${at}`);
    for (const id of flight) bench.callActor('A', id);
    bench.callActor('A', 'next');
    bench.callActor('A', 'after');
    expect(bench.cancel('next')).to.deep.equal(['n-0 <- settled next TASK_CANCELLED']);
    bench.done('n-2', 'm0');
    expect(bench.said).to.include('n-2 <- invoke after');
    bench.cancel('after');
    expect(bench.said).to.include('n-2 <- abort after TASK_CANCELLED');
  });

  it('that leaves nothing in its line leaves no line', () => {
    for (let at = 0; at < 64; at += 1) bench.callActor('A', `m${at}`);
    bench.callActor('A', 'only', { caller: 'somebody' });
    bench.cancel('only');
    expect(bench.done('n-2', 'm0')).to.deep.equal(['n-0 <- settled m0 ok']);
  });

  it('given to the instance: settles at once, and counts until the instance is done with it', () => {
    bench.callActor('A', 'm');
    expect(bench.cancel('m')).to.deep.equal([
      'n-2 <- abort m TASK_CANCELLED',
      'n-0 <- settled m TASK_CANCELLED',
    ]);
    expect(bench.scheduler.usage().calls).to.equal(1);
    expect(bench.done('n-2', 'm')).to.deep.equal([]);
    expect(bench.scheduler.usage().calls).to.equal(0);
  });

  it('pays no heed to force', () => {
    bench.callActor('A', 'm');
    bench.cancel('m', { force: true });
    expect(bench.said).to.deep.equal([
      'n-2 <- abort m TASK_CANCELLED',
      'n-0 <- settled m TASK_CANCELLED',
    ]);
  });

  it('ends with the actor', () => {
    bench.callActor('A', 'm');
    bench.cancel('m');
    expect(bench.died('A')).to.deep.equal(['end A on n-2', 'bury A']);
    expect(bench.scheduler.usage().calls).to.equal(0);
  });

  it('that waits takes back the CPU of its instance', () => {
    bench.define('Keeper', { resources: { CPU: 1 } });
    bench.createActor('K', { fn: 'Keeper' });
    bench.online('n-3');
    bench.alive('K');
    bench.callActor('K', 'm');
    bench.submit('x', { from: 'n-3', parent: 'm' });
    bench.wait('n-3', 'm', waitFor(1, ['x']));
    expect(bench.workerOf('x')).to.equal('n-1');
    bench.cancel('m', { recursive: false });
    expect(cpu(bench)).to.equal(2);
  });
});
