import { expect } from 'chai';
import { CaptureError } from '../../lib/base/errors';
import { Journey, ship } from './support';

let count = 0;
let total = 0;
let hidden = 1;
function self(this: unknown): unknown {
  return this;
}
let changing = self;
const reset = (): void => {
  changing = self;
};

const increment = (): number => ++count;
const read = (): number => count;
const add = (n: number) => {
  total += n;
  return { total };
};

function outer() {
  let inner = 0;
  return {
    bump: () => ++inner,
    peek: () => inner,
  };
}

describe('code: variables that change', () => {
  it('lets functions share a variable of their module', () => {
    const journey = new Journey();
    const far = { increment: journey.ship(increment), read: journey.ship(read) };
    far.increment();
    far.increment();
    expect(far.read()).to.equal(2);
    expect(count).to.equal(0);
  });

  it('does so whichever function comes first', () => {
    const journey = new Journey();
    const farRead = journey.ship(read);
    const farIncrement = journey.ship(increment);
    farIncrement();
    expect(farRead()).to.equal(1);
  });

  it('writes such names in all places a name can be', () => {
    const far = ship(() => {
      [hidden] = [hidden + 1];
      ({ hidden } = { hidden: hidden + 1 });
      for (hidden of [hidden + 1]);
      return { hidden, type: typeof hidden, ...add(2), twice: add(2) };
    });
    expect(far()).to.deep.equal({ hidden: 4, type: 'number', total: 2, twice: { total: 4 } });
  });

  it('does not make a method call of a call', () => {
    const far = ship(() => {
      reset();
      return changing();
    });
    expect(far()).to.equal(undefined);
  });

  it('gives a function its own copy of a variable of the function around it', () => {
    const { bump } = outer();
    const far = ship(bump);
    expect([far(), far(), bump()]).to.deep.equal([1, 2, 1]);
  });

  it('refuses two functions that share one, saying what to do', () => {
    const { bump, peek } = outer();
    const journey = new Journey();
    journey.ship(bump);
    expect(() => journey.ship(peek, 'peek')).to.throw(
      CaptureError,
      'peek → inner: two closures share the changing variable inner: keep it in an actor',
    );
    expect(() => ship(() => [bump, peek])).to.throw(CaptureError, 'two closures share');
  });

  it('lets functions of the same place through that see different variables', () => {
    const [one, two] = [outer(), outer()];
    two.bump();
    const bumps = [one.bump, two.bump];
    expect(ship(() => bumps.map((bump) => bump()))()).to.deep.equal([1, 2]);
  });

  // Node 20 cannot tell such a variable from one that is undefined.
  const tellsUnready = !process.versions.node.startsWith('20.');
  it(`${tellsUnready ? 'refuses' : 'takes as undefined'} a variable that has no value yet`, () => {
    const far = () => early;
    let refusal: unknown;
    try {
      ship(far);
    } catch (error) {
      refusal = error;
    }
    const early = 1;
    expect(refusal instanceof CaptureError).to.equal(tellsUnready);
    expect(far()).to.equal(early);
  });
});
