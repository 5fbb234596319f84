import { expect } from 'chai';
import { InvalidArgumentError } from '../../lib/base/errors';
import { brandOf } from '../../lib/client/brand';
import { fakeRaylet, submit } from './fake-raylet';

describe('client: brand', () => {
  it('tells the things of rayx from all others', () => {
    expect(brandOf(submit(fakeRaylet()))).to.equal('ObjectRef');
    for (const other of [undefined, null, 5, 'ref', {}, [], () => {}, Object.create(null)]) {
      expect(brandOf(other)).to.equal(undefined);
    }
  });

  it('refuses the things of another copy of rayx, saying where it is', () => {
    const path = require.resolve('../../lib/client/brand');
    const loaded = require.cache[path];
    delete require.cache[path];
    const second = require(path) as { brand(target: object, kind: string): void };
    require.cache[path] = loaded;
    const foreign = {};
    second.brand(foreign, 'ObjectRef');
    expect(() => brandOf(foreign)).to.throw(
      InvalidArgumentError,
      /this ObjectRef was made by another copy of rayx .*npm ls rayx/,
    );
  });
});
