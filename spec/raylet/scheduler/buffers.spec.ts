import { expect } from 'chai';
import type { Payload, SharedPart } from '../../../lib/protocol/payload';
import { Bench, driver, encoded } from './support';

const MEGABYTE = 2 ** 20;

const part = (id: string, bytes = 8): SharedPart => ({ id, memory: new SharedArrayBuffer(bytes) });

/** A value with these buffers beside it. */
const beside = (...shared: SharedPart[]): Payload => encoded('value', { shared });

describe('scheduler: shared memory', () => {
  it('goes home when the last value that has it is forgotten', () => {
    const bench = Bench.ready();
    bench.put('a', beside(part('n-0/1')));
    bench.put('b', beside(part('n-0/1')));
    expect(bench.release(driver, 'a')).to.deep.equal([]);
    expect(bench.release(driver, 'b')).to.include(`${driver} <- recycle`);
  });

  it('is kept as long as a thread that it was sent to has not said that it is gone', () => {
    const bench = Bench.ready();
    bench.define('f');
    bench.put('a', beside(part('n-0/1')));
    bench.submit('c', { refs: ['a'] });
    const worker = bench.workerOf('c');
    bench.done(worker, 'c');
    bench.release(driver, 'a');
    expect(bench.said).not.to.include(`${driver} <- recycle`);
    expect(bench.say(worker, { type: 'gone', buffers: [['n-0/1', 1]] })).to.include(
      `${driver} <- recycle`,
    );
  });

  it('counts what is on its way: gone is said of what has come', () => {
    const bench = Bench.ready();
    bench.define('f');
    bench.put('a', beside(part('n-0/1')));
    bench.want('n-1', 'a');
    bench.release(driver, 'a');
    bench.say('n-1', { type: 'want', ids: ['a'] });
    bench.put('b', beside(part('n-0/2')));
    bench.want('n-1', 'b');
    bench.want('n-1', 'b');
    bench.release(driver, 'b');
    bench.say('n-1', { type: 'gone', buffers: [['n-0/2', 1]] });
    expect(bench.said).not.to.include(`${driver} <- recycle`);
    bench.say('n-1', { type: 'gone', buffers: [['n-0/2', 1]] });
    expect(bench.said).to.include(`${driver} <- recycle`);
  });

  it('of arguments is kept until the call has ended', () => {
    const bench = Bench.ready();
    bench.define('f');
    const call = { id: 'c', args: beside(part('n-0/1')), depth: 0, caller: 'driver', spec: 'f' };
    bench.say(driver, { type: 'submit', call });
    const worker = bench.workerOf('c');
    bench.say(worker, { type: 'gone', buffers: [['n-0/1', 1]] });
    expect(bench.said).not.to.include(`${driver} <- recycle`);
    bench.done(worker, 'c');
    expect(bench.said).to.include(`${driver} <- recycle`);
  });

  it('goes home at once when the message that brought it is of no interest', () => {
    const bench = Bench.ready();
    bench.say('n-1', {
      type: 'saved',
      actor: 'nobody',
      state: beside(part('n-1/1')),
    });
    expect(bench.said).to.include('n-1 <- recycle');
  });

  it('is used again under the same id, and let go of when it is not for long', () => {
    const bench = Bench.ready();
    const memory = part('n-0/1');
    bench.put('a', beside(memory));
    bench.release(driver, 'a');
    bench.put('b', beside(memory));
    bench.tick(11_000);
    expect(bench.said).not.to.include(`${driver} <- evict`);
    bench.release(driver, 'b');
    bench.tick(11_000);
    expect(bench.said).to.include(`${driver} <- evict`);
    expect(bench.say(driver, { type: 'evicted', ids: ['n-0/1'] })).to.include('drop 8 bytes');
  });

  it('lies idle up to a quarter of the store', () => {
    const bench = Bench.ready({ objectStoreMemory: 100 });
    bench.put('a', beside(part('n-0/1', 20)));
    bench.put('b', beside(part('n-0/2', 20)));
    bench.release(driver, 'a');
    expect(bench.said).not.to.include(`${driver} <- evict`);
    bench.release(driver, 'b');
    expect(bench.said).to.include(`${driver} <- evict`);
  });

  it('comes back from a thread that dies, and is dropped where its home has died', () => {
    const bench = Bench.ready();
    bench.define('f');
    bench.put('a', beside(part('n-0/1')));
    bench.want('n-1', 'a');
    bench.release(driver, 'a');
    bench.put('result', beside(part('n-1/1')), 'n-1');
    bench.want(driver, 'result');
    bench.exited('n-1');
    expect(bench.said).to.include(`${driver} <- recycle`);
    bench.release(driver, 'result');
    bench.say(driver, { type: 'gone', buffers: [['n-1/1', 1]] });
    expect(bench.said).to.include('drop 8 bytes');
  });

  it('that user code has asked for is kept until that is gone', () => {
    const bench = Bench.ready();
    const memory = new SharedArrayBuffer(8);
    bench.say(driver, { type: 'allocated', id: 'n-0/1', memory });
    bench.put('a', beside({ id: 'n-0/1', memory }));
    bench.release(driver, 'a');
    expect(bench.said).not.to.include(`${driver} <- recycle`);
    bench.say(driver, { type: 'gone', buffers: [['n-0/1', 1]] });
    expect(bench.said).to.include(`${driver} <- recycle`);
  });

  it('has its threads collect when much more of it is in use, at most every 100 ms', () => {
    const bench = Bench.ready({ objectStoreMemory: 4 * MEGABYTE });
    bench.put('a', beside(part('n-0/1', 0.75 * MEGABYTE)));
    expect(bench.said).not.to.include(`${driver} <- collect`);
    bench.put('b', beside(part('n-0/2', 0.75 * MEGABYTE)));
    expect(bench.said).to.include(`${driver} <- collect`);
    bench.say(driver, { type: 'collected' });
    bench.put('c', beside(part('n-0/3', 2 * MEGABYTE)));
    expect(bench.said).not.to.include(`${driver} <- collect`);
    expect(bench.tick(100)).to.include(`${driver} <- collect`);
  });

  it('asks nobody again who has not collected yet', () => {
    const bench = Bench.ready({ objectStoreMemory: 4 * MEGABYTE });
    bench.put('a', beside(part('n-0/1', 1.5 * MEGABYTE)));
    bench.tick(1000);
    for (let at = 0; at <= 8000; at += 100) {
      expect(bench.tick(100)).not.to.include(`${driver} <- collect`);
    }
    bench.say(driver, { type: 'collected' });
    expect(bench.tick(8000)).to.include(`${driver} <- collect`);
  });

  it('has its threads collect when much of it is in use for long, ever more rarely', () => {
    const bench = Bench.ready({ objectStoreMemory: 4 * MEGABYTE });
    bench.put('a', beside(part('n-0/1', 1.5 * MEGABYTE)));
    const asks: number[] = [];
    for (let at = 100; at <= 8000; at += 100) {
      if (bench.tick(100).includes(`${driver} <- collect`)) asks.push(at);
      bench.say(driver, { type: 'collected' });
    }
    expect(asks).to.deep.equal([1000, 2000, 4000, 8000]);
  });

  it("leaves a user's own alone", () => {
    const bench = Bench.ready();
    bench.put('a', beside({ memory: new SharedArrayBuffer(8) }));
    expect(bench.release(driver, 'a')).to.deep.equal([]);
  });
});
