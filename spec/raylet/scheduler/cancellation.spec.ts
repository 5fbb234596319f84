import { expect } from 'chai';
import { cpu, ready, reasonOf } from './cancelling';
import { type Bench, driver, waitFor } from './support';

describe('scheduler: cancelling a call that has not started', () => {
  let bench: Bench;
  beforeEach(() => (bench = ready()));

  it('settles it, and it never runs', () => {
    bench.submit('a');
    bench.submit('b');
    bench.submit('c');
    expect(bench.cancel('b')).to.deep.equal(['n-0 <- settled b TASK_CANCELLED']);
    expect(reasonOf(bench, 'b')).to.equal('cancel() was called');
    bench.done('n-1', 'a');
    expect(bench.said).to.include('n-1 <- run c');
    bench.done('n-1', 'c');
    expect([...bench.runs.keys()]).to.deep.equal(['a', 'c']);
    expect(cpu(bench)).to.equal(0);
  });

  it('settles it while it waits for an argument, which then comes to nothing', () => {
    bench.submit('a');
    bench.submit('b', { refs: ['a'] });
    bench.cancel('b');
    expect(bench.said).to.deep.equal(['n-0 <- settled b TASK_CANCELLED']);
    expect(bench.done('n-1', 'a')).to.deep.equal(['n-0 <- settled a ok']);
  });

  it('fails what depends on it', () => {
    bench.submit('a');
    bench.submit('b');
    bench.submit('c', { refs: ['b'] });
    expect(bench.cancel('b')).to.deep.equal([
      'n-0 <- settled b TASK_CANCELLED',
      'n-0 <- settled c failed by f',
    ]);
  });

  it('leaves the others in their order, however many of them go', () => {
    bench.submit('first');
    const ids = Array.from({ length: 400 }, (_, at) => `c${at}`);
    for (const id of ids) bench.submit(id);
    const [gone, left] = [0, 1].map((rest) =>
      ids.filter((_, at) => (at % 4 === 1 ? 1 : 0) === rest),
    );
    bench.cancel(gone ?? []);
    expect(bench.said).to.have.length(300);
    bench.done('n-1', 'first');
    for (const id of left ?? []) bench.done('n-1', id);
    expect([...bench.runs.keys()].slice(1)).to.deep.equal(left);
    expect(bench.scheduler.usage().calls).to.equal(0);
  });

  it('takes it out of the hand of a worker', () => {
    bench.teach('f');
    for (const id of ['a', 'b', 'c']) bench.submit(id);
    expect(bench.cancel('b')).to.deep.equal(['revoke n-1: b']);
    expect(bench.revoked('n-1', 'b')).to.deep.equal(['n-0 <- settled b TASK_CANCELLED']);
    bench.done('n-1', 'a');
    expect(bench.done('n-1', 'c')).to.include('n-0 <- settled c ok');
  });

  it('is too late when it ends before it can be taken back', () => {
    bench.submit('a');
    expect(bench.cancel('a')).to.deep.equal(['revoke n-1: a']);
    expect(bench.done('n-1', 'a')).to.deep.equal(['n-0 <- settled a ok']);
    expect(bench.revoked('n-1')).to.deep.equal([]);
  });

  it('settles it even when the thread that had it ends', () => {
    bench.submit('a');
    bench.cancel('a');
    expect(bench.exited('n-1')).to.deep.equal(['n-0 <- settled a TASK_CANCELLED', 'start n-2']);
    expect(bench.online('n-2')).to.deep.equal([]);
  });

  it('never lets a call run whose signal was aborted before', () => {
    expect(bench.submit('a', { aborted: true })).to.deep.equal(['n-0 <- settled a TASK_CANCELLED']);
    expect(reasonOf(bench, 'a')).to.equal('its signal was aborted');
  });

  it('may be asked for by another thread than that which made it', () => {
    bench.submit('a');
    bench.submit('b');
    expect(bench.cancel('b', { from: 'n-1' })).to.deep.equal(['n-0 <- settled b TASK_CANCELLED']);
  });

  it('is harmless where there is nothing to cancel', () => {
    bench.put('x');
    bench.submit('a');
    bench.done('n-1', 'a');
    bench.createActor('A');
    bench.cancel(['x', 'a', 'never heard of', 'new A'], { force: true });
    expect(bench.said).to.deep.equal([]);
    expect(bench.scheduler.usage().calls).to.equal(1);
  });
});

