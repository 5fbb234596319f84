import { expect } from 'chai';
import type { Parcel } from '../../../lib/protocol/payload';
import { Bench, driver, encoded } from './support';

describe('scheduler: code on its way', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 1 });
  });

  const parcel = (id: string, parts: Partial<Parcel> = {}): void => {
    bench.say(driver, { type: 'parcel', parcel: { id, requires: [], body: id, ...parts } });
  };
  const define = (name: string, ...parcels: string[]): void => {
    bench.define(name, { code: { id: `code ${name}`, parcels } });
  };

  it('goes before the first call that needs it, once', () => {
    parcel('p');
    define('f', 'p');
    expect(bench.submit('a')).to.deep.equal(['n-1 <- parcel p', 'n-1 <- define f', 'n-1 <- run a']);
    bench.submit('b');
    expect(bench.done('n-1', 'a')).to.deep.equal(['n-0 <- settled a ok', 'n-1 <- run b']);
  });

  it('goes behind the code that it requires', () => {
    parcel('base');
    parcel('left', { requires: ['base'] });
    parcel('right', { requires: ['base'], body: encoded('right', { code: ['inBody'] }) });
    parcel('inBody');
    parcel('top', { requires: ['left', 'right'] });
    define('f', 'top');
    const parcels = bench.submit('a').filter((line) => line.includes('parcel'));
    expect(parcels.map((line) => line.split(' ').at(-1))).to.deep.equal([
      'base',
      'left',
      'inBody',
      'right',
      'top',
    ]);
  });

  it('goes in some order when two pieces require each other', () => {
    parcel('even', { requires: ['odd'] });
    parcel('odd', { requires: ['even'] });
    define('f', 'even');
    expect(bench.submit('a').slice(0, 2)).to.have.members([
      'n-1 <- parcel even',
      'n-1 <- parcel odd',
    ]);
  });

  it('goes through a chain of 20,000 pieces', () => {
    for (let n = 0; n < 20_000; n += 1) {
      const requires = n === 0 ? [] : [`p${n - 1}`];
      const message = { type: 'parcel', parcel: { id: `p${n}`, requires, body: n } } as const;
      bench.scheduler.handle({ at: 0, type: 'messages', from: driver, messages: [message] });
    }
    define('f', 'p19999');
    expect(bench.submit('a')).to.have.length(20_002);
  });

  it('goes to where it came from too, once it is needed there', () => {
    parcel('p');
    define('f');
    bench.submit('a');
    bench.say('n-1', { type: 'parcel', parcel: { id: 'q', requires: ['p'], body: 'q' } });
    const value = encoded('fn', { code: ['q', 'p'] });
    expect(bench.done('n-1', 'a', value)).to.deep.equal([
      'n-0 <- parcel p',
      'n-0 <- parcel q',
      'n-0 <- settled a ok',
    ]);
    expect(bench.submit('b', { refs: ['a'] })).to.deep.equal([
      'n-1 <- parcel p',
      'n-1 <- parcel q',
      'n-1 <- run b with a',
    ]);
    bench.done('n-1', 'b');
    expect(bench.submit('c', { refs: ['a'] })).to.deep.equal(['n-1 <- run c with a']);
  });

  it('keeps what it refers to, and counts it as sent', () => {
    bench.put('x');
    parcel('p', { body: encoded('p', { refs: ['x'] }) });
    bench.release(driver, 'x');
    define('f', 'p');
    bench.submit('a');
    bench.release('n-1', 'x', 1);
    expect(bench.scheduler.usage().objects).to.equal(2);
  });
});
