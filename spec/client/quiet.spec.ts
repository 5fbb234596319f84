import { expect } from 'chai';
import { Quiet } from '../../lib/client/quiet';
import { turn } from './fake-raylet';

describe('client: quiet', () => {
  it('runs actions at once while nothing blocks', () => {
    const seen: string[] = [];
    new Quiet().run(() => seen.push('a'));
    expect(seen).to.deep.equal(['a']);
  });

  it('holds actions back while the thread is blocked, and keeps their order', async () => {
    const quiet = new Quiet();
    const seen: string[] = [];
    const answer = quiet.during(() => {
      quiet.run(() => seen.push('a'));
      quiet.during(() => quiet.run(() => seen.push('b')));
      return 'done';
    });
    quiet.run(() => seen.push('c'));
    expect([answer, ...seen]).to.deep.equal(['done']);
    await turn();
    expect(seen).to.deep.equal(['a', 'b', 'c']);
  });

  it('goes on after an action that blocks in turn', async () => {
    const quiet = new Quiet();
    const seen: string[] = [];
    quiet.during(() => {
      quiet.run(() => quiet.during(() => quiet.run(() => seen.push('inner'))));
      quiet.run(() => seen.push('b'));
    });
    await turn();
    await turn();
    expect(seen).to.deep.equal(['b', 'inner']);
  });
});
