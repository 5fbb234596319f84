import { expect } from 'chai';
import { Bench, driver, waitFor } from './support';

describe('scheduler: waiting', () => {
  it('gives the CPU back to the call waited for, and gets it again with the answer', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.submit('a');
    expect(bench.submit('b', { from: 'n-1', parent: 'a' })).to.deep.equal([]);
    expect(bench.wait('n-1', 'a', waitFor(1, ['b']))).to.deep.equal(['n-1 <- run b beside']);
    expect(bench.done('n-1', 'b')).to.deep.equal(['n-1 <- settled b ok', 'n-1 <- granted a 1']);
    expect(bench.scheduler.usage().taken).to.deep.equal({ CPU: 1 });
    expect(bench.done('n-1', 'a')).to.deep.equal(['n-0 <- settled a ok']);
    expect(bench.scheduler.usage().taken).to.deep.equal({ CPU: 0 });
  });

  it('gets the answer only with a CPU, and that before any new call', () => {
    const bench = Bench.ready({ numCpus: 1 });
    for (const name of ['f', 'g', 'Counter']) bench.define(name);
    bench.createActor('actor');
    bench.alive('actor');
    bench.submit('a');
    bench.callActor('actor', 'm', { from: 'n-1', parent: 'a' });
    bench.submit('c', { fn: 'g' });
    expect(bench.wait('n-1', 'a', waitFor(1, ['m']))).to.deep.equal(['start n-3']);
    bench.online('n-3');
    bench.submit('d', { fn: 'g' });
    // The answer is here, and `c` has the CPU.
    expect(bench.done('n-2', 'm')).to.deep.equal([]);
    expect(bench.done('n-3', 'c')).to.deep.equal([
      'n-0 <- settled c ok',
      'n-1 <- settled m ok',
      'n-1 <- granted a 1',
    ]);
    expect(bench.done('n-1', 'a').at(-1)).to.match(/run d$/);
  });

  it('holds no CPU in a method of an actor, which is answered at once', () => {
    const bench = Bench.ready({ numCpus: 1 });
    for (const name of ['f', 'Counter']) bench.define(name);
    bench.createActor('actor');
    bench.alive('actor');
    bench.callActor('actor', 'm');
    bench.submit('a', { from: 'n-2', parent: 'm' });
    expect(bench.wait('n-2', 'm', waitFor(1, ['a']))).to.deep.equal([]);
    bench.submit('b');
    expect(bench.done('n-1', 'a').slice(0, 2)).to.deep.equal([
      'n-2 <- settled a ok',
      'n-2 <- granted m 1',
    ]);
  });
});

