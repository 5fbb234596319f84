import { expect } from 'chai';
import { Bench, driver } from './support';

describe('scheduler: workers on the thread of the driver', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 1, oneThread: true });
    bench.define('f');
    bench.put('value');
  });

  const objects = (): number => bench.scheduler.usage().objects;

  it('hold nothing of what they are sent', () => {
    bench.submit('a', { inner: ['value'] });
    bench.release(driver, 'value');
    bench.done('n-1', 'a');
    bench.release(driver, 'a');
    expect(objects()).to.equal(0);
  });

  it('have the driver hold what they read', () => {
    bench.submit('a', { inner: ['value'] });
    bench.release(driver, 'value');
    bench.say(driver, { type: 'hold', ids: ['value'] });
    bench.done('n-1', 'a');
    bench.release(driver, 'a');
    expect(objects()).to.equal(1);
    expect(bench.want(driver, 'value')).to.have.length(1);
    bench.release(driver, 'value');
    expect(objects()).to.equal(0);
  });

  it('count each reading', () => {
    bench.submit('a', { inner: ['value'] });
    bench.say(driver, { type: 'hold', ids: ['value', 'value'] });
    bench.release(driver, 'value', 2);
    bench.done('n-1', 'a');
    bench.release(driver, 'a');
    expect(objects()).to.equal(1);
    bench.release(driver, 'value', 1);
    expect(objects()).to.equal(0);
  });

  it('leave nothing held when they end', () => {
    bench.define('Counter');
    bench.createActor('actor', { inner: ['value'] });
    bench.alive('actor');
    bench.callActor('actor', 'call', { inner: ['value'] });
    bench.release(driver, 'value');
    bench.died('actor');
    bench.exited('n-2');
    bench.look('call');
    bench.release(driver, 'call');
    bench.release(driver, 'new actor');
    expect(objects()).to.equal(0);
  });
});
