import { expect } from 'chai';
import { Bench, waitFor } from './support';

/** A task with a wait pending goes on in another branch of its code, and there blocks its thread. */
describe('scheduler: threads that stand still', () => {
  it('are woken by what they stand still for, and by no other answer', () => {
    const bench = Bench.ready({ numCpus: 3 });
    bench.define('f');
    for (const id of ['a', 'b', 'c']) bench.submit(id);
    const thread = bench.workerOf('a');
    bench.wait(thread, 'a', waitFor(1, ['b']));
    bench.waitSync(thread, 'a', waitFor(2, ['c']));
    expect(bench.done(bench.workerOf('b'), 'b')).to.deep.equal(['n-0 <- settled b ok']);
    expect(bench.scheduler.usage().taken.CPU).to.equal(1);
    expect(bench.done(bench.workerOf('c'), 'c')).to.include(`${thread} <- granted a 1 2`);
    expect(bench.scheduler.usage().taken.CPU).to.equal(1);
  });

  it('leave the queue for a CPU that would be of no use to them', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.define('free', { resources: { CPU: 0 } });
    bench.submit('a');
    bench.submit('b', { fn: 'free', from: 'n-1', parent: 'a' });
    bench.wait('n-1', 'a', waitFor(1, ['b']));
    for (const id of ['c', 'd']) bench.submit(id);
    for (const worker of ['n-2', 'n-3']) bench.online(worker);
    bench.done(bench.workerOf('b'), 'b');
    // Answered, without a CPU; d is behind it and is what its thread now stands still for.
    bench.waitSync('n-1', 'a', waitFor(2, ['d']));
    expect(bench.done(bench.workerOf('c'), 'c').join()).to.match(/run d/);
    expect(bench.done(bench.workerOf('d'), 'd')).to.include('n-1 <- granted a 1 2');
  });

  it('do not keep what they were given beside and have not begun', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.submit('a');
    bench.submit('b', { from: 'n-1', parent: 'a' });
    expect(bench.wait('n-1', 'a', waitFor(1, ['b']))).to.deep.equal(['n-1 <- run b beside']);
    expect(bench.waitSync('n-1', 'a', waitFor(2, ['b']))).to.deep.equal(['revoke n-1: b']);
    bench.revoked('n-1', 'b');
    bench.online('n-2');
    expect(bench.workerOf('b')).to.equal('n-2');
    expect(bench.done('n-2', 'b')).to.include('n-1 <- granted a 1 2');
  });

  it('hold up what they have begun beside: that is a circle if they stand still for it', () => {
    const bench = Bench.ready({ numCpus: 1, lookAfter: 10 });
    bench.define('f');
    bench.submit('a');
    bench.submit('b', { from: 'n-1', parent: 'a' });
    bench.wait('n-1', 'a', waitFor(1, ['b']));
    bench.waitSync('n-1', 'a', waitFor(2, ['b']));
    bench.revoked('n-1');
    expect(bench.tick(100)).to.include('n-1 <- deadlocked a 2: f (blocks its thread) > f');
  });
});
