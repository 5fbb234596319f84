import { expect } from 'chai';
import { idSource } from '../../lib/base/ids';
import { createCodeStore } from '../../lib/code/store';
import { createCodec } from '../../lib/data/codec';
import { Journey, ship } from './support';

let total = 0;
const add = (n: number): number => (total += n);

class Shape {
  #sides = 4;
  get sides(): number {
    return this.#sides;
  }
  static make(): Shape {
    return new Shape();
  }
}

describe('code: captured where it was rebuilt', () => {
  it('ships functions that a shipped function has made', () => {
    const journey = new Journey();
    const make = journey.ship((n: number) => {
      const table = { n };
      return (x: number) => [x + table.n, Shape.make() instanceof Shape] as const;
    });
    const near = journey.sendBack(make(2));
    expect(near(1)).to.deep.equal([3, true]);
  });

  it('knows a class that came from here for the one it was', () => {
    const journey = new Journey();
    const make = journey.ship(() => () => Shape);
    expect(journey.sendBack(make())()).to.equal(Shape);
  });

  it('ships functions that use the changing variables of their module', () => {
    const journey = new Journey();
    const make = journey.ship(() => (n: number) => add(n));
    const far = make();
    far(1);
    expect(journey.sendBack(far)(5)).to.equal(5);
    total = 0;
  });

  it('ships functions that import, and that fail at their line', async () => {
    const journey = new Journey();
    const make = journey.ship(() => async (name: string) => {
      const { sep } = (await import(name)) as { sep: string };
      if (name === 'path') throw new Error('failed again');
      return sep;
    });
    const near = journey.sendBack(make());
    expect(await near('node:path')).to.equal('/');
    const error = await near('path').catch((reason: Error) => reason);
    expect((error as Error).stack).to.match(/again\.spec\.ts\?rayx:\d+:\d+/);
  });

  it('rebuilds on a third side what the second has from the first', () => {
    const journey = new Journey();
    const relay = journey.ship((thing: object) => ({ thing, Shape }));
    const third = createCodec();
    const store = createCodeStore({
      codec: third,
      nextId: idSource(),
      emit: () => undefined,
      driver: false,
    });
    journey.there.codec.encode(relay({}), 'result');
    const payload = journey.there.codec.encode(relay({}), 'result');
    for (const parcel of [...journey.parcels]) store.take(structuredClone(parcel));
    const { Shape: Far } = third.decode(payload) as { Shape: typeof Shape };
    expect(Far.make().sides).to.equal(4);
  });
});

describe('code: captured while capturing', () => {
  /** Stands for a remote function: a value of a kind whose writing captures the function in it. */
  class Remote {
    constructor(readonly fn: () => unknown) {}
  }

  it('lets a function hold the handle to itself', () => {
    const journey = new Journey();
    for (const { codec, store } of [journey.here, journey.there]) {
      codec.register<Remote, object, unknown>({
        id: 'remote',
        test: (value): value is Remote => value instanceof Remote,
        encode: (remote) => store.capture(remote.fn, 'inner'),
        decode: (data) => Object.assign(Object.create(Remote.prototype) as Remote, { data }),
      });
    }
    const work = (): unknown => [self, offset];
    const offset = 1;
    const self = new Remote(work);
    const far = journey.ship(work);
    const [handle, number] = far() as [{ data: { id: string } }, number];
    expect(number).to.equal(1);
    expect(journey.there.store.resolve(handle.data.id)).to.equal(far);
  });
});

describe('code: names', () => {
  it('sees what has taken the place of a declared function', () => {
    const log: string[] = [];
    function work(n: number): number {
      return n === 0 ? 0 : work(n - 1);
    }
    const original = work;
    const spy = (n: number): number => {
      log.push(`work(${n})`);
      return original(n);
    };

    (work as unknown) = spy;
    const far = ship(() => [original(2), log]);
    expect(far()).to.deep.equal([0, ['work(1)', 'work(0)']]);
  });
});
