import { expect } from 'chai';
import { Bench, driver, waitFor } from './support';

const red = { envVars: { COLOUR: 'red' } };
const blue = { envVars: { COLOUR: 'blue' } };

describe('scheduler: environments', () => {
  const benchOf = (options: object = {}): Bench => {
    const bench = Bench.ready({ numCpus: 1, ...options });
    bench.define('f');
    bench.define('red', red);
    bench.define('blue', blue);
    return bench;
  };

  it('have threads of their own, which calls of others never see', () => {
    const bench = benchOf();
    expect(bench.submit('a', { fn: 'red' })).to.deep.equal(['start n-2 COLOUR=red']);
    expect(bench.submit('b')).to.deep.equal(['n-1 <- define f', 'n-1 <- run b']);
    bench.online('n-2');
    bench.done('n-1', 'b');
    expect(bench.workerOf('a')).to.equal('n-2');
    bench.done('n-2', 'a');
    expect(bench.submit('c', { fn: 'red' })).to.deep.equal(['n-2 <- run c']);
  });

  it('are the same for the same variables, whatever their order and the function', () => {
    const bench = benchOf({ numCpus: 2 });
    bench.define('x', { envVars: { A: '1', B: '2' } });
    bench.define('y', { envVars: { B: '2', A: '1' } });
    bench.submit('a', { fn: 'x' });
    bench.online('n-3');
    bench.done('n-3', 'a');
    expect(bench.submit('b', { fn: 'y' }).at(-1)).to.equal('n-3 <- run b');
  });

  it('put no short call in the hand of a thread of another', () => {
    const bench = benchOf();
    bench.define('x', { envVars: { A: '1' } });
    bench.teach('f');
    bench.submit('lesson', { fn: 'red' });
    bench.online('n-2');
    bench.done('n-2', 'lesson', 1, 0.01);
    bench.submit('a');
    expect(bench.submit('b', { fn: 'red' })).to.deep.equal([]);
    expect(bench.done('n-1', 'a').at(-1)).to.equal('n-2 <- run b');
  });

  it('start a thread for a short call though short calls of others keep the threads busy', () => {
    const bench = benchOf({ numCpus: 2 });
    bench.teach('f');
    bench.submit('lesson', { fn: 'red' });
    bench.online('n-3');
    bench.done('n-3', 'lesson', 1, 0.01);
    bench.exited('n-3');
    bench.submit('a');
    expect(bench.submit('b', { fn: 'red' })).to.deep.equal(['start n-4 COLOUR=red']);
  });

  it('give their threads up after the idle time; the usual ones stay', () => {
    const bench = benchOf({ idleTimeout: 1000 });
    bench.submit('a', { fn: 'red' });
    bench.online('n-2');
    expect(bench.done('n-2', 'a')).to.deep.equal(['n-0 <- settled a ok', 'tick after 1000']);
    expect(bench.tick(1000)).to.deep.equal(['retire n-2']);
    bench.exited('n-2', { kind: 'retired' });
    expect(bench.tick(5000)).to.deep.equal([]);
  });

  it('take the place of an idle thread of another when there may be no more', () => {
    const bench = benchOf({ maxThreads: 2 });
    bench.submit('a', { fn: 'red' });
    bench.online('n-2');
    bench.done('n-2', 'a');
    expect(bench.submit('b', { fn: 'blue' })).to.deep.equal([
      'retire n-2',
      'start n-3 COLOUR=blue',
    ]);
    bench.exited('n-2', { kind: 'retired' });
    expect(bench.online('n-3').at(-1)).to.equal('n-3 <- run b');
  });

  it('take turns on a single thread', () => {
    const bench = benchOf({ maxThreads: 1 });
    expect(bench.submit('a', { fn: 'red' })).to.deep.equal(['retire n-1', 'start n-2 COLOUR=red']);
    bench.exited('n-1', { kind: 'retired' });
    bench.online('n-2');
    expect(bench.submit('b')).to.deep.equal([]);
    expect(bench.done('n-2', 'a')).to.deep.equal([
      'n-0 <- settled a ok',
      'retire n-2',
      'start n-3',
    ]);
    bench.exited('n-2', { kind: 'retired' });
    expect(bench.online('n-3').at(-1)).to.equal('n-3 <- run b');
  });

  it('do not hang when a task waits for one of another, with a single thread', () => {
    const bench = benchOf({ maxThreads: 1 });
    bench.submit('a');
    bench.submit('b', { fn: 'red', from: 'n-1', parent: 'a' });
    bench.wait('n-1', 'a', waitFor(1, ['b']));
    expect(bench.said).to.deep.equal([
      'start n-2 COLOUR=red',
      'warn 2 threads, more than maxThreads (1): red finds no thread with the variables of its ' +
        'runtimeEnv; raise maxThreads in init()',
    ]);
    bench.online('n-2');
    expect(bench.workerOf('b')).to.equal('n-2');
    bench.done('n-2', 'b');
    expect(bench.done('n-1', 'a')).to.include('n-0 <- settled a ok');
  });

  it('share no thread, however short their calls are', () => {
    const bench = benchOf();
    bench.submit('lesson', { fn: 'red' });
    bench.online('n-2');
    bench.done('n-2', 'lesson', 1, 0.01);
    bench.exited('n-2');
    bench.submit('a');
    bench.submit('b', { fn: 'red', from: 'n-1', parent: 'a' });
    bench.wait('n-1', 'a', waitFor(1, ['b']));
    expect(bench.said).to.deep.equal(['start n-3 COLOUR=red']);
  });

  it('do not hang either while something else runs', () => {
    const bench = benchOf({ numCpus: 2, maxThreads: 2 });
    bench.submit('long');
    bench.submit('a');
    const parent = bench.workerOf('a');
    bench.submit('b', { fn: 'red', from: parent, parent: 'a' });
    bench.wait(parent, 'a', waitFor(1, ['b']));
    expect(bench.said).to.include('start n-3 COLOUR=red');
  });

  it('are replaced when a thread of theirs dies under a call', () => {
    const bench = benchOf();
    bench.submit('a', { fn: 'red' });
    bench.online('n-2');
    expect(bench.exited('n-2', {}, ['a'])).to.deep.equal(['start n-3 COLOUR=red']);
    bench.online('n-3');
    expect(bench.runs.get('a')).to.deep.include({ worker: 'n-3', attempt: 1 });
  });

  it('are those of instances too', () => {
    const bench = benchOf();
    bench.define('Counter', red);
    expect(bench.createActor('C')).to.include('start n-2 for C COLOUR=red');
  });

  it('are forgotten with the last function and thread that have them', () => {
    const bench = Bench.ready({ numCpus: 1, idleTimeout: 1000 });
    const kept = (): object => {
      const { specs, environments } = bench.scheduler.usage();
      return { specs, environments };
    };
    bench.define('one', red);
    bench.define('other', red);
    bench.submit('a', { fn: 'one' });
    bench.online('n-2');
    bench.done('n-2', 'a');
    bench.release(driver, 'one');
    bench.release(driver, 'other');
    expect(kept()).to.deep.equal({ specs: 0, environments: 2 });
    // Their thread serves whoever asks for the same again.
    bench.define('again', red);
    expect(bench.submit('b', { fn: 'again' }).at(-1)).to.equal('n-2 <- run b');
    bench.done('n-2', 'b');
    bench.release(driver, 'again');
    bench.tick(1000);
    bench.exited('n-2', { kind: 'retired' });
    expect(kept()).to.deep.equal({ specs: 0, environments: 1 });
  });

  it('leave nothing behind where they are as many as their calls', () => {
    const bench = Bench.ready({ numCpus: 1, idleTimeout: 1000 });
    for (let n = 2; n < 50; n += 1) {
      const [f, thread] = [`f${n}`, `n-${n}`];
      bench.define(f, { envVars: { N: f }, resources: { CPU: 1 / n } });
      bench.submit(`call ${n}`, { fn: f });
      bench.release(driver, f);
      bench.online(thread);
      bench.done(thread, `call ${n}`);
      bench.tick(1000);
      bench.exited(thread, { kind: 'retired' });
      const { specs, shapes, environments } = bench.scheduler.usage();
      expect({ specs, shapes, environments }).to.deep.equal({
        specs: 0,
        shapes: 0,
        environments: 1,
      });
    }
  });
});

