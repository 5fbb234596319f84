import { expect } from 'chai';
import { collectGarbage } from '../../lib/base/garbage';
import { blankObject, type StoredObject } from '../../lib/client/objects';
import { WatchedRefs } from '../../lib/client/watched-refs';

describe('client: refs to large values', () => {
  let watched: WatchedRefs<StoredObject>;
  let object: StoredObject;
  beforeEach(() => {
    watched = new WatchedRefs();
    object = blankObject('o', true);
  });

  /** A ref that nobody has by the time this has returned. */
  const drop = (count = 1): void => {
    for (let n = 0; n < count; n += 1) watched.watch({}, object);
  };
  const taken = (): readonly StoredObject[] => {
    collectGarbage();
    return watched.takeCollected();
  };

  it('are found to be gone in the turn in which they were dropped', () => {
    drop(2);
    expect(taken()).to.deep.equal([object, object]);
    expect(taken()).to.deep.equal([]);
  });

  it('stay while somebody has them, however often they were read', () => {
    const kept = {};
    for (let times = 0; times < 3; times += 1) watched.watch(kept, object);
    expect(taken()).to.deep.equal([]);
    expect(kept).to.deep.equal({});
  });

  it('are not told of again when V8 does so, each once', () => {
    drop(2);
    taken();
    expect([1, 2, 3].map(() => watched.wasTaken(object))).to.deep.equal([true, true, false]);
  });

  it('are not found when V8 has told of them before', () => {
    drop(2);
    collectGarbage();
    expect(watched.wasTaken(object)).to.equal(false);
    expect(watched.takeCollected()).to.deep.equal([object]);
    expect(watched.wasTaken(object)).to.equal(true);
  });

  it('are forgotten with their object', () => {
    drop();
    watched.forget(object);
    expect(taken()).to.deep.equal([]);
  });
});
