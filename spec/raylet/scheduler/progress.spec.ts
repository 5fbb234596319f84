import { expect } from 'chai';
import type { Payload } from '../../../lib/protocol/payload';
import { Bench, driver, encoded } from './support';

function running(): Bench {
  const bench = Bench.ready();
  bench.define('f');
  bench.submit('a');
  return bench;
}

const report = (bench: Bench, value: Payload, worker = bench.workerOf('a')): string[] =>
  bench.say(worker, { type: 'progress', task: 'a', value });

const follow = (bench: Bench, from = driver, token = 1): string[] =>
  bench.say(from, { type: 'follow', id: 'a', token });

describe('scheduler: progress', () => {
  it('goes to all who follow, before the result', () => {
    const bench = running();
    follow(bench);
    expect(report(bench, 1)).to.deep.equal([`${driver} <- progress a 1`]);
    expect(report(bench, 2)).to.deep.equal([`${driver} <- progress a 2`]);
    expect(bench.done(bench.workerOf('a'), 'a')).to.deep.equal([`${driver} <- settled a ok`]);
  });

  it('is told to nobody who has not asked, and to each once', () => {
    const bench = running();
    expect(report(bench, 1)).to.deep.equal([]);
    follow(bench);
    follow(bench, driver, 2);
    expect(report(bench, 2)).to.deep.equal([`${driver} <- progress a 2`]);
    bench.say(driver, { type: 'unfollow', id: 'a' });
    expect(report(bench, 3)).to.deep.equal([]);
  });

  it('goes to those who follow any of several returns', () => {
    const bench = Bench.ready();
    bench.define('f');
    bench.submit('a', { returns: ['a', 'b'] });
    bench.say(driver, { type: 'follow', id: 'b', token: 1 });
    follow(bench, driver, 2);
    expect(report(bench, 1)).to.have.members([
      `${driver} <- progress a 1`,
      `${driver} <- progress b 1`,
    ]);
    bench.say(driver, { type: 'unfollow', id: 'a' });
    expect(report(bench, 2)).to.deep.equal([`${driver} <- progress b 2`]);
  });

  it('gives the latest to whoever comes late', () => {
    const bench = running();
    report(bench, 1);
    report(bench, 2);
    expect(follow(bench, 'n-2')).to.deep.equal(['n-2 <- progress a 2']);
  });

  it('can be followed before the call runs, and while it runs again', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.submit('first');
    bench.submit('a');
    follow(bench);
    bench.done('n-1', 'first');
    expect(report(bench, 1)).to.deep.equal([`${driver} <- progress a 1`]);
    bench.exited('n-1', {}, ['a']);
    expect(report(bench, 'late', 'n-1')).to.deep.equal([]);
    bench.online('n-2');
    expect(report(bench, 2, 'n-2')).to.deep.equal([`${driver} <- progress a 2`]);
  });

  it('keeps refs in the latest value, and lets go of them with the next one and with the call', () => {
    const bench = running();
    const worker = bench.workerOf('a');
    bench.put('x', 'x', worker);
    bench.put('y', 'y', worker);
    report(bench, encoded('x', { refs: ['x'] }));
    bench.release(worker, 'x');
    follow(bench);
    expect(bench.scheduler.usage().objects).to.equal(3);
    report(bench, encoded('y', { refs: ['y'] }));
    bench.release(worker, 'y');
    bench.release(driver, 'x');
    expect(bench.scheduler.usage().objects).to.equal(2);
    bench.release(driver, 'y');
    expect(bench.scheduler.usage().objects).to.equal(2);
    bench.done(worker, 'a');
    expect(bench.scheduler.usage().objects).to.equal(1);
  });

  it('of what is no call, or has ended, there is none', () => {
    const bench = running();
    bench.put('x');
    expect(bench.say(driver, { type: 'follow', id: 'x', token: 1 })).to.deep.equal([]);
    const worker = bench.workerOf('a');
    bench.done(worker, 'a');
    expect(follow(bench)).to.deep.equal([]);
    expect(report(bench, 1, worker)).to.deep.equal([]);
  });
});
