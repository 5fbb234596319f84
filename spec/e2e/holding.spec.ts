import { expect } from 'chai';
import { ScriptFolder } from './script';

describe('a script that has stopped waiting', function () {
  this.timeout(30_000);
  let folder: ScriptFolder;
  before(() => (folder = new ScriptFolder()));
  after(() => folder.remove());

  it('ends: a wait that timed out, a get given up and an ended subscription hold nothing', async () => {
    const { status, stdout, stderr, took } = await folder.run(`
      const { fromRef, get, remote, wait } = require('rayx');
      const { setTimeout: sleep } = require('node:timers/promises');
      const ref = remote(async () => { await sleep(60_000); }).remote();
      wait([ref], { timeout: 50 }).then(([ready]) => console.log(ready.length));
      get(ref, { signal: AbortSignal.timeout(60) }).catch((error) => console.log(error.name));
      const subscription = fromRef(ref).subscribe();
      setTimeout(() => subscription.unsubscribe(), 200);`);
    expect({ status, stderr, stdout }).to.deep.equal({
      status: 0,
      stderr: '',
      stdout: '0\nTimeoutError\n',
    });
    expect(took).to.be.within(200, 10_000);
  });
});
