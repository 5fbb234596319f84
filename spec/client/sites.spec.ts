import { expect } from 'chai';
import { SubmitSite } from '../../lib/client/sites';

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
