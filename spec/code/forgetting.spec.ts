import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { collectGarbage } from '../../lib/base/garbage';
import { isEncoded, type Payload } from '../../lib/protocol/payload';
import { createSide, Journey, type Side } from './support';

let first = 1;
let second = 2;
let third = 0;
const change = (): void => {
  first += 1;
  second += 1;
  third += 0;
};

/** Collects garbage until it is so. */
async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo() && tries < 100; tries += 1) {
    await turn();
    collectGarbage();
  }
  expect(isSo()).to.equal(true);
}

describe('code: forgotten', function () {
  this.timeout(60_000);
  let journey: Journey;
  let gone: [side: string, received: number][];
  let discarded: Payload[];
  const parcelsHere = (): string[] => [...journey.there.taken];
  /** What the raylet says when nothing needs the code any more; it is sent again before something does. */
  const forget = (side: Side): void => {
    side.store.forget(parcelsHere());
    side.taken.clear();
  };

  beforeEach(() => {
    journey = new Journey();
    // Those of before may yet have to tell of theirs.
    const own = (gone = []) as typeof gone;
    discarded = [];
    const connect = (side: Side, name: string): void =>
      side.store.connect({
        gone: (_, received) => own.push([name, received]),
        discard: (payload) => discarded.push(payload),
      });
    connect(journey.here, 'here');
    connect(journey.there, 'there');
  });

  it('is gone at once where nothing was made of it', () => {
    const { parcels } = journey.here.store.capture(() => 1, 'work');
    for (const parcel of journey.here.sent) journey.there.store.take(parcel);
    journey.there.store.forget(parcels);
    expect(gone).to.deep.equal([['there', 1]]);
    expect(journey.there.store.has(parcels)).to.equal(false);
  });

  it('is gone when the last thing made of it is collected, and where it was captured, too', async () => {
    (() => {
      const unit = { name: 'm' };
      const far = journey.ship((n: number) => `${n} ${unit.name}`);
      forget(journey.there);
      expect(far(1)).to.equal('1 m');
    })();
    await until(() => gone.length === 2);
    expect(gone).to.have.deep.members([
      ['here', 1],
      ['there', 1],
    ]);
  });

  it('is what it was when it comes again, as long as it lives', async () => {
    const unit = { name: 'm' };
    const work = (): object => unit;
    const far = journey.ship(work);
    const made = far();
    forget(journey.there);
    expect(journey.ship(work)).to.equal(far);
    expect(journey.ship(work)()).to.equal(made);
    expect(journey.sendBack(far)).to.equal(work);
    await turn();
    collectGarbage();
    expect(gone).to.deep.equal([]);
    expect(far()).to.equal(made);
  });

  it('is made again when it comes again and nothing lived', async () => {
    const work = (n: number): number => n + 1;
    (() => journey.ship(work))();
    forget(journey.there);
    await until(() => gone.length === 1);
    expect(journey.ship(work)(1)).to.equal(2);
  });

  it('counts how often it came', async () => {
    const work = (n: number): number => n + 1;
    (() => {
      journey.ship(work);
      forget(journey.there);
      journey.ship(work);
      forget(journey.there);
    })();
    await until(() => gone.length === 1);
    expect(gone).to.deep.equal([['there', 2]]);
  });

  it('counts what was gone and is made again before that is told', async () => {
    const work = (n: number): number => n + 1;
    const shipAndForget = (): void => {
      journey.ship(work);
      forget(journey.there);
    };
    shipAndForget();
    await turn();
    collectGarbage();
    shipAndForget();
    await until(() => gone.length === 1);
    expect(gone).to.deep.equal([['there', 2]]);
  });

  it('cannot be read any more, though some of it lives on', () => {
    const inner = (n: number): number => n + 1;
    const kept = journey.ship(() => inner)();
    const parcels = parcelsHere();
    expect(journey.there.store.has(parcels)).to.equal(true);
    forget(journey.there);
    expect(journey.there.store.has(parcels)).to.equal(false);
    expect(kept(1)).to.equal(2);
  });

  it('goes with what was captured after it, though nothing of it lives here any more', async () => {
    const twice = (x: number): number => 2 * x;
    const box = { f: twice };
    const call = (x: number): number => box.f(x);
    (() => {
      box.f = (x) => x + 1;
      journey.here.store.capture(box.f, 'f');
      journey.here.store.capture(call, 'call');
      box.f = twice;
    })();
    await until(() => gone.length === 1);
    // What was captured is as it was then.
    expect(journey.ship((x: number) => call(x))(3)).to.equal(4);
  });

  it('leaves variables as they are when it comes again where functions have written to them', () => {
    change();
    journey.ship(() => first);
    const before = parcelsHere();
    const count = (): number => (third += 1);
    const far = journey.ship(count);
    expect([far(), far()]).to.deep.equal([1, 2]);
    const brought = parcelsHere().filter((id) => !before.includes(id));
    journey.there.store.forget(brought);
    for (const id of brought) journey.there.taken.delete(id);
    expect(journey.ship(count)).to.equal(far);
    journey.ship(() => null);
    expect(far()).to.equal(3);
  });

  it('can be sent on by whoever has it, and read by a third', () => {
    const work = (n: number): number => n + 1;
    const far = journey.ship(work);
    forget(journey.there);
    expect(journey.send(far, journey.there, createSide(false))(1)).to.equal(2);
  });

  it('lets go of values in it that were never read', () => {
    const table = new Map([[{ deep: true }, new Date(0)]]);
    const { parcels } = journey.here.store.capture(() => table, 'work');
    for (const parcel of journey.here.sent) journey.there.store.take(parcel);
    journey.there.store.forget(parcels);
    expect(discarded.filter(isEncoded)).to.have.length(1);
  });

  it('goes with all that a reader lacks, whoever had the first of it', () => {
    change();
    journey.ship(() => first);
    journey.ship(() => second);
    const third = createSide(false);
    expect(journey.send(() => second, journey.here, third)()).to.equal(second);
  });

  it('brings changing variables anew when what had them is gone', async () => {
    journey.ship(() => first);
    await (async () => {
      (() => journey.ship(() => second))();
      forget(journey.there);
      await until(() => gone.some(([side]) => side === 'here'));
    })();
    expect(journey.ship(() => second)()).to.equal(second);
  });

  it('goes with classes, and with instances of them', async () => {
    (() => {
      class Local {
        readonly #n = 1;
        get n(): number {
          return this.#n;
        }
      }
      expect(new (journey.ship(Local))().n).to.equal(1);
      class Plain {
        n = 2;
      }
      expect(journey.send(new Plain()).n).to.equal(2);
    })();
    forget(journey.there);
    await until(() => gone.length >= 4);
  });
});
