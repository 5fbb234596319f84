import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { collectGarbage } from '../../lib/base/garbage';
import type { Payload } from '../../lib/protocol/payload';
import { Journey } from './support';

/** Collects garbage until a thing is gone. */
async function gone(thing: WeakRef<object>): Promise<void> {
  for (let tries = 0; thing.deref() !== undefined; tries++) {
    if (tries === 100) throw new Error('somebody holds what should be garbage');
    await turn();
    collectGarbage();
  }
}

type Work = () => unknown;

/** The other side keeps what `make` makes; here nobody does. Answers how to get it back. */
async function sentAway<T extends object>(journey: Journey, make: () => T): Promise<() => T> {
  const [far, near] = ((): [T, WeakRef<T>] => {
    const thing = make();
    return [journey.send(thing), new WeakRef(thing)];
  })();
  await gone(near);
  return () => journey.sendBack(far);
}

describe('code: back where it was captured', () => {
  let journey: Journey;
  beforeEach(() => {
    journey = new Journey();
  });

  it('is the original, and stays it after its code has come back', async () => {
    const work = (): number => 1;
    const far = journey.send(work);
    expect(journey.sendBack(far)).to.equal(work);
    await turn();
    collectGarbage();
    expect(journey.sendBack(far)).to.equal(work);
  });

  it('is made again where the original was collected, once', async () => {
    const back = await sentAway(journey, () => (n: number) => n + 1);
    const near = back();
    expect(near(1)).to.equal(2);
    expect(back()).to.equal(near);
    expect(journey.send(near)).to.equal(journey.send(near));
  });

  it('is made again with all it uses, whenever that was captured', async () => {
    const back = await sentAway(journey, () => {
      const unit = { name: 'm' };
      const format = (n: number): string => `${n} ${unit.name}`;
      journey.send(format);
      return (n: number) => [format(n), unit] as const;
    });
    const near = back();
    expect(near(1)).to.deep.equal(['1 m', { name: 'm' }]);
    expect(near(2)[1]).to.equal(near(3)[1]);
  });

  it('has the originals of what it uses, where these live', async () => {
    const shared = { n: 1 };
    const helper = (): object => shared;
    const symbol = Symbol('here');
    const back = await sentAway(journey, () => () => [shared, helper, symbol]);
    shared.n = 2;
    const [object, fn, key] = back()() as [object, Work, symbol];
    expect(object).to.equal(shared);
    expect(fn).to.equal(helper);
    expect(key).to.equal(symbol);
    expect(object).to.deep.equal({ n: 2 });
  });

  it('lies in what others use, as the same', async () => {
    const kept: { work?: Work } = {};
    const back = await sentAway(journey, () => {
      kept.work = () => kept;
      const { work } = kept;
      journey.send(() => kept);
      delete kept.work;
      return work;
    });
    const near = back();
    expect(near()).to.equal(kept);
    expect(kept).to.deep.equal({});
  });

  it('is made again as it was rebuilt elsewhere: bound, as a method, as a generator', async () => {
    const back = await sentAway(journey, () => {
      const unit = 'm';
      const scale = {
        by(factor: number, n: number): string {
          return `${factor * n} ${unit}`;
        },
      };
      return {
        bound: scale.by.bind(undefined, 2),
        method: scale.by,
        *count(to: number) {
          for (let n = 0; n < to; n++) yield n;
        },
      };
    });
    const { bound, method, count } = back();
    expect(bound(3)).to.equal('6 m');
    expect(method(3, 3)).to.equal('9 m');
    expect([...count(3)]).to.deep.equal([0, 1, 2]);
  });

  it('is the method it was, when another has taken its place', async () => {
    class Base {
      name(): string {
        return 'base';
      }
    }
    class Top extends Base {
      override name(): string {
        return `top of ${super.name()}`;
      }
    }
    journey.send(Top);
    const far = journey.send(Object.getOwnPropertyDescriptor(Top.prototype, 'name')?.value as Work);
    Top.prototype.name = () => 'patched';
    await turn();
    collectGarbage();
    expect(journey.sendBack(far)()).to.equal('top of base');
    expect(new Top().name()).to.equal('patched');
  });

  it('has its entries in a WeakMap that lives', async () => {
    const names = new WeakMap<object, string>();
    const nameOf = (key: object): string | undefined => names.get(key);
    const back = await sentAway(journey, () => {
      const key = { n: 1 };
      names.set(key, 'one');
      return () => [key, nameOf(key)];
    });
    const [key, name] = back()() as [object, string];
    expect(name).to.equal('one');
    expect(names.get(key)).to.equal('one');
  });

  it('has a WeakMap with the entries of those that live', async () => {
    const key = { n: 1 };
    const back = await sentAway(journey, () => {
      const names = new WeakMap<object, string>([[key, 'one']]);
      return () => [names, names.get(key)] as const;
    });
    const [names, name] = back()();
    expect(name).to.equal('one');
    expect(names.get(key)).to.equal('one');
  });

  it('has a WeakSet with what another thread has put into it', async () => {
    const back = await sentAway(journey, () => {
      const seen = new WeakSet<object>();
      return {
        mark: () => {
          const key = {};
          seen.add(key);
          return () => [seen.has(key), seen] as const;
        },
        hasAny: () => seen,
      };
    });
    const far = journey.send(back());
    const [has, seen] = journey.sendBack(far.mark())();
    expect([has, seen]).to.deep.equal([true, back().hasAny()]);
  });

  it('leaves alone what lives: entries taken away, variables that have changed', async () => {
    const names = new WeakMap<object, string>();
    const key = {};
    names.set(key, 'one');
    const back = await sentAway(journey, () => () => [names.get(key), counter]);
    const far = journey.send(count);
    names.delete(key);
    counter = 5;
    expect(journey.sendBack(far)).to.equal(count);
    expect(back()()[0]).to.equal(undefined);
    expect(count()).to.equal(6);
    counter = 0;
  });

  it('lives as long as a value with it that was encoded here, and no longer', async () => {
    const encode = (): [Payload, WeakRef<object>] => {
      const work = (): number => 1;
      return [journey.here.codec.encode([work], 'value'), new WeakRef(work)];
    };
    const [payload, kept] = encode();
    const [, dropped] = encode();
    await gone(dropped);
    const [work] = journey.here.codec.decode(payload) as [Work];
    expect(work === kept.deref()).to.equal(true);
    expect(work()).to.equal(1);
  });
});

let counter = 0;
const count = (): number => (counter += 1);