describe('scheduler: maxCalls', () => {
  it('replace a thread after so many calls of the function, retries included', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f', { task: { maxCalls: 2 }, maxRetries: 1 });
    bench.define('other');
    bench.submit('a');
    bench.submit('b', { fn: 'other' });
    expect(bench.done('n-1', 'a').at(-1)).to.equal('n-1 <- run b');
    bench.submit('c');
    expect(bench.done('n-1', 'b').slice(-2)).to.deep.equal(['n-1 <- run c', 'start n-2']);
    expect(bench.failAgain('n-1', 'c')).to.deep.equal(['retire n-1']);
    bench.exited('n-1', { kind: 'retired' });
    expect(bench.online('n-2')).to.deep.equal(['n-2 <- define f', 'n-2 <- run c again 1']);
    expect(bench.done('n-2', 'c')).to.deep.equal(['n-0 <- settled c ok']);
    expect(bench.submit('d')).to.deep.equal(['n-2 <- run d', 'start n-3']);
  });

  it('put no two calls in one hand, however short they are', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f', { task: { maxCalls: 1 } });
    bench.teach('f');
    bench.exited('n-1', { kind: 'retired' });
    bench.online('n-2');
    bench.submit('a');
    expect(bench.submit('b')).to.deep.equal([]);
    bench.online('n-3');
    expect(bench.done('n-2', 'a')).to.include('retire n-2').and.to.include('n-3 <- run b');
  });
});
