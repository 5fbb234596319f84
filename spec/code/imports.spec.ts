import { join } from 'node:path';
import { expect } from 'chai';
import { CaptureError } from '../../lib/base/errors';
import { Animal } from './fixtures/own/animal';
import { createSide, Journey } from './support';

describe('code: what the user imports', () => {
  it('brings an instance back as one of the class that the file exports', () => {
    const journey = new Journey();
    const near = journey.sendBack(new Animal('cow'));
    expect(near).to.be.instanceOf(Animal);
    expect(near.speak()).to.equal('cow speaks');
  });

  it('does not let a worker make others import the main script', () => {
    const cycle = join(__dirname, 'modules/fixtures/cycle');
    const far = require(join(cycle, 'far.cjs')) as object;
    const worker = createSide(false, join(cycle, 'entry.cjs'));
    expect(() => worker.store.capture(() => far, 'work'))
      .to.throw(CaptureError, /would run your main script again/)
      .with.property('path', 'work → far');
  });
});
