import { expect } from 'chai';
import { ScriptFolder } from './script';

const prelude = `
  const { explain, get, remote, shutdown } = require('rayx');
  const { setTimeout: sleep } = require('node:timers/promises');
  const square = remote(function square(x) { return x * x; });
  const fail = remote(function fail() { throw new RangeError('went wrong'); });
  const say = remote(function say(word) { console.log(word); });
  /** Waits for the end of a call without looking at it. */
  const settled = async (ref) => { while (explain(ref).state !== 'settled') await sleep(5); };
`;

describe('a script that fails unseen', function () {
  this.timeout(30_000);
  let folder: ScriptFolder;
  before(() => (folder = new ScriptFolder()));
  after(() => folder.remove());

  const script = (text: string) => folder.run(prelude + text);
  const times = (text: string) => text.split('went wrong').length - 1;

  it('is told once of a whole chain of dependants', async () => {
    const { status, stderr } = await script(`
      const refs = [fail.remote()];
      for (let i = 0; i < 5; i++) refs.push(square.remote(refs[i]));
      settled(refs[5]).then(() => shutdown());`);
    expect(stderr).to.match(/fail[^]*went wrong[^]*script\.cjs/);
    expect(times(stderr)).to.equal(1);
    expect(status).to.equal(0);
  });

  it('is told of an error whose class was made in a task', async () => {
    const body = `
      const parent = remote(async function parent() {
        class Mishap extends Error { name = 'Mishap'; }
        const child = remote(function child() { throw new Mishap('went wrong'); });
        return [child.remote()];
      });`;
    const ends = {
      'at the end': `get(parent.remote()).then(async ([ref]) => { await settled(ref); await shutdown(); });`,
      'when its last ref goes': `
        get(parent.remote())
          .then(async ([ref]) => settled(ref))
          .then(async () => { for (let i = 0; i < 50; i++) { gc(); await sleep(5); } })
          .then(() => shutdown());`,
    };
    for (const end of Object.values(ends)) {
      const { stderr } = await script(
        `require('node:v8').setFlagsFromString('--expose-gc');
        const gc = require('node:vm').runInNewContext('gc');` +
          body +
          end,
      );
      expect(stderr)
        .to.match(/child[^]*Mishap: went wrong/)
        .and.not.include('cannot be read here');
      expect(times(stderr)).to.equal(1);
    }
  });

  it('is not told when a task saw it', async () => {
    const { status, stderr, stdout } = await script(`
      const careful = remote(async function careful() {
        return get(fail.remote()).catch((error) => error.name);
      });
      get(careful.remote()).then(console.log);`);
    expect({ status, stderr, stdout }).to.deep.equal({
      status: 0,
      stderr: '',
      stdout: 'TaskError\n',
    });
  });

  it('is not told of what was cancelled, by cancel() or by its signal, with what it made', async () => {
    const { status, stderr, stdout } = await script(`
      const { cancel, getRuntimeContext, wait } = require('rayx');
      const { once } = require('node:events');
      const patient = remote(async function patient() {
        await once(getRuntimeContext().signal, 'abort');
        throw new Error('went wrong');
      });
      const parent = remote(async function parent() {
        await get(patient.remote());
      });
      const control = new AbortController();
      let refs = [parent.remote(), patient.options({ signal: control.signal }).remote()];
      wait(refs, { timeout: 300 })
        .then(() => (cancel(refs[0]), control.abort(), (refs = []), global.gc?.(), sleep(300)))
        .then(() => get(square.remote(3)))
        .then(console.log)
        .then(() => shutdown());`);
    expect({ status, stderr, stdout }).to.deep.equal({ status: 0, stderr: '', stdout: '9\n' });
  });

  it('is told of an error that reached nobody by escalation, which is no result', async () => {
    const { status, stderr } = await script(`
      class Child { fail() { throw new Error('went wrong'); } }
      const child = remote(Child, { onCrash: () => 'escalate' }).remote();
      get(child.fail.remote()).catch(() => sleep(200)).then(() => shutdown());`);
    expect(times(stderr)).to.equal(1);
    expect(stderr)
      .to.match(/^rayx: Child escalated an error and no actor above it decided; .*onCrash.*\n/)
      .and.not.include('get() it');
    expect(status).to.equal(0);
  });

  it('is not told of what somebody waited for when the runtime was shut down', async () => {
    const { status, stderr, stdout } = await script(`
      const pause = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
      get(square.remote(2)).then(() => {
        get(fail.remote()).catch((error) => console.log(error.name));
        // It fails meanwhile, and this thread does not hear of it before it shuts down.
        pause(300);
        shutdown();
        pause(300);
      });`);
    expect({ status, stderr, stdout }).to.deep.equal({
      status: 0,
      stderr: '',
      stdout: 'ShutdownError\n',
    });
  });

  it('is told under process.exit() too, and keeps that exit code', async () => {
    const { status, stderr } = await script(`
      const ref = fail.remote();
      settled(ref).then(() => process.exit(6));`);
    expect(times(stderr)).to.equal(1);
    expect(status).to.equal(6);
  });

  it('is told of the reason for which an actor died', async () => {
    const { status, stderr } = await script(`
      class Broken { constructor() { throw new TypeError('went wrong'); } work() {} }
      const broken = remote(Broken).remote();
      const call = broken.work.remote();
      settled(call).then(() => shutdown()).then(() => [broken, call]);`);
    expect(times(stderr)).to.equal(1);
    expect(stderr)
      .to.match(/Broken[^]*went wrong[^]*script\.cjs/)
      .and.not.match(/dist.client/);
    expect(status).to.equal(0);
  });
});

describe('a script that ends by an error of its own', function () {
  this.timeout(30_000);
  let folder: ScriptFolder;
  before(() => (folder = new ScriptFolder()));
  after(() => folder.remove());

  const ends = {
    'an exception': `throw new Error('my own');`,
    'a rejected get': `get(fail.remote());`,
  };
  for (const [name, text] of Object.entries(ends)) {
    it(`has exit code 1, and all lines of tasks: ${name}`, async () => {
      const { status, stdout, stderr, took } = await folder.run(`${prelude}
        get(say.remote('x'.repeat(50_000))).then(() => {
          remote(() => { for (;;); }).remote();
          ${text}
        });`);
      expect(status).to.equal(1);
      expect(stdout).to.match(/^\(say worker=\d+\) x{50000}\n$/);
      expect(stderr).to.match(/my own|went wrong/);
      expect(took).to.be.below(10_000);
    });
  }
});
