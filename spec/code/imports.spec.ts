import { join } from 'node:path';
import { expect } from 'chai';
import { CaptureError } from '../../lib/base/errors';
import { Animal } from './fixtures/own/animal';
import { createSide, Journey, ship } from './support';

describe('code: what the user imports', () => {
  it('brings an instance back as one of the class that the file exports', () => {
    const journey = new Journey();
    const near = journey.sendBack(new Animal('cow'));
    expect(near).to.be.instanceOf(Animal);
    expect(near.speak()).to.equal('cow speaks');
  });

  it('does not let a worker make others import the main script', () => {
    const cycle = join(__dirname, 'modules/fixtures/cycle');
    const middle = require(join(cycle, 'middle.cjs')) as object;
    const worker = createSide(false, join(cycle, 'entry.cjs'));
    expect(() => worker.store.capture(() => middle, 'work'))
      .to.throw(CaptureError, /would run your main script again/)
      .with.property('path', 'work → middle');
  });

  it('says which file an import() that fails is in, and looks nowhere else', async () => {
    const load = ship((name: string): Promise<unknown> => import(name));
    // There is a file of that name in the room that rebuilds functions.
    for (const name of ['./nope.mjs', './compile.js']) {
      const error = await load(name).catch((reason: unknown) => reason);
      expect(error).to.include({
        message: `Cannot find module '${join(__dirname, name)}' imported from ${__filename}`,
        code: 'ERR_MODULE_NOT_FOUND',
      });
    }
    const error = await load('no-such-package').catch((reason: unknown) => reason);
    expect(error)
      .to.be.instanceOf(Error)
      .with.property(
        'message',
        `Cannot find package 'no-such-package' imported from ${__filename}`,
      );
  });
});
