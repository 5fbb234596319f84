import { AsyncLocalStorage } from 'node:async_hooks';
import { expect } from 'chai';
import { inThisContext } from '../../lib/base/async-context';

describe('a function kept for the async context of now', () => {
  const storage = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const note = (...args: unknown[]): void => void seen.push([storage.getStore(), ...args]);
  beforeEach(() => (seen.length = 0));

  it('runs there, with what it is called with, wherever that is', () => {
    const kept = storage.run('here', () => inThisContext(note));
    storage.run('there', () => {
      kept(1, 'two');
      note();
    });
    kept();
    expect(seen).to.deep.equal([['here', 1, 'two'], ['there'], ['here']]);
  });

  it('lets through what it throws, and is no longer there behind that', () => {
    const kept = storage.run('here', () =>
      inThisContext(() => {
        throw new RangeError(storage.getStore());
      }),
    );
    expect(kept).to.throw(RangeError, 'here');
    expect(storage.getStore()).to.equal(undefined);
  });
});