describe('scheduler: kinds of waits', () => {
  let bench: Bench;
  /** Two CPUs; `a` runs on one; `b` and `c` are its own; `b` runs on the other. */
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 2 });
    bench.define('f');
    bench.submit('a');
    for (const id of ['b', 'c']) bench.submit(id, { from: on('a'), parent: 'a' });
  });

  const on = (id: string): string => bench.workerOf(id);
  const granted = (): string[] => bench.said.filter((line) => line.includes('granted'));

  it('answers when as many as asked are settled', () => {
    bench.wait(on('a'), 'a', waitFor(1, ['b', 'c'], 2));
    bench.done(on('b'), 'b');
    expect(granted()).to.deep.equal([]);
    bench.done(on('c'), 'c');
    expect(granted()).to.deep.equal([`${on('a')} <- granted a 1`]);
  });

  it('answers at the first failure when asked to', () => {
    bench.wait(on('a'), 'a', { ...waitFor(1, ['b', 'c']), failFast: true });
    bench.fail(on('b'), 'b');
    expect(granted()).to.deep.equal([`${on('a')} <- granted a 1`]);
  });

  it('takes a failure for one more that is settled otherwise', () => {
    bench.wait(on('a'), 'a', waitFor(1, ['b', 'c']));
    bench.fail(on('b'), 'b');
    expect(granted()).to.deep.equal([]);
  });

  it('answers at once what is settled already; the task keeps its CPU', () => {
    bench.done(on('b'), 'b');
    expect(bench.wait(on('a'), 'a', waitFor(1, ['b', 'c'], 1))).to.deep.equal([
      `${on('a')} <- granted a 1`,
    ]);
    expect(bench.scheduler.usage().taken).to.deep.equal({ CPU: 2 });
  });

  it('counts a ref that is named twice once', () => {
    bench.wait(on('a'), 'a', waitFor(1, ['b', 'b'], 1));
    bench.done(on('b'), 'b');
    expect(granted()).to.have.length(1);
  });

  it('may be for 200,000 refs', () => {
    bench.validates = false;
    const gone = Array.from({ length: 200_000 }, (_, n) => `gone ${n}`);
    bench.wait(on('a'), 'a', waitFor(1, [...gone, 'b']));
    expect(granted()).to.deep.equal([]);
    bench.done(on('b'), 'b');
    expect(granted()).to.have.length(1);
  });

  it('answers several waits of one task one by one', () => {
    bench.wait(on('a'), 'a', waitFor(1, ['b']), waitFor(2, ['c']));
    bench.done(on('b'), 'b');
    expect(granted()).to.deep.equal([`${on('a')} <- granted a 1`]);
    bench.wait(on('a'), 'a');
    bench.done(on('c'), 'c');
    expect(granted()).to.deep.equal([`${on('a')} <- granted a 2`]);
  });

  it('answers several waits together in the order in which their refs settled', () => {
    bench.done(on('b'), 'b');
    bench.done(on('c'), 'c');
    bench.wait(on('a'), 'a', waitFor(1, ['c']), waitFor(2, ['b']));
    expect(granted()).to.deep.equal([`${on('a')} <- granted a 2 1`]);
  });

  it('lets a task whose wait timed out run over the limit, and starts nothing until that is right', () => {
    bench.wait(on('a'), 'a', waitFor(1, ['b']));
    expect(bench.runs.has('c')).to.equal(true);
    bench.submit('d');
    bench.say(on('a'), { type: 'unwait', task: 'a', waits: [1] });
    expect(bench.scheduler.usage().taken).to.deep.equal({ CPU: 3 });
    expect(bench.done(on('b'), 'b').some((line) => line.includes('run'))).to.equal(false);
    expect(bench.done(on('c'), 'c').some((line) => line.includes('run d'))).to.equal(true);
  });

  it('forgets the waits of a task that has ended', () => {
    bench.wait(on('a'), 'a', waitFor(1, ['b', 'c']));
    bench.done(on('a'), 'a');
    bench.done(on('b'), 'b');
    bench.done(on('c'), 'c');
    expect(granted()).to.deep.equal([]);
    expect(bench.scheduler.usage().taken).to.deep.equal({ CPU: 0 });
  });

  it('keeps back what a waiting task owns, but not from others', () => {
    bench.wait(on('a'), 'a', waitFor(1, ['c']));
    bench.submit('watcher', { inner: ['b'] });
    bench.want(driver, 'b');
    expect(bench.done(on('b'), 'b').filter((line) => line.includes('settled'))).to.deep.equal([
      'n-0 <- settled b ok',
    ]);
    const said = bench.done(on('c'), 'c');
    expect(said.filter((line) => line.startsWith(on('a')))).to.deep.equal([
      `${on('a')} <- settled b ok`,
      `${on('a')} <- settled c ok`,
      `${on('a')} <- granted a 1`,
    ]);
  });

  it('tells a task at once what is kept back for another of its thread', () => {
    const here = on('a');
    bench.wait(here, 'a', waitFor(1, ['c']));
    expect(bench.runs.get('c')).to.deep.include({ worker: here, beside: true });
    expect(bench.done(on('b'), 'b')).to.deep.equal([]);
    expect(bench.wait(here, 'c', waitFor(2, ['b']))).to.deep.equal([
      `${here} <- settled b ok`,
      `${here} <- granted c 2`,
    ]);
  });

  it('keeps other resources than CPU', () => {
    bench = Bench.ready({ numCpus: 1, resources: { gpu: 1 } });
    bench.define('f', { resources: { CPU: 1, gpu: 1 } });
    bench.define('g');
    bench.submit('a');
    bench.submit('b', { fn: 'g', from: 'n-1', parent: 'a' });
    bench.wait('n-1', 'a', waitFor(1, ['b']));
    bench.online('n-2');
    expect(bench.scheduler.usage().taken).to.deep.equal({ CPU: 1, gpu: 1 });
    bench.done(bench.workerOf('b'), 'b');
    bench.done('n-1', 'a');
    expect(bench.scheduler.usage().taken).to.deep.equal({ CPU: 0, gpu: 0 });
  });
});

