import { expect } from 'chai';
import { ScriptFolder } from './script';

describe('a task that prints without end', function () {
  this.timeout(30_000);
  let folder: ScriptFolder;
  before(() => (folder = new ScriptFolder()));
  after(() => folder.remove());

  it('does not hold up the calls of others, nor shutdown', async () => {
    const { status, stderr } = await folder.run(`
      const { get, init, remote, shutdown } = require('rayx');
      const { setTimeout: sleep } = require('node:timers/promises');
      init({ numCpus: 2 });
      const square = remote((x) => x * x);
      remote(function noisy() { for (;;) console.log('x'); }).remote();
      (async () => {
        let slowest = 0;
        for (let i = 0; i < 10; i++) {
          const start = performance.now();
          await get(square.remote(i));
          slowest = Math.max(slowest, performance.now() - start);
          await sleep(100);
        }
        console.error(slowest < 5000);
        await shutdown();
        console.error('shut down');
      })();`);
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: 'true\nshut down\n' });
  });

  it('ends though a task prints without end', async () => {
    const { status, stderr, took } = await folder.run(`
      const { get, init, remote } = require('rayx');
      init({ numCpus: 2 });
      remote(() => { for (;;) console.log('x'); }).remote();
      get(remote((x) => x).remote(2)).then((x) => console.error('end'));`);
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: 'end\n' });
    expect(took).to.be.below(10_000);
  });
});
