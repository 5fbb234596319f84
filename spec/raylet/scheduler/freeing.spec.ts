import { expect } from 'chai';
import type { Payload } from '../../../lib/protocol/payload';
import { Bench, driver, encoded } from './support';

const value = (): Payload =>
  encoded('value', { shared: [{ id: 'n-0/1', memory: new SharedArrayBuffer(8) }] });

describe('scheduler: a freed object', () => {
  const free = (bench: Bench, ...ids: string[]): string[] =>
    bench.say(driver, { type: 'free', ids });

  it('gives its memory back though it has refs, and is lost to whoever asks', () => {
    const bench = Bench.ready();
    bench.put('a', value());
    expect(free(bench, 'a')).to.include(`${driver} <- recycle`);
    expect(bench.want('n-1', 'a')).to.deep.equal(['n-1 <- settled a OBJECT_LOST']);
    expect(bench.release(driver, 'a')).to.deep.equal([]);
  });

  it('is kept for calls that were made before, their retries too', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.put('a', value());
    bench.submit('first');
    bench.submit('c', { refs: ['a'] });
    free(bench, 'a');
    expect(bench.said).not.to.include(`${driver} <- recycle`);
    bench.done('n-1', 'first');
    expect(bench.said).to.include('n-1 <- run c with a');
    bench.say('n-1', { type: 'gone', buffers: [['n-0/1', 1]] });
    bench.failAgain('n-1', 'c');
    expect(bench.said).to.include('n-1 <- run c with a again 1');
    bench.say('n-1', { type: 'gone', buffers: [['n-0/1', 1]] });
    expect(bench.done('n-1', 'c')).to.include(`${driver} <- recycle`);
  });

  it('fails calls that are made after', () => {
    const bench = Bench.ready();
    bench.define('f');
    bench.put('a', value());
    free(bench, 'a');
    expect(bench.submit('c', { refs: ['a'] })).to.deep.equal([
      `${driver} <- settled c failed by put`,
    ]);
  });

  it('lets go of the refs in it', () => {
    const bench = Bench.ready();
    bench.put('inner', value());
    bench.put('outer', encoded('outer', { refs: ['inner'] }));
    bench.release(driver, 'inner');
    expect(free(bench, 'outer')).to.include(`${driver} <- recycle`);
  });

  it('that is pending settles for those who wait, and is forgotten then', () => {
    const bench = Bench.ready();
    bench.define('f');
    bench.submit('a');
    bench.submit('c', { refs: ['a'] });
    free(bench, 'a');
    bench.done(bench.workerOf('a'), 'a', 1);
    expect(bench.said).to.include(`${driver} <- settled a ok`);
    expect(bench.said.filter((line) => line.includes('run c with a'))).to.have.lengthOf(1);
    expect(bench.want('n-2', 'a')).to.include('n-2 <- settled a OBJECT_LOST');
  });

  it('that was undefined is there for calls that were made before', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.put('a', undefined);
    bench.submit('first');
    bench.submit('c', { refs: ['a'] });
    free(bench, 'a');
    expect(bench.done('n-1', 'first')).to.include('n-1 <- run c with a');
  });
});
