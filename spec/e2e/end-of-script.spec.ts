import { spawn } from 'node:child_process';
import { expect } from 'chai';
import { ScriptFolder } from './script';

/** Remote functions that the scripts below use. */
const prelude = `
  const rayx = require('rayx');
  const { setTimeout: sleep } = require('node:timers/promises');
  const { get, getSync, init, put, remote, shutdown, wait } = rayx;
  const nap = remote(async function nap(ms) { await sleep(ms); return ms; });
  const square = remote(function square(x) { return x * x; });
  const fail = remote(function fail() { throw new RangeError('went wrong'); });
`;

describe('a script', function () {
  this.timeout(30_000);
  let folder: ScriptFolder;
  before(() => (folder = new ScriptFolder()));
  after(() => folder.remove());

  const script = (text: string) => folder.run(prelude + text);

  describe('stays alive while it waits in', () => {
    const waits = {
      get: `get(nap.remote(500)).then(() => console.log('done'));`,
      wait: `wait([nap.remote(500)]).then(() => console.log('done'));`,
      shutdown: `nap.remote(500); shutdown().then(() => console.log('done'));`,
      'a subscription': `require('rxjs').from(nap.remote(500)).subscribe(() => console.log('done'));`,
    };
    for (const [name, text] of Object.entries(waits)) {
      it(name, async () => {
        folder.write('node_modules/rxjs/index.js', rxjsOfThisPackage);
        const { status, stdout, stderr } = await script(text);
        expect({ status, stdout, stderr }).to.deep.equal({
          status: 0,
          stdout: 'done\n',
          stderr: '',
        });
      });
    }

    it('each of them at the top level of an ES module', async () => {
      const { status, stdout } = await folder.run(
        `import { get, init, remote, shutdown, wait } from 'rayx';
         const nap = remote((ms) => new Promise((resolve) => setTimeout(resolve, ms, ms)));
         await init();
         console.log(await get(nap.remote(300)));
         const [ready] = await wait([nap.remote(300)]);
         console.log(ready.length);
         await shutdown();
         console.log('end');`,
        'top-level.mjs',
      );
      expect({ status, stdout }).to.deep.equal({ status: 0, stdout: '300\n1\nend\n' });
    });
  });

  describe('ends by itself, without an error,', () => {
    const ends = {
      'after its last get, with nothing shut down': `get(square.remote(3)).then(console.log);`,
      'after a getSync': `console.log(getSync(square.remote(3)));`,
      'cutting off tasks that nobody waits for': `nap.remote(60_000); console.log(9);`,
      'cutting off a task that spins': `
        const spin = remote(() => { for (;;); });
        init({ numCpus: 2 });
        spin.remote();
        get(square.remote(3)).then(console.log);`,
      'with an actor that lives': `
        class Counter { increment() { return 9; } }
        const counter = remote(Counter).remote();
        get(counter.increment.remote()).then(console.log);`,
      'with what a task left behind': `
        const leave = remote(() => { setInterval(() => {}, 10); return 9; });
        get(leave.remote()).then(console.log);`,
      'when it gave up a get': `
        get(nap.remote(60_000), { timeout: 50 }).catch((error) => console.log(9));`,
      'after init alone': `init().then(() => console.log(9));`,
    };
    for (const [name, text] of Object.entries(ends)) {
      it(name, async () => {
        const { status, stdout, stderr, took } = await script(text);
        expect({ status, stdout, stderr }).to.deep.equal({ status: 0, stdout: '9\n', stderr: '' });
        expect(took).to.be.below(15_000);
      });
    }

    it('keeping the exit code that it set', async () => {
      const { status } = await script(`process.exitCode = 3; getSync(square.remote(3));`);
      expect(status).to.equal(3);
    });
  });

  it('that blocks in getSync is ended by Ctrl-C', async () => {
    const file = folder.write(
      'blocked.cjs',
      `${prelude} console.log(getSync(square.remote(3))); getSync(nap.remote(60_000));`,
    );
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    child.stdout.once('data', () => child.kill('SIGINT'));
    expect(await ended).to.equal('SIGINT');
  });

  describe('is told of a failure that nobody saw', () => {
    const report = /fail[^]*went wrong[^]*script\.cjs/;
    const times = (text: string) => text.split('went wrong').length - 1;

    it('once, with task, call and stack, at the end, keeping its exit code', async () => {
      const { status, stderr } = await script(`fail.remote(); get(nap.remote(300));`);
      expect(stderr).to.match(report);
      expect(stderr).to.match(/submitted at/);
      expect(times(stderr)).to.equal(1);
      expect(status).to.equal(0);
    });

    it('once at shutdown', async () => {
      const { status, stderr } = await script(`
        const ref = fail.remote();
        get(nap.remote(300)).then(() => shutdown()).then(() => console.error('shut down'));`);
      expect(stderr).to.match(/went wrong[^]*shut down/);
      expect(times(stderr)).to.equal(1);
      expect(status).to.equal(0);
    });

    it('when its last ref is collected', async () => {
      const { stderr } = await script(`
        require('node:v8').setFlagsFromString('--expose-gc');
        const gc = require('node:vm').runInNewContext('gc');
        (async () => {
          (() => void fail.remote())();
          await get(nap.remote(300));
          for (let i = 0; i < 20; i++) { gc(); await get(nap.remote(20)); }
          console.error('still running');
        })();`);
      expect(stderr).to.match(/went wrong[^]*still running/);
      expect(times(stderr)).to.equal(1);
    });

    it('never because time passed', async () => {
      const { stderr } = await script(`
        const ref = fail.remote();
        setTimeout(() => get(ref).catch((error) => console.error('seen late')), 1000);`);
      expect(stderr).to.equal('seen late\n');
    });

    const seen = {
      get: `get(fail.remote()).catch(() => {});`,
      getSync: `try { getSync(fail.remote()); } catch {}`,
      wait: `wait([fail.remote()]);`,
      'a subscriber': `require('rxjs').from(fail.remote()).subscribe({ error() {} });`,
      'a dependant that was seen': `get(square.remote(fail.remote())).catch(() => {});`,
    };
    for (const [name, text] of Object.entries(seen)) {
      it(`but not of one seen by ${name}`, async () => {
        folder.write('node_modules/rxjs/index.js', rxjsOfThisPackage);
        const { status, stderr } = await script(text);
        expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
      });
    }

    it('by onUnhandledError instead, if it says so', async () => {
      const { stderr, stdout } = await script(`
        init({ onUnhandledError: (error) => console.log(error.name, error.cause.message) });
        fail.remote();
        get(nap.remote(300)).then(() => shutdown());`);
      expect({ stderr, stdout }).to.deep.equal({ stderr: '', stdout: 'TaskError went wrong\n' });
    });
  });
});

/** Lets a script use the copy of RxJS that this package has. */
const rxjsOfThisPackage = `module.exports = require(${JSON.stringify(require.resolve('rxjs'))});`;
