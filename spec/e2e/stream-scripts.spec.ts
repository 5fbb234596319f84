import { expect } from 'chai';
import { ScriptFolder } from './script';

const prelude = `
  const { get, init, remote, shutdown, values, progress, getRuntimeContext } = require('rayx');
  const { setTimeout: sleep } = require('node:timers/promises');
  const slow = remote(async function* slow(to) {
    for (let i = 1; i <= to; i++) { await sleep(50); getRuntimeContext().progress(i); yield i; }
  });
  const failing = remote(async function* failing() { yield 1; throw new RangeError('went wrong'); });
  const nap = remote(async (time) => { await sleep(time); });
`;

describe('a script with streams', function () {
  this.timeout(40_000);
  let folder: ScriptFolder;
  before(() => (folder = new ScriptFolder()));
  after(() => folder.remove());

  const script = (text: string) => folder.run(prelude + text);
  const times = (text: string) => text.split('went wrong').length - 1;

  const waits = {
    'for await': `(async () => {
      for await (const ref of slow.remote(3)) console.log(await get(ref));
    })();`,
    'values()': `values(slow.remote(3)).subscribe(console.log);`,
    'progress()': `progress(slow.remote(3)).subscribe(console.log);`,
  };
  for (const [name, text] of Object.entries(waits)) {
    it(`has its stream read to the end though nobody else holds it: ${name}`, async () => {
      const { stdout, stderr } = await script(`
        require('node:v8').setFlagsFromString('--expose-gc');
        const collect = setInterval(require('node:vm').runInNewContext('gc'), 5);
        setTimeout(() => clearInterval(collect), 1000);
        ${text}`);
      expect({ stdout, stderr }).to.deep.equal({ stdout: '1\n2\n3\n', stderr: '' });
    });

    it(`lives as long as somebody reads: ${name}`, async () => {
      const { status, stdout, stderr } = await script(text);
      expect({ status, stdout, stderr }).to.deep.equal({
        status: 0,
        stdout: '1\n2\n3\n',
        stderr: '',
      });
    });
  }

  it('ends when nobody reads, or nobody any more', async () => {
    const { status, stdout, stderr, took } = await script(`
      const endless = slow.remote(1e9);
      const subscription = values(slow.remote(1e9)).subscribe((value) => {
        console.log(value);
        if (value === 2) subscription.unsubscribe();
      });`);
    expect({ status, stdout, stderr }).to.deep.equal({ status: 0, stdout: '1\n2\n', stderr: '' });
    expect(took).to.be.below(15_000);
  });

  it('is told once of a stream that failed unseen', async () => {
    const { stderr } = await script(`
      const stream = failing.remote();
      (async () => { for await (const ref of stream); await nap.remote(1); shutdown(); })();`);
    expect(stderr).to.match(/failing failed and nobody looked.*script\.cjs/);
    expect(times(stderr)).to.equal(1);
  });

  const seen = {
    'its last ref': `for await (const ref of failing.remote()) await get(ref).catch(() => {});`,
    'completed()': `await get(failing.remote().completed()).catch(() => {});`,
    'a subscriber': `await new Promise((error) => values(failing.remote()).subscribe({ error }));`,
    'whoever left': `for await (const ref of failing.remote()) break;`,
  };
  for (const [name, text] of Object.entries(seen)) {
    it(`is not told of one seen by ${name}`, async () => {
      const { status, stderr } = await script(`(async () => {
        ${text}
        await get(nap.remote(100));
        await shutdown();
      })();`);
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    });
  }

  it('learns how a stream ended that was collected meanwhile', async () => {
    const { status, stdout, stderr } = await script(`
      require('node:v8').setFlagsFromString('--expose-gc');
      const gc = require('node:vm').runInNewContext('gc');
      const timer = setInterval(gc, 10);
      const told = [];
      progress(slow.remote(4)).subscribe({ next: (n) => told.push(n), complete: () => console.log(told) });
      Promise.all([
        get(slow.remote(5).completed()),
        get(slow.options({ backpressure: 1 }).remote(3).completed()),
        get(remote((end) => end).remote(slow.remote(6).completed())),
      ]).then((ends) => console.log(ends)).finally(() => clearInterval(timer));`);
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    expect(stdout.split('\n').sort()).to.deep.equal(['', '[ 1, 2, 3, 4 ]', '[ 5, 3, 6 ]']);
  });

  const collected = {
    'runs for ever': `function* forEver() { for (let i = 0;; i++) yield i; }`,
    pauses: `async function* pauses() { for (let i = 0;; i++) yield i; }`,
  };
  for (const [name, generator] of Object.entries(collected)) {
    it(`has its CPU again when a stream that ${name} is collected`, async () => {
      const { stdout, stderr } = await script(`
        init({ numCpus: 1 });
        require('node:v8').setFlagsFromString('--expose-gc');
        const gc = require('node:vm').runInNewContext('gc');
        const source = remote(${generator}, ${name === 'pauses' ? '{ backpressure: 1 }' : '{}'});
        const { availableResources } = require('rayx');
        (async () => {
          (() => void source.remote())();
          const one = remote(() => 1);
          await nap.options({ numCpus: 0 }).remote(1);
          let ended = false;
          for (let i = 0; i < 200 && !ended; i++) {
            await sleep(20);
            gc();
            ended = availableResources().CPU === 1;
          }
          console.log(await get(one.remote(), { timeout: 5000 }));
          await shutdown();
        })();`);
      expect({ stdout, stderr }).to.deep.equal({ stdout: '1\n', stderr: '' });
    });
  }
});
