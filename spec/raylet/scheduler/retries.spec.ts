import { expect } from 'chai';
import { Bench, driver, waitFor } from './support';

const tickIn = (delay: number): string => `tick after ${delay}`;

describe('scheduler: errors that are retried', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 1 });
    bench.define('f', { maxRetries: 2 });
    bench.define('later', { maxRetries: -1, task: { retryDelay: 100 } });
    bench.define('once', { maxRetries: 0 });
  });

  it('run the call again as often as it may, then stand', () => {
    bench.submit('a');
    expect(bench.failAgain('n-1', 'a')).to.deep.equal(['n-1 <- run a again 1']);
    expect(bench.failAgain('n-1', 'a')).to.deep.equal(['n-1 <- run a again 2']);
    expect(bench.failAgain('n-1', 'a')).to.deep.equal(['n-0 <- settled a thrown']);
    expect(bench.scheduler.usage().taken).to.deep.equal({ CPU: 0 });
  });

  it('stand at once where no retries are left', () => {
    bench.submit('a', { fn: 'once' });
    expect(bench.failAgain('n-1', 'a')).to.deep.equal(['n-0 <- settled a thrown']);
  });

  it('share the count with deaths of the worker', () => {
    bench.submit('a');
    bench.failAgain('n-1', 'a');
    bench.exited('n-1', {}, ['a']);
    bench.online('n-2');
    expect(bench.runs.get('a')).to.deep.include({ worker: 'n-2', attempt: 2 });
    expect(bench.failAgain('n-2', 'a')).to.deep.equal(['n-0 <- settled a thrown']);
  });

  it('wait for their delay, twice as long each time, and leave the CPU to others meanwhile', () => {
    bench.submit('a', { fn: 'later' });
    expect(bench.failAgain('n-1', 'a')).to.deep.equal([tickIn(100)]);
    expect(bench.submit('b')).to.deep.equal(['n-1 <- define f', 'n-1 <- run b']);
    expect(bench.tick(100)).to.deep.equal([]);
    expect(bench.done('n-1', 'b')).to.deep.equal(['n-0 <- settled b ok', 'n-1 <- run a again 1']);
    expect(bench.failAgain('n-1', 'a')).to.deep.equal([tickIn(200)]);
    bench.tick(200);
    expect(bench.failAgain('n-1', 'a')).to.deep.equal([tickIn(400)]);
  });

  it('wait a minute at most, unless more was asked for', () => {
    bench.submit('a', { fn: 'later' });
    for (let attempt = 0; attempt < 20; attempt += 1) {
      bench.failAgain('n-1', 'a');
      bench.tick(60_000);
    }
    expect(bench.failAgain('n-1', 'a')).to.deep.equal([tickIn(60_000)]);
  });

  it('wait as long as was asked for, be it more than a minute', () => {
    bench.define('rare', { task: { retryDelay: 90_000 } });
    bench.submit('a', { fn: 'rare' });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(bench.failAgain('n-1', 'a')).to.deep.equal([tickIn(90_000)]);
      bench.tick(90_000);
    }
  });

  it('are not waited for when the call is cancelled meanwhile', () => {
    bench.submit('a', { fn: 'later' });
    bench.failAgain('n-1', 'a');
    expect(bench.cancel('a')).to.deep.equal(['n-0 <- settled a TASK_CANCELLED']);
    expect(bench.tick(100)).to.deep.equal([]);
    expect(bench.scheduler.usage()).to.include({ calls: 0 });
  });

  it('keep the arguments, whoever else lets go of them', () => {
    bench.put('x');
    bench.submit('a', { fn: 'later', refs: ['x'] });
    bench.release(driver, 'x');
    bench.failAgain('n-1', 'a');
    bench.tick(100);
    expect(bench.said).to.include('n-1 <- run a with x again 1');
    bench.done('n-1', 'a');
    bench.release(driver, 'a');
    expect(bench.scheduler.usage().objects).to.equal(0);
  });

  it('end the waits of the attempt before', () => {
    bench.submit('a', { fn: 'f' });
    bench.submit('b', { from: 'n-1', parent: 'a' });
    bench.wait('n-1', 'a', waitFor(1, ['b']));
    bench.failAgain('n-1', 'a');
    bench.done(bench.workerOf('b'), 'b');
    expect(bench.runs.get('a')).to.deep.include({ attempt: 1 });
    expect(bench.said.join()).to.not.include('granted');
  });

  it('run behind what came meanwhile only if that is deeper', () => {
    bench.submit('a');
    bench.submit('b');
    expect(bench.failAgain('n-1', 'a')).to.deep.equal(['n-1 <- run a again 1']);
  });
});

