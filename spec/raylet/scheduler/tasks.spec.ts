import { expect } from 'chai';
import { Bench, driver } from './support';

describe('scheduler: tasks', () => {
  it('starts one worker per CPU and says when they stand ready', () => {
    const bench = new Bench({ numCpus: 2 });
    expect(bench.online('n-1')).to.deep.equal(['start n-1', 'start n-2']);
    expect(bench.online('n-2')).to.deep.equal(['n-0 <- ready 2']);
  });

  it('runs a call on a free worker, tells the owner first, then gives the next', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    expect(bench.submit('a')).to.deep.equal(['n-1 <- define f', 'n-1 <- run a']);
    expect(bench.submit('b')).to.deep.equal([]);
    expect(bench.done('n-1', 'a')).to.deep.equal(['n-0 <- settled a ok', 'n-1 <- run b']);
    expect(bench.done('n-1', 'b')).to.deep.equal(['n-0 <- settled b ok']);
  });

  it('waits for arguments, and hands over their values', () => {
    const bench = Bench.ready();
    bench.define('f');
    bench.submit('a');
    expect(bench.submit('b', { refs: ['a'] })).to.deep.equal([]);
    const said = bench.done('n-2', 'a');
    expect(said.slice(0, 1)).to.deep.equal(['n-0 <- settled a ok']);
    expect(said.at(-1)).to.equal('n-2 <- run b with a');
    expect(bench.runs.get('b')?.values).to.deep.equal([['a', 'a']]);
  });

  it('fails a call at once when an argument has failed', () => {
    const bench = Bench.ready();
    bench.define('f');
    bench.submit('a');
    bench.submit('b');
    bench.submit('c', { refs: ['a', 'b'] });
    bench.submit('d', { refs: ['c'] });
    const worker = bench.runs.get('a')?.worker ?? '';
    expect(bench.fail(worker, 'a')).to.deep.equal([
      `${driver} <- settled a thrown`,
      `${driver} <- settled c failed by f`,
      `${driver} <- settled d failed by f < f`,
    ]);
  });
});
