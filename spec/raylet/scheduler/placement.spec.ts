import { expect } from 'chai';
import { Bench, waitFor } from './support';

describe('scheduler: who shares a thread', () => {
  let bench: Bench;

  /** One CPU, and a task `a` that waits on `n-1` for what never comes by itself. */
  function oneWaits(options: { maxThreads?: number; fn?: string } = {}): void {
    const { maxThreads = 16, fn = 'f' } = options;
    bench = Bench.ready({ numCpus: 1, maxThreads });
    for (const name of ['f', 'g', 'last']) bench.define(name);
    bench.define('sync', { blocking: true });
    bench.define('once', { maxRetries: 0 });
    bench.define('held', { resources: { CPU: 1, away: 1 } });
    bench.submit('never', { fn: 'held' });
    bench.submit('a', { fn });
    bench.wait('n-1', 'a', waitFor(1, ['never']));
  }

  const child = (id: string, fn = 'f'): string[] =>
    bench.submit(id, { from: 'n-1', parent: 'a', fn });

  it('1: an idle thread before all', () => {
    bench = Bench.ready({ numCpus: 2 });
    bench.define('f');
    bench.submit('a');
    const [busy, idle] = bench.workerOf('a') === 'n-1' ? ['n-1', 'n-2'] : ['n-2', 'n-1'];
    bench.submit('b');
    bench.submit('c', { from: busy, parent: 'a' });
    bench.wait(busy, 'a', waitFor(1, ['c']));
    expect(bench.said).to.deep.equal([`${busy} <- run c beside`]);
    bench.done(idle, 'b');
    bench.submit('d', { from: busy, parent: 'c', depth: 2 });
    expect(bench.said).to.deep.equal([`${idle} <- run d`]);
  });

  it('2: a new thread before one where a stranger waits', () => {
    oneWaits();
    expect(bench.submit('b')).to.deep.equal(['start n-2']);
    expect(bench.online('n-2').at(-1)).to.equal('n-2 <- run b');
  });

  it('2: a new thread for a short call only when those there are not soon free', () => {
    bench = Bench.ready({ numCpus: 2, resources: { away: 0 } });
    bench.define('f');
    bench.define('held', { resources: { CPU: 1, away: 1 } });
    bench.submit('never', { fn: 'held' });
    bench.teach('f');
    for (const id of ['a', 'b']) bench.submit(id);
    bench.wait(bench.workerOf('a'), 'a', waitFor(1, ['never']));
    expect(bench.submit('c')).to.deep.equal(['tick after 1.5']);
    expect(bench.tick(1.5)).to.deep.equal(['start n-3']);
  });

  it('2: a new thread before one where its parent waits, if it may take long', () => {
    oneWaits();
    expect(child('b', 'g')).to.deep.equal(['start n-2']);
  });

  it('3: the thread of its parent, if it is known to be short', () => {
    oneWaits();
    bench.submit('lesson', { fn: 'g' });
    bench.online('n-2');
    bench.done('n-2', 'lesson', 'ok', 0.01);
    bench.submit('busy');
    bench.wait('n-2', 'busy', waitFor(2, ['never']));
    expect(child('b', 'g').at(-1)).to.equal('n-1 <- run b beside');
  });

  it('3: the thread of its parent, if there are no more threads', () => {
    oneWaits({ maxThreads: 1 });
    expect(child('b', 'g').at(-1)).to.equal('n-1 <- run b beside');
  });

  it('3: not the thread of its parent if a stranger waits there as well', () => {
    oneWaits({ maxThreads: 1 });
    child('b', 'g');
    bench.wait('n-1', 'b', waitFor(2, ['never']));
    bench.submit('c', { from: 'n-1', parent: 'a', depth: 1, fn: 'g' });
    expect(bench.runs.has('c')).to.equal(false);
  });

  /** The only thread is that of `a`, a call of `fn` that waits; `f` is known to be short. */
  function onlyThread(fn: string): void {
    bench = Bench.ready({ numCpus: 1, maxThreads: 1, resources: { away: 0 } });
    for (const name of ['f', 'g']) bench.define(name);
    bench.define('once', { maxRetries: 0 });
    bench.define('held', { resources: { CPU: 1, away: 1 } });
    for (const name of ['f', 'once']) bench.teach(name);
    bench.submit('never', { fn: 'held' });
    bench.submit('a', { fn });
    bench.wait('n-1', 'a', waitFor(1, ['never']));
  }

  it('4: a thread where all are known to be short, if there are no more', () => {
    onlyThread('f');
    expect(bench.submit('b')).to.deep.equal(['n-1 <- run b beside']);
  });

  it('4: not beside one that is not known to be short', () => {
    onlyThread('g');
    bench.submit('b');
    expect(bench.runs.has('b')).to.equal(false);
  });

  it('4: never for a call that may not run again', () => {
    onlyThread('f');
    bench.submit('b', { fn: 'once' });
    expect(bench.runs.has('b')).to.equal(false);
  });

  it('4: never beside a call that may not run again', () => {
    onlyThread('once');
    bench.submit('b');
    expect(bench.runs.has('b')).to.equal(false);
  });

  it('gives a call that may block a thread of its own, and warns when there are too many', () => {
    oneWaits({ maxThreads: 1 });
    const said = child('b', 'sync');
    expect(said[0]).to.equal('start n-2');
    expect(said[1]).to.match(/^warn 2 threads, more than maxThreads \(1\): sync may block/);
    expect(bench.online('n-2').at(-1)).to.equal('n-2 <- run b');
  });

  it('takes a function for blocking once it has blocked', () => {
    oneWaits({ maxThreads: 1 });
    child('b', 'g');
    bench.waitSync('n-1', 'b', waitFor(2, ['never']));
    bench.submit('c', { fn: 'g' });
    expect(bench.said[0]).to.equal('start n-2');
  });

  it('puts nothing on a thread that stands still', () => {
    bench = Bench.ready({ numCpus: 1, maxThreads: 1 });
    for (const name of ['f', 'g']) bench.define(name);
    bench.submit('a');
    bench.submit('b', { from: 'n-1', parent: 'a', fn: 'g' });
    bench.waitSync('n-1', 'a', waitFor(1, ['b']));
    expect(bench.runs.has('b')).to.equal(false);
  });

  it('puts nothing where a task waits that may block the thread when it goes on', () => {
    oneWaits({ maxThreads: 1, fn: 'sync' });
    expect(child('b', 'g')[0]).to.equal('start n-2');
    expect(bench.online('n-2').at(-1)).to.equal('n-2 <- run b');
  });

  it('does not count threads that stand still: others may be busy for ever', () => {
    bench = Bench.ready({ numCpus: 2, maxThreads: 2 });
    bench.define('f');
    bench.define('sync', { blocking: true });
    bench.submit('server');
    bench.submit('a', { fn: 'sync' });
    bench.submit('b', { from: bench.workerOf('a'), parent: 'a' });
    const said = bench.waitSync(bench.workerOf('a'), 'a', waitFor(1, ['b']));
    expect(said[0]).to.equal('start n-3');
    expect(said[1]).to.match(/^warn 3 threads, more than maxThreads \(2\): f finds no thread/);
    bench.submit('c', { from: bench.workerOf('server'), parent: 'server' });
    bench.wait(bench.workerOf('server'), 'server', waitFor(1, ['c']));
    expect(bench.said.filter((line) => line.startsWith('start'))).to.deep.equal([]);
  });

  it('goes beyond the limit of threads when all of them wait: the call may be what they wait for', () => {
    oneWaits({ maxThreads: 1 });
    const said = bench.submit('b', { fn: 'last' });
    expect(said[0]).to.equal('start n-2');
    expect(said[1]).to.match(/^warn .*last finds all threads taken by tasks that wait/);
  });

  it('lets no more threads come than there are CPUs free for them', () => {
    bench = Bench.ready({ numCpus: 2 });
    for (const name of ['f', 'g', 'Counter']) bench.define(name);
    bench.createActor('actor');
    bench.alive('actor');
    for (const id of ['a', 'b']) bench.submit(id);
    for (const id of ['a', 'b']) {
      bench.callActor('actor', `m${id}`, { from: bench.workerOf(id), parent: id });
    }
    for (let n = 0; n < 10; n += 1) bench.submit(`c${n}`, { fn: 'g' });
    bench.wait(bench.workerOf('a'), 'a', waitFor(1, ['ma']));
    expect(bench.said).to.deep.equal(['start n-4']);
    bench.wait(bench.workerOf('b'), 'b', waitFor(1, ['mb']));
    expect(bench.said).to.deep.equal(['start n-5']);
    expect(bench.submit('d')).to.deep.equal([]);
  });
});

describe('scheduler: threads', () => {
  it('retire above the number of CPUs when they have been idle for long', () => {
    const bench = Bench.ready({ numCpus: 1, idleTimeout: 1000 });
    bench.define('f');
    bench.define('sync', { blocking: true });
    bench.submit('a', { fn: 'sync' });
    bench.submit('b', { from: 'n-1', parent: 'a', fn: 'sync' });
    bench.waitSync('n-1', 'a', waitFor(1, ['b']));
    bench.online('n-2');
    expect(bench.done('n-2', 'b').at(-1)).to.equal('tick after 1000');
    bench.done('n-1', 'a');
    expect(bench.tick(999)).to.deep.equal(['tick after 1']);
    expect(bench.tick(1)).to.deep.equal(['retire n-2']);
    expect(bench.exited('n-2', { kind: 'retired' })).to.deep.equal([]);
    expect(bench.tick(5000)).to.deep.equal([]);
  });

  it('are replaced when they end and too few are left', () => {
    const bench = Bench.ready({ numCpus: 2 });
    expect(bench.exited('n-1')).to.deep.equal(['start n-3']);
  });
});
