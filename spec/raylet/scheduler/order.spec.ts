import { expect } from 'chai';
import { Bench } from './support';

describe('scheduler: order of ready calls', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.submit('first');
  });

  /** Ends call after call and answers the order in which they ran. */
  function rest(): string[] {
    const order: string[] = [];
    let call: string | undefined = 'first';
    while (call !== undefined) {
      const said: string[] = bench.done('n-1', call);
      call = said.find((line) => line.startsWith('n-1 <- run '))?.split(' ')[3];
      if (call !== undefined) order.push(call);
    }
    return order;
  }

  it('is that of submission', () => {
    for (const id of ['a', 'b', 'c']) bench.submit(id);
    expect(rest()).to.deep.equal(['a', 'b', 'c']);
  });

  it('is that of submission too for a call whose argument came late', () => {
    bench.submit('a', { refs: ['first'] });
    for (const id of ['b', 'c']) bench.submit(id);
    expect(rest()).to.deep.equal(['a', 'b', 'c']);
  });

  it('is deepest first', () => {
    bench.submit('a', { depth: 0 });
    bench.submit('b', { depth: 2, caller: 'x' });
    bench.submit('c', { depth: 1, caller: 'y' });
    bench.submit('d', { depth: 2, caller: 'x' });
    expect(rest()).to.deep.equal(['b', 'd', 'c', 'a']);
  });

  it('takes callers of one depth in turn', () => {
    for (const id of ['a1', 'a2', 'a3']) bench.submit(id, { caller: 'a' });
    for (const id of ['b1', 'b2']) bench.submit(id, { caller: 'b' });
    expect(rest()).to.deep.equal(['a1', 'b1', 'a2', 'b2', 'a3']);
  });

  it('passes over calls that ask for what is taken', () => {
    bench = Bench.ready({ numCpus: 2, resources: { gpu: 1 } });
    bench.define('f');
    bench.define('onGpu', { resources: { CPU: 1, gpu: 1 } });
    bench.submit('g1', { fn: 'onGpu' });
    expect(bench.submit('g2', { fn: 'onGpu' })).to.deep.equal([]);
    expect(bench.submit('a').at(-1)).to.match(/run a$/);
    expect(bench.done(bench.runs.get('g1')?.worker ?? '', 'g1').at(-1)).to.match(/run g2$/);
  });
});

describe('scheduler: resources', () => {
  it('never lets more run than there are CPUs', () => {
    const bench = Bench.ready({ numCpus: 2 });
    bench.define('f');
    for (const id of ['a', 'b', 'c']) bench.submit(id);
    expect([...bench.runs.keys()]).to.deep.equal(['a', 'b']);
    expect(bench.scheduler.usage().taken).to.deep.equal({ CPU: 2 });
  });

  it('adds fractions exactly, down to a ten-thousandth', () => {
    const bench = Bench.ready({ numCpus: 1, resources: { port: 1 } });
    bench.define('f', { resources: { CPU: 0.1, port: 0.0001 } });
    for (let n = 1; n <= 11; n += 1) bench.submit(`c${n}`);
    for (let n = 2; n <= 12; n += 1) bench.online(`n-${n}`);
    expect(bench.runs.size).to.equal(10);
    expect(bench.scheduler.usage().taken).to.deep.equal({ CPU: 1, port: 0.001 });
    for (let n = 1; n <= 11; n += 1) bench.done(bench.runs.get(`c${n}`)?.worker ?? '', `c${n}`);
    expect(bench.scheduler.usage().taken).to.deep.equal({ CPU: 0, port: 0 });
  });

  it('says so when a machine will never have what a function asks for', () => {
    const bench = Bench.ready({ numCpus: 2 });
    expect(bench.define('huge', { resources: { CPU: 3 } })).to.deep.equal([]);
    const [warning] = bench.submit('a', { fn: 'huge' });
    expect(warning).to.include('huge needs CPU: 3, this machine has 2');
    expect(bench.submit('b', { fn: 'huge' })).to.deep.equal([]);
    bench.define('f');
    expect(bench.submit('c')).to.include('n-2 <- run c');
  });
});
