import { expect } from 'chai';
import { ScriptFolder } from './script';

const prelude = `
  const { get, getRuntimeContext, getSync, init, remote } = require('rayx');
  const { setTimeout: sleep } = require('node:timers/promises');
`;

describe('threads', function () {
  this.timeout(30_000);
  let folder: ScriptFolder;
  before(() => (folder = new ScriptFolder()));
  after(() => folder.remove());

  const script = (text: string) => folder.run(prelude + text);

  it('are no more than maxThreads, however deep calls wait for calls', async () => {
    const { status, stdout, stderr } = await script(`
      init({ numCpus: 1, maxThreads: 1 });
      const down = remote(async (n) => {
        const { threadId } = require('node:worker_threads');
        return n === 0 ? [threadId] : [threadId, ...(await get(down.remote(n - 1)))];
      });
      get(down.remote(200)).then((ids) => console.log(ids.length, new Set(ids).size));`);
    expect({ status, stdout, stderr }).to.deep.equal({ status: 0, stdout: '201 1\n', stderr: '' });
  });

  it('are more when calls block them, with a warning at each doubling', async () => {
    const { status, stdout, stderr } = await script(`
      init({ numCpus: 1, maxThreads: 1 });
      const down = remote((n) => (n === 0 ? 0 : 1 + getSync(down.remote(n - 1))), { name: 'down' });
      console.log(getSync(down.remote(8)));`);
    expect({ status, stdout }).to.deep.equal({ status: 0, stdout: '8\n' });
    const warnings = stderr.match(/\d+ threads, more than maxThreads \(1\): down/g) ?? [];
    expect(warnings.map((text) => parseInt(text))).to.deep.equal([2, 3, 5, 9]);
  });

  it('start the calls of a task at once, though it goes on without waiting', async () => {
    const { stdout } = await script(`
      init({ numCpus: 2 });
      const stamp = remote(() => Date.now());
      const busy = remote(async () => {
        await get(stamp.remote());
        const ref = stamp.remote();
        const start = Date.now();
        while (Date.now() - start < 1000);
        return (await get(ref)) - start < 500;
      });
      get(busy.remote()).then(console.log);`);
    expect(stdout).to.equal('true\n');
  });

  it('say nothing of process.exit() but that the task called it, wherever it did', async () => {
    const { stdout, stderr } = await script(`
      init({ numCpus: 1 });
      const quit = remote(async function quit() {
        await Promise.allSettled([sleep(1).then(() => void (async () => process.exit(7))())]);
        await sleep(1000);
      }, { maxRetries: 0 });
      get(quit.remote()).catch((error) => console.log(error.message));`);
    expect(stdout).to.match(
      /^the task quit was lost with its worker: quit called process.exit\(7\)/,
    );
    expect(stderr).to.equal('');
  });

  it('are replaced after what a task left behind has thrown, and that is one line', async () => {
    const { status, stdout, stderr } = await script(`
      init({ numCpus: 1 });
      const leave = remote(function leave() {
        setTimeout(() => { throw new RangeError('too late'); }, 20);
        return getRuntimeContext().workerId;
      });
      const where = remote(() => getRuntimeContext().workerId);
      (async () => {
        const before = await get(leave.remote());
        while ((await get(where.remote())) === before) await sleep(5);
        console.log('replaced');
      })();`);
    expect({ status, stdout }, stderr).to.deep.equal({ status: 0, stdout: 'replaced\n' });
    expect(stderr).to.match(/^\(leave\b.*after.*ended: .*too late/);
  });
});
