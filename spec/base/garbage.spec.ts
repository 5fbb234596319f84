import { setImmediate as turn } from 'node:timers/promises';
import { deserialize, serialize } from 'node:v8';
import { expect } from 'chai';
import { collectGarbage, whenCollected } from '../../lib/base/garbage';

describe('collecting garbage', () => {
  /** Whether an object that nobody has any more is gone after one call. */
  const isGone = async (make: () => object): Promise<boolean> => {
    let gone = false;
    (() => whenCollected(make(), () => (gone = true)))();
    await turn();
    collectGarbage();
    // Finalizers are called in some later turn.
    for (let turns = 0; turns < 100 && !gone; turns += 1) await turn();
    return gone;
  };

  it('takes an object that was made here', async () => {
    expect(await isGone(() => ({}))).to.equal(true);
  });

  it('takes what was looked up in a turn that has not ended', () => {
    const seen = (() => new WeakRef({}))();
    collectGarbage();
    expect(seen.deref()).to.equal(undefined);
  });

  it('takes one that was read from a message', async () => {
    expect(await isGone(() => deserialize(serialize({ some: 'value' })) as object)).to.equal(true);
  });
});