describe('scheduler: errors of methods that are retried', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 1 });
    const retriesErrors = true as const;
    const methods = { inc: { retriesErrors }, slow: { retriesErrors, retryDelay: 100 } };
    bench.define('Counter', { actor: { maxTaskRetries: 2, methods } });
    bench.createActor('C');
    bench.online('n-2');
    bench.alive('C');
  });

  it('make the call again before later ones of its caller', () => {
    bench.callActor('C', 'a');
    expect(bench.callActor('C', 'b')).to.deep.equal([]);
    expect(bench.callActor('C', 'c', { caller: 'other' })).to.deep.equal(['n-2 <- invoke c']);
    expect(bench.failAgain('n-2', 'a')).to.deep.equal(['n-2 <- invoke a again 1']);
    // It cannot come back once more, so the next may follow at once.
    expect(bench.failAgain('n-2', 'a')).to.deep.equal([
      'n-2 <- invoke a again 2',
      'n-2 <- invoke b',
    ]);
    expect(bench.failAgain('n-2', 'a')).to.deep.equal(['n-0 <- settled a thrown']);
    expect(bench.done('n-2', 'b')).to.deep.equal(['n-0 <- settled b ok']);
  });

  it('do so after their delay, while other callers go on', () => {
    bench.callActor('C', 'a', { method: 'slow' });
    bench.callActor('C', 'b');
    expect(bench.failAgain('n-2', 'a')).to.deep.equal([tickIn(100)]);
    expect(bench.callActor('C', 'c', { caller: 'other' })).to.deep.equal(['n-2 <- invoke c']);
    expect(bench.tick(100)).to.deep.equal(['n-2 <- invoke a again 1']);
    expect(bench.done('n-2', 'a')).to.deep.equal(['n-0 <- settled a ok', 'n-2 <- invoke b']);
  });

  it('take what the call itself says rather than what its class does', () => {
    bench.callActor('C', 'a', { maxRetries: 0 });
    expect(bench.failAgain('n-2', 'a')).to.deep.equal(['n-0 <- settled a thrown']);
    bench.callActor('C', 'b', { maxRetries: -1, retryDelay: 5 });
    for (let delay = 5; delay < 100; delay *= 2) {
      expect(bench.failAgain('n-2', 'b')).to.deep.equal([tickIn(delay)]);
      bench.tick(delay);
    }
  });

  it('let the next go when the call is cancelled while it waits', () => {
    bench.callActor('C', 'a', { method: 'slow' });
    bench.callActor('C', 'b');
    bench.failAgain('n-2', 'a');
    expect(bench.cancel('a')).to.deep.equal(['n-0 <- settled a TASK_CANCELLED', 'n-2 <- invoke b']);
    expect(bench.tick(100)).to.deep.equal([]);
  });

  it('are not retried when the call was cancelled as it ran', () => {
    bench.callActor('C', 'a');
    bench.callActor('C', 'b');
    expect(bench.cancel('a')).to.include('n-0 <- settled a TASK_CANCELLED');
    expect(bench.failAgain('n-2', 'a')).to.deep.equal(['n-2 <- invoke b']);
  });

  it('let later calls overtake where several run at once', () => {
    const methods = { slow: { retriesErrors: true as const, retryDelay: 100 } };
    bench.define('Wide', { actor: { maxConcurrency: 2, maxTaskRetries: 1, methods } });
    bench.createActor('W', { fn: 'Wide' });
    bench.online('n-3');
    bench.alive('W');
    bench.callActor('W', 'x', { method: 'slow' });
    expect(bench.failAgain('n-3', 'x')).to.deep.equal([tickIn(100)]);
    expect(bench.callActor('W', 'y')).to.deep.equal(['n-3 <- invoke y']);
    expect(bench.tick(100)).to.deep.equal(['n-3 <- invoke x again 1']);
  });

  it('hold up nobody where nothing is retried', () => {
    bench.callActor('C', 'a', { method: 'toString' });
    expect(bench.callActor('C', 'b')).to.deep.equal(['n-2 <- invoke b']);
  });

  it('end with the instance', () => {
    bench.callActor('C', 'a', { method: 'slow' });
    bench.callActor('C', 'b');
    bench.failAgain('n-2', 'a');
    bench.died('C');
    expect(bench.said).to.include('n-0 <- settled a ACTOR_DIED');
    expect(bench.said).to.include('n-0 <- settled b ACTOR_DIED');
    expect(bench.tick(100)).to.deep.equal([]);
    expect(bench.scheduler.usage().calls).to.equal(0);
  });
});
