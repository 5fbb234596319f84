import { expect } from 'chai';
import { placeIn, Sites, SubmitSite } from '../../lib/client/sites';

function submitHere(): SubmitSite {
  return new SubmitSite(submitHere);
}

describe('client: submit sites', () => {
  it('are the frames of the caller, without those below it', () => {
    const { frames, place } = submitHere();
    expect(frames).to.match(/^\s+at .*sites\.spec\.ts:\d+:\d+/);
    expect(frames).to.not.contain('submitHere');
    expect(place).to.match(/sites\.spec\.ts:\d+:\d+$/);
  });

  it('have the innermost frame that is neither of rayx nor of Node', () => {
    const { frame } = submitHere();
    expect(frame).to.match(/^\s+at .*sites\.spec\.ts:\d+:\d+\)?$/);
    expect(placeIn('    at main (/app/main.ts:7:11)')).to.equal('/app/main.ts:7:11');
    expect(placeIn('    at file:///app/main.mjs?rayx:7:11')).to.equal('file:///app/main.mjs:7:11');
    expect(placeIn('    at async /my app/main.js:7:11')).to.equal('/my app/main.js:7:11');
    expect(placeIn('    at new A (/my app/main.js:7:11)')).to.equal('/my app/main.js:7:11');
    expect(placeIn('    at native')).to.equal(undefined);
  });

  it('are taken anew for the first calls of a function in a turn, and shared by those behind them', async () => {
    const sites = new Sites();
    const square = {};
    const take = (): SubmitSite => sites.take(square, take);
    const first = Array.from({ length: 16 }, take);
    expect(new Set(first).size).to.equal(16);
    expect(first.every(({ relation }) => relation === 'at')).to.equal(true);
    const [near, other] = [take(), take()];
    expect(near).to.include({ relation: 'near' }).and.to.equal(other);
    expect(near?.place).to.match(/sites\.spec\.ts:\d+:\d+$/);
    expect(sites.take({}, take).relation, 'another function').to.equal('at');
    await Promise.resolve();
    expect(take().relation, 'another turn').to.equal('at');
  });

  it('are empty where stacks are turned off or made into something else', () => {
    const { stackTraceLimit, prepareStackTrace } = Error;
    try {
      Error.stackTraceLimit = 0;
      expect(submitHere()).to.include({ frames: '', place: undefined });
      Error.stackTraceLimit = 5;
      Error.prepareStackTrace = (_error, sites) => sites.length;
      expect(submitHere()).to.include({ frames: '', place: undefined });
    } finally {
      Object.assign(Error, { stackTraceLimit, prepareStackTrace });
    }
  });
});
