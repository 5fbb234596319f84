import { expect } from 'chai';
import type { RemoteSpec } from '../../../lib/protocol/specs';
import { Bench, waitFor } from './support';

describe('scheduler: a call with a timeout', () => {
  let bench: Bench;

  /** A bench whose function `f` has a timeout of 100 ms and 50 ms of grace. */
  const begin = (parts: Partial<RemoteSpec> = {}, numCpus = 1): void => {
    bench = Bench.ready({ numCpus });
    const task = { timeout: 100, graceMs: 50, ...parts.task };
    bench.define('f', { ...parts, task });
    bench.define('other');
  };
  beforeEach(() => begin());

  const cpu = (): number => bench.scheduler.usage().taken.CPU ?? 0;

  it('asks to be woken when its time is over, counted from its start', () => {
    bench.submit('a');
    bench.at += 1000;
    expect(bench.tick()).to.deep.equal([]);
    expect(bench.started('a')).to.deep.equal(['tick after 100']);
    expect(bench.tick(99)).to.deep.equal(['tick after 1']);
    expect(bench.tick(1)).to.deep.equal([
      'n-1 <- abort a TASK_TIMEOUT',
      'n-0 <- settled a TASK_TIMEOUT',
      'tick after 50',
    ]);
  });

  it('ends its thread after the grace', () => {
    bench.submit('a');
    bench.started('a');
    bench.tick(100);
    expect(cpu()).to.equal(1);
    expect(bench.tick(50)).to.deep.equal([
      'start n-2',
      'terminate n-1: it ran longer than its timeout of 100 ms and the 50 ms after it',
    ]);
    bench.exited('n-1', { kind: 'forced' }, ['a']);
    expect(cpu()).to.equal(0);
  });

  it('that ends within the grace frees its CPU, and its thread lives', () => {
    bench.submit('a');
    bench.started('a');
    bench.tick(100);
    expect(bench.done('n-1', 'a')).to.deep.equal([]);
    expect(cpu()).to.equal(0);
    expect(bench.tick(50)).to.deep.equal([]);
    bench.submit('b');
    expect(bench.workerOf('b')).to.equal('n-1');
  });

  it('that ends in time is none of this', () => {
    bench.submit('a');
    bench.started('a');
    bench.at += 99;
    expect(bench.done('n-1', 'a')).to.deep.equal(['n-0 <- settled a ok']);
    expect(bench.tick(1)).to.deep.equal([]);
  });

  it('counts the time in which it waits', () => {
    bench.submit('a');
    bench.started('a');
    bench.submit('b', { fn: 'other', from: 'n-1', parent: 'a' });
    bench.wait('n-1', 'a', waitFor(1, ['b']));
    bench.online('n-2');
    expect(bench.tick(100).slice(0, 2)).to.deep.equal([
      'n-1 <- abort a TASK_TIMEOUT',
      'n-0 <- settled a TASK_TIMEOUT',
    ]);
    expect(cpu()).to.equal(2);
  });

  it('takes those it made with it', () => {
    begin({}, 2);
    bench.submit('a');
    const worker = bench.workerOf('a');
    bench.started('a');
    bench.submit('b', { fn: 'other', from: worker, parent: 'a' });
    bench.tick(100);
    expect(bench.said.at(-1)).to.equal(`revoke ${bench.workerOf('b')}: b`);
    expect(bench.revoked(bench.workerOf('b'), 'b')).to.include(
      `${worker} <- settled b TASK_CANCELLED`,
    );
    bench.submit('late', { fn: 'other', from: worker, parent: 'a' });
    expect(bench.said).to.deep.equal([`${worker} <- settled late TASK_CANCELLED`]);
    const story = JSON.stringify(bench.instructions);
    expect(story).to.include('f, which made it, ran longer than its timeout');
  });

  it('never has others before or behind it in hand', () => {
    bench.teach('f');
    bench.teach('other');
    for (const id of ['a', 'b']) bench.submit(id);
    bench.submit('c', { fn: 'other' });
    expect([...bench.runs.keys()].filter((id) => id.length === 1)).to.deep.equal(['a']);
    bench.done('n-1', 'a', 'value', 0.01);
    expect([...bench.runs.keys()].filter((id) => id.length === 1)).to.deep.equal(['a', 'b']);
  });

  it('is known to run, so it is not asked back', () => {
    bench.submit('a');
    bench.started('a');
    expect(bench.cancel('a')).to.include('n-1 <- abort a TASK_CANCELLED');
  });

  it('that was cancelled has no more time for that', () => {
    bench.submit('a');
    bench.started('a');
    bench.cancel('a');
    expect(bench.tick(100)).to.deep.equal(['tick after 50']);
    expect(bench.tick(50)).to.include(
      'terminate n-1: it ran longer than its timeout of 100 ms and the 50 ms after it',
    );
  });

  it('that is lost with its thread has no deadline until it runs again', () => {
    bench.submit('a');
    bench.started('a');
    bench.exited('n-1', {}, ['a']);
    expect(bench.tick(100)).to.deep.equal([]);
    bench.online('n-2');
    bench.started('a');
    expect(bench.tick(100)).to.include('n-2 <- abort a TASK_TIMEOUT');
  });

  it('does not count from the start of an attempt of before', () => {
    bench.submit('a');
    bench.exited('n-1', {}, ['a']);
    bench.online('n-2');
    const stale = { type: 'started', call: 'a', attempt: 0 } as const;
    expect(bench.say('n-2', stale)).to.deep.equal([]);
    expect(bench.tick(200)).to.deep.equal([]);
  });

  describe('that may be retried', () => {
    beforeEach(() => {
      begin({ maxRetries: 1, task: { retriesTimeouts: true } });
      bench.submit('a');
      bench.started('a');
    });

    it('keeps its ref pending and runs again when the attempt has ended', () => {
      expect(bench.tick(100)).to.deep.equal(['n-1 <- abort a TASK_TIMEOUT', 'tick after 50']);
      expect(bench.done('n-1', 'a', 'too late')).to.deep.equal(['n-1 <- run a again 1']);
      bench.started('a');
      expect(bench.done('n-1', 'a', 'in time')).to.deep.equal(['n-0 <- settled a ok']);
    });

    it('runs again when its thread had to be ended', () => {
      bench.tick(100);
      bench.tick(50);
      bench.exited('n-1', { kind: 'forced' }, ['a']);
      expect(bench.online('n-2')).to.include('n-2 <- run a again 1');
    });

    it('fails when its retries are used up', () => {
      bench.tick(100);
      bench.done('n-1', 'a');
      bench.started('a');
      expect(bench.tick(100)).to.include('n-0 <- settled a TASK_TIMEOUT');
      expect(bench.done('n-1', 'a')).to.deep.equal([]);
    });

    it('is not run again when it is cancelled meanwhile', () => {
      bench.tick(100);
      expect(bench.cancel('a')).to.deep.equal(['n-0 <- settled a TASK_CANCELLED']);
      expect(bench.done('n-1', 'a')).to.deep.equal([]);
      expect(cpu()).to.equal(0);
    });
  });
});
