import { expect } from 'chai';
import type { Parcel } from '../../../lib/protocol/payload';
import { Bench, driver, encoded } from './support';

describe('scheduler: code that nobody needs', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 1 });
  });

  const parcel = (id: string, parts: Partial<Parcel> = {}, from = driver): void => {
    bench.say(from, { type: 'parcel', parcel: { id, requires: [], body: id, ...parts } });
  };
  const define = (name: string, ...parcels: string[]): void => {
    bench.define(name, { code: { id: `code ${name}`, parcels } });
  };
  const gone = (from: string, id: string, received = 1): string[] =>
    bench.say(from, { type: 'parcelsGone', parcels: [[id, received]] });
  const run = (id: string, fn = 'f'): string[] => {
    bench.submit(id, { fn });
    const said = bench.done('n-1', id);
    bench.release(driver, id);
    return said;
  };
  /** Code that only a thread has yet, which was told to forget it. */
  const forgetWhereItRan = (): void => {
    parcel('p');
    define('f', 'p');
    define('g');
    run('a');
    bench.release(driver, 'f');
    gone(driver, 'p');
  };
  const kept = (): object => {
    const { objects, specs, parcels } = bench.scheduler.usage();
    return { objects, specs, parcels };
  };

  it('is forgotten with the function, by its threads too, once nothing of it lives there', () => {
    parcel('p');
    define('f', 'p');
    run('a');
    expect(bench.release(driver, 'f')).to.deep.equal(['n-1 <- undefine f']);
    expect(kept()).to.deep.equal({ objects: 0, specs: 0, parcels: 1 });
    expect(gone(driver, 'p')).to.deep.equal(['n-1 <- forget p']);
    expect(kept()).to.include({ parcels: 1 });
    gone('n-1', 'p');
    expect(kept()).to.include({ parcels: 0 });
  });

  it('lets go of what it refers to, and of what it requires', () => {
    bench.put('x');
    parcel('base');
    parcel('p', { requires: ['base'], body: encoded('p', { refs: ['x'] }) });
    define('f', 'base', 'p');
    run('a');
    bench.release(driver, 'x');
    bench.release(driver, 'f');
    gone(driver, 'base');
    expect(gone(driver, 'p')).to.deep.equal(['n-1 <- forget p']);
    bench.release('n-1', 'x');
    expect(kept()).to.deep.equal({ objects: 1, specs: 0, parcels: 2 });
    expect(gone('n-1', 'p')).to.deep.equal(['n-1 <- forget base']);
    expect(kept()).to.deep.equal({ objects: 0, specs: 0, parcels: 1 });
  });

  it('is kept by a call without result', () => {
    parcel('p');
    define('f', 'p');
    bench.submit('a');
    gone(driver, 'p');
    expect(bench.release(driver, 'f')).to.deep.equal([]);
    expect(bench.done('n-1', 'a')).to.include.members(['n-1 <- undefine f', 'n-1 <- forget p']);
  });

  it('is kept by a living instance, and by what a restart of it needs', () => {
    parcel('p');
    parcel('q');
    bench.define('Counter', { code: { id: 'c', parcels: ['p'] }, actor: { maxRestarts: 1 } });
    const args = encoded('args', { code: ['q'] });
    const call = { id: 'A', actor: 'A', spec: 'Counter', args, depth: 0, caller: 'driver' };
    bench.say(driver, { type: 'createActor', call });
    bench.online('n-2');
    bench.alive('A');
    bench.release(driver, 'Counter');
    gone(driver, 'p');
    gone(driver, 'q');
    expect(kept()).to.include({ specs: 1, parcels: 2 });
    bench.exited('n-2');
    expect(kept()).to.include({ specs: 1, parcels: 2 });
    bench.kill('A');
    bench.exited('n-3', { kind: 'forced' });
    expect(kept()).to.include({ specs: 0, parcels: 0 });
  });

  it('is kept by a value that names the function, and by whoever has read it', () => {
    parcel('p');
    define('f', 'p');
    bench.put('x', encoded('x', { refs: ['f'] }));
    bench.release(driver, 'f');
    expect(kept()).to.include({ specs: 1 });
    define('g');
    bench.submit('reader', { fn: 'g', refs: ['x'] });
    bench.release(driver, 'x');
    bench.done('n-1', 'reader');
    expect(kept()).to.include({ specs: 2 });
    expect(bench.submit('b', { from: 'n-1' })).to.include('n-1 <- run b');
    bench.release('n-1', 'f');
    expect(kept()).to.include({ specs: 2 });
    bench.done('n-1', 'b');
    expect(kept()).to.include({ specs: 1 });
  });

  it('is kept by a value that is made of it, and sent again when it was forgotten', () => {
    forgetWhereItRan();
    // Something of it lives there.
    bench.put('x', encoded('function', { code: ['p'] }), 'n-1');
    const sent = ['n-1 <- parcel p', 'n-1 <- run b with x'];
    expect(bench.submit('b', { fn: 'g', refs: ['x'] }).slice(-2)).to.deep.equal(sent);
    bench.done('n-1', 'b');
    expect(bench.release('n-1', 'x')).to.deep.equal(['n-1 <- forget p']);
  });

  it('stays at hand where the function lives on, for the next time', () => {
    parcel('p');
    define('f', 'p');
    run('a');
    bench.release(driver, 'f');
    define('f2', 'p');
    expect(bench.submit('b', { fn: 'f2' })).to.deep.equal(['n-1 <- define f2', 'n-1 <- run b']);
  });

  it('does not hold itself, where it names a function that is made of it', () => {
    define('f', 'p');
    parcel('p', { body: encoded('p', { refs: ['f'] }) });
    run('a');
    expect(bench.release(driver, 'f')).to.deep.equal([]);
    expect(gone(driver, 'p')).to.deep.equal(['n-1 <- forget p']);
    expect(kept()).to.include({ specs: 1, parcels: 1 });
    expect(bench.release('n-1', 'f')).to.deep.equal(['n-1 <- undefine f']);
    gone('n-1', 'p');
    expect(kept()).to.include({ specs: 0, parcels: 0 });
  });

  it('can be called by whoever reads it again, where it names a function that nobody has', () => {
    define('f', 'p');
    parcel('p', { body: encoded('p', { refs: ['f'] }) });
    define('g');
    bench.release(driver, 'f');
    expect(kept()).to.include({ specs: 2, parcels: 1 });
    bench.put('x', encoded('function', { code: ['p'] }));
    bench.submit('a', { fn: 'g', refs: ['x'] });
    expect(bench.submit('b', { from: 'n-1' })).to.deep.equal([]);
    expect(bench.done('n-1', 'a')).to.include.members(['n-1 <- define f', 'n-1 <- run b']);
  });

  it('takes what is said of an earlier sending for no news of a later', () => {
    forgetWhereItRan();
    // It was forgotten there, and before the raylet hears of that it is sent once more.
    bench.put('x', encoded('function', { code: ['p'] }), 'n-1');
    bench.submit('b', { fn: 'g', refs: ['x'] });
    gone('n-1', 'p');
    bench.done('n-1', 'b');
    expect(bench.release('n-1', 'x')).to.deep.equal(['n-1 <- forget p']);
    expect(kept()).to.include({ parcels: 1 });
    gone('n-1', 'p');
    expect(kept()).to.include({ parcels: 0 });
  });

  it('is forgotten with the threads that had it', () => {
    define('g');
    bench.submit('a', { fn: 'g' });
    parcel('p', {}, 'n-1');
    bench.define('h');
    bench.exited('n-1');
    expect(kept()).to.include({ parcels: 0, specs: 2 });
  });
});
