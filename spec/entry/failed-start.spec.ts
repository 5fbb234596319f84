import { expect } from 'chai';
import { ScriptFolder } from '../e2e/script';

describe('a runtime whose workers cannot start', function () {
  this.timeout(30_000);
  let folder: ScriptFolder;
  before(() => (folder = new ScriptFolder()));
  after(() => folder.remove());

  it('says so once, fails what is awaited, and may be followed by another', async () => {
    const { status, stdout, stderr } = await folder.run(`
      const { get, init, remote, shutdown } = require('rayx');
      const one = remote(() => 1);
      const show = (error) => console.log(error.name, error.reason ?? '');
      (async () => {
        const started = init({ numCpus: 1, workerHeapMb: 2 });
        const ref = one.remote();
        await started.catch(show);
        await get(ref).catch(show);
        try { one.remote(); } catch (error) { show(error); }
        await shutdown();
        init({ numCpus: 1 });
        console.log(await get(one.remote()));
      })();`);
    const failed =
      'RuntimeFailedError worker threads fail to start: its thread reached its heap limit of 2 MB\n';
    expect(stdout).to.equal(`${failed}${failed}${failed}1\n`);
    expect(stderr).to.equal(
      'rayx: worker threads fail to start: its thread reached its heap limit of 2 MB\n',
    );
    expect(status).to.equal(0);
  });
});
