import { expect } from 'chai';
import { Bench } from './support';

describe('scheduler: what keeps an object from settling', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 1 });
    for (const name of ['f', 'g']) bench.define(name);
  });

  const standstill = (id: string) => bench.scheduler.standstill(id);

  it('is the call that makes it, begun when a worker has it', () => {
    bench.submit('a', { fn: 'f' });
    expect(standstill('a')).to.deep.equal({ task: 'f', begun: true });
  });

  it('is what that call waits for, however far away', () => {
    bench.submit('a', { fn: 'f' });
    bench.submit('b', { fn: 'g', refs: ['a'] });
    bench.submit('c', { fn: 'g', refs: ['b'] });
    expect(standstill('c')).to.deep.equal({ task: 'f', begun: true });
  });

  it('is the call that has the CPU when there is none left', () => {
    bench.submit('a', { fn: 'f' });
    bench.submit('b', { fn: 'g' });
    expect(standstill('b')).to.deep.equal({ task: 'f', begun: false });
  });

  it('is the constructor of an actor, or the method before', () => {
    bench.define('Counter');
    bench.createActor('actor');
    bench.callActor('actor', 'first');
    expect(standstill('first')).to.deep.equal({ task: 'Counter', begun: true });
    bench.alive('actor');
    bench.callActor('actor', 'second');
    expect(standstill('second')).to.deep.equal({ task: 'Counter.inc', begun: true });
  });

  it('is nothing that is known of an object nobody makes', () => {
    expect(standstill('gone')).to.deep.equal({ task: 'a call', begun: false });
    bench.submit('a', { fn: 'f' });
    bench.done('n-1', 'a');
    expect(standstill('a')).to.deep.equal({ task: 'f', begun: false });
  });
});