describe('scheduler: CPUs of instances', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 1 });
    for (const name of ['f', 'Counter']) bench.define(name);
    bench.define('Keeper', { resources: { CPU: 1 } });
    bench.define('free', { resources: { CPU: 0 } });
  });

  const taken = (): number | undefined => bench.scheduler.usage().taken.CPU;

  /** `a` waits for a method of an instance that was placed on its CPU and keeps that. */
  const losesItsCpu = (): void => {
    bench.submit('a');
    bench.createActor('actor', { fn: 'Keeper', from: 'n-1', parent: 'a' });
    bench.callActor('actor', 'm', { from: 'n-1', parent: 'a' });
    bench.wait('n-1', 'a', waitFor(1, ['m']));
    bench.alive('actor');
  };

  it('do not keep a resumed task waiting for what they keep for life', () => {
    losesItsCpu();
    expect(bench.done('n-2', 'm').at(-1)).to.equal('n-1 <- granted a 1');
    expect(taken()).to.equal(2);
    bench.submit('b');
    expect(bench.done('n-1', 'a')).to.deep.equal(['n-0 <- settled a ok']);
    expect(bench.died('actor').at(-1)).to.equal('n-1 <- run b');
  });

  it('let tasks go over the limit one at a time', () => {
    bench.createActor('plain');
    bench.alive('plain');
    bench.submit('a');
    bench.submit('b');
    bench.callActor('plain', 'ma', { from: 'n-1', parent: 'a' });
    bench.wait('n-1', 'a', waitFor(1, ['ma']));
    bench.online('n-3');
    bench.createActor('keeper', { fn: 'Keeper', from: 'n-3', parent: 'b' });
    bench.callActor('keeper', 'mb', { from: 'n-3', parent: 'b' });
    bench.wait('n-3', 'b', waitFor(1, ['mb']));
    bench.alive('keeper');
    expect(bench.done('n-2', 'ma').at(-1)).to.equal('n-1 <- granted a 1');
    expect(bench.done('n-4', 'mb')).to.deep.equal([]);
    expect(bench.done('n-1', 'a').at(-1)).to.equal('n-3 <- granted b 1');
  });

  it('leave calls that need no CPU alone while a task waits for one', () => {
    for (const name of ['g', 'h']) bench.define(name);
    bench.createActor('actor');
    bench.alive('actor');
    bench.submit('a');
    bench.callActor('actor', 'm', { from: 'n-1', parent: 'a' });
    bench.submit('b', { fn: 'g' });
    bench.wait('n-1', 'a', waitFor(1, ['m']));
    bench.online('n-3');
    expect(bench.workerOf('b')).to.equal('n-3');
    bench.done('n-2', 'm');
    expect(bench.submit('c', { fn: 'free' })).to.deep.equal(['start n-4']);
    expect(bench.online('n-4').at(-1)).to.equal('n-4 <- run c');
  });

  it('are lent while a constructor waits, and taken again with the answer', () => {
    bench.createActor('actor');
    bench.submit('a', { from: 'n-2', parent: 'new actor' });
    expect(bench.waitSync('n-2', 'new actor', waitFor(1, ['a'])).at(-1)).to.equal('n-1 <- run a');
    bench.submit('b');
    expect(bench.done('n-1', 'a')).to.deep.equal([
      'n-2 <- settled a ok',
      'n-2 <- granted new actor 1',
    ]);
    expect(bench.alive('actor').at(-1)).to.equal('n-1 <- run b');
  });

  it('are lent while a method waits, and taken again with the answer', () => {
    bench.createActor('actor', { fn: 'Keeper' });
    bench.alive('actor');
    bench.callActor('actor', 'm');
    bench.submit('a', { from: 'n-2', parent: 'm' });
    expect(bench.wait('n-2', 'm', waitFor(1, ['a'])).at(-1)).to.equal('n-1 <- run a');
    bench.submit('b');
    expect(bench.done('n-1', 'a')).to.deep.equal(['n-2 <- settled a ok', 'n-2 <- granted m 1']);
    expect(bench.done('n-2', 'm')).to.deep.equal(['n-0 <- settled m ok']);
    expect(taken()).to.equal(1);
  });

  it('are taken again when a method ends that left a wait behind', () => {
    bench.createActor('actor', { fn: 'Keeper' });
    bench.alive('actor');
    bench.callActor('actor', 'm');
    bench.submit('a', { from: 'n-2', parent: 'm' });
    bench.wait('n-2', 'm', waitFor(1, ['a']));
    bench.done('n-2', 'm');
    expect(taken()).to.equal(2);
    bench.done('n-1', 'a');
    expect(taken()).to.equal(1);
  });

  it('are its own again when a constructor ends that left a wait behind', () => {
    bench.createActor('actor', { fn: 'Keeper' });
    bench.submit('a', { from: 'n-2', parent: 'new actor' });
    bench.wait('n-2', 'new actor', waitFor(1, ['a']));
    bench.alive('actor');
    expect(taken()).to.equal(2);
    expect(bench.done('n-1', 'a')).to.deep.equal(['n-2 <- settled a ok']);
    expect(taken()).to.equal(1);
  });

  it('are given back once when an instance dies whose call waits', () => {
    bench.createActor('actor', { fn: 'Keeper' });
    bench.submit('a', { from: 'n-2', parent: 'new actor' });
    bench.wait('n-2', 'new actor', waitFor(1, ['a']));
    bench.died('actor');
    expect(taken()).to.equal(1);
    bench.done('n-1', 'a');
    expect(taken()).to.equal(0);
  });
});