describe('scheduler: cancelling a call that runs', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = ready();
    bench.submit('a');
    bench.cancel('a');
    bench.revoked('n-1');
  });

  it('settles it at once and tells its thread', () => {
    expect(bench.said).to.deep.equal([
      'n-1 <- abort a TASK_CANCELLED',
      'n-0 <- settled a TASK_CANCELLED',
    ]);
  });

  it('keeps its CPU until it has ended, and drops what it came to', () => {
    expect(cpu(bench)).to.equal(1);
    expect(bench.submit('b')).to.deep.equal([]);
    expect(bench.done('n-1', 'a')).to.deep.equal(['n-1 <- run b']);
    bench.done('n-1', 'b');
    expect(cpu(bench)).to.equal(0);
  });

  it('keeps nothing of a late result', () => {
    bench.put('x');
    bench.release(driver, 'a');
    bench.done('n-1', 'a', { format: 'text', bytes: 'late', refs: ['x'] });
    bench.release(driver, 'x');
    expect(bench.scheduler.usage()).to.deep.include({ objects: 0, calls: 0 });
  });

  it('does not run it again when its thread dies', () => {
    bench.exited('n-1', {}, ['a']);
    expect(bench.said).to.deep.equal(['start n-2']);
    expect(bench.online('n-2')).to.deep.equal([]);
    expect(cpu(bench)).to.equal(0);
  });

  it('does not run it again when it calls process.exit', () => {
    const outcome = { ok: true, value: undefined } as const;
    const done = {
      type: 'done',
      call: 'a',
      outcome,
      took: 1,
      blocked: false,
      exitCode: 1,
    } as const;
    expect(bench.say('n-1', done)).to.deep.equal([]);
    expect(cpu(bench)).to.equal(0);
  });

  it('twice is the same as once', () => {
    expect(bench.cancel('a')).to.deep.equal([]);
    expect(bench.done('n-1', 'a')).to.deep.equal([]);
  });

  it('does not listen to its waits any more', () => {
    bench.submit('b', { from: 'n-1', depth: 1 });
    expect(bench.wait('n-1', 'a', waitFor(1, ['b']))).to.deep.equal([]);
    expect(cpu(bench)).to.equal(1);
  });
});

describe('scheduler: cancelling a call that waits', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = ready();
    bench.submit('a');
    bench.submit('b', { fn: 'once', from: 'n-1', parent: 'a' });
    bench.wait('n-1', 'a', waitFor(1, ['b']));
    bench.online('n-2');
    expect(bench.workerOf('b')).to.equal('n-2');
  });

  it('lets it go on at once, over the limit of CPUs', () => {
    expect(bench.cancel('a', { recursive: false })).to.deep.equal([
      'n-1 <- abort a TASK_CANCELLED',
      'n-0 <- settled a TASK_CANCELLED',
    ]);
    expect(cpu(bench)).to.equal(2);
    bench.submit('c');
    expect(bench.done('n-2', 'b')).to.deep.equal(['n-1 <- settled b ok']);
    expect(bench.done('n-1', 'a')).to.include('n-1 <- run c');
  });

  it('tells it what has settled, when it was answered and only its CPU was missing', () => {
    bench.define('g');
    bench.submit('c', { fn: 'g', from: 'n-2', parent: 'b', depth: 2 });
    bench.wait('n-2', 'b', waitFor(1, ['c']));
    bench.online('n-3');
    bench.say('n-2', { type: 'unwait', task: 'b', waits: [1] });
    bench.want('n-1', 'c');
    bench.wait('n-1', 'a', waitFor(2, ['c']));
    expect(bench.done('n-3', 'c')).to.deep.equal(['n-2 <- settled c ok']);
    expect(bench.cancel('a', { recursive: false })).to.deep.equal([
      'n-1 <- settled c ok',
      'n-1 <- abort a TASK_CANCELLED',
      'n-0 <- settled a TASK_CANCELLED',
    ]);
  });
});

describe('scheduler: the failure of a cancelled call', () => {
  let bench: Bench;
  beforeEach(() => (bench = ready()));

  it('is nothing that nobody looked at', () => {
    bench.submit('a');
    bench.submit('b');
    bench.cancel('b');
    expect(bench.release(driver, 'b')).to.deep.equal([]);
    expect(bench.unseen()).to.deep.equal([]);
  });

  it('nor is another one that it comes to instead', () => {
    bench.submit('a', { fn: 'once' });
    bench.cancel('a');
    bench.fail('n-1', 'a');
    expect(bench.said).to.deep.equal(['n-0 <- settled a thrown']);
    expect(bench.release(driver, 'a')).to.deep.equal([]);
  });

  it('nor that of a call that was cancelled with it', () => {
    bench.submit('a');
    bench.submit('b', { from: 'n-1', parent: 'a' });
    bench.cancel('a');
    bench.revoked('n-1');
    bench.done('n-1', 'a');
    expect(bench.release('n-1', 'b')).to.deep.equal([]);
  });

  it('is told of what depends on it', () => {
    bench.submit('a');
    bench.submit('b', { refs: ['a'] });
    bench.cancel('a');
    bench.revoked('n-1', 'a');
    expect(bench.release(driver, 'b')).to.deep.equal(['n-0 <- unseen b']);
  });
});
