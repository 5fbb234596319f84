import { expect } from 'chai';
import { ScriptFolder, type ScriptOutcome } from './script';

const prelude = `
  const { fromRef, get, getSync, init, put, remote, shutdown, wait } = require('rayx');
  const { setTimeout: sleep } = require('node:timers/promises');
  init({ mode: 'inline', numCpus: 2 });
  const nap = remote(async function nap(ms) { await sleep(ms); return ms; });
  const never = remote(function never() { return new Promise(() => {}); });
  const square = remote(function square(x) { return x * x; });
  const fail = remote(function fail() { throw new RangeError('went wrong'); });
`;

describe('a script in inline mode', function () {
  this.timeout(30_000);
  let folder: ScriptFolder;
  before(() => (folder = new ScriptFolder()));
  after(() => folder.remove());

  const script = (text: string): Promise<ScriptOutcome> => folder.run(prelude + text);

  describe('ends by itself, without an error,', () => {
    const ends = {
      'after its last get, with nothing shut down': `get(square.remote(3)).then(console.log);`,
      'after a getSync': `console.log(getSync(square.remote(3)));`,
      'cutting off a task that nobody waits for': `never.remote(); console.log(9);`,
      'cutting off tasks that call each other for ever': `
        const again = remote(async () => { await get(square.remote(2)); again.remote(); });
        again.remote();
        get(square.remote(3)).then(console.log);`,
      'with an actor that lives': `
        class Counter { increment() { return 9; } }
        const counter = remote(Counter).remote();
        get(counter.increment.remote()).then(console.log);`,
      'when it gave up a get': `
        get(never.remote(), { timeout: 20 }).catch(() => console.log(9));`,
      'when it has unsubscribed': `
        const subscription = fromRef(never.remote()).subscribe(() => {});
        setTimeout(() => { subscription.unsubscribe(); console.log(9); }, 20);`,
      'after a shutdown': `
        get(square.remote(3)).then((value) => shutdown().then(() => console.log(value)));`,
    };
    for (const [name, text] of Object.entries(ends)) {
      it(name, async () => {
        const { status, stdout, stderr } = await script(text);
        expect({ status, stdout, stderr }).to.deep.equal({ status: 0, stdout: '9\n', stderr: '' });
      });
    }
  });

  it('is told once that runtimeEnv does nothing', async () => {
    const { status, stdout, stderr } = await script(`
      const options = (value) => ({ runtimeEnv: { envVars: { RAYX_SPEC: value } } });
      const read = () => process.env.RAYX_SPEC;
      class Reader { read() { return read(); } }
      const reader = remote(Reader, options('c')).remote();
      const refs = ['a', 'b'].map((value) => remote(read, options(value)).remote());
      get([...refs, reader.read.remote()]).then(console.log);`);
    expect({ status, stdout }).to.deep.equal({
      status: 0,
      stdout: '[ undefined, undefined, undefined ]\n',
    });
    expect(stderr).to.equal(
      '(rayx) runtimeEnv does nothing in inline mode, where all calls have the variables of the ' +
        'script; set them in process.env\n',
    );
  });

  it('stays alive while it waits, though nothing else holds it', async () => {
    const { status, stdout } = await script(`
      const late = remote(() => new Promise((resolve) => setTimeout(resolve, 100, 9).unref()));
      get(late.remote()).then(console.log);`);
    expect({ status, stdout }).to.deep.equal({ status: 0, stdout: '9\n' });
  });

  it('stays alive at the top level of an ES module', async () => {
    const text = `
      import { get, init, remote, shutdown, wait } from 'rayx';
      const nap = remote((ms) => new Promise((resolve) => setTimeout(resolve, ms, ms).unref()));
      await init({ mode: 'inline' });
      console.log(await get(nap.remote(50)));
      const [ready] = await wait([nap.remote(50)]);
      console.log(ready.length);
      await shutdown();
      console.log('end');`;
    const { status, stdout } = await folder.run(text, 'top-level.mjs');
    expect({ status, stdout }).to.deep.equal({ status: 0, stdout: '50\n1\nend\n' });
  });

  it('goes on with calls that nobody waits for while it does something else', async () => {
    const { stdout } = await script(`
      const say = remote((text) => console.log(text));
      say.remote('from a task');
      setTimeout(() => console.log('end'), 500);`);
    expect(stdout).to.equal('from a task\nend\n');
  });

  it('prints what tasks print as it is, in the order in which it happens', async () => {
    const { stdout } = await script(`
      const say = remote((text) => { process.stdout.write(text); console.log('.'); });
      console.log('before');
      getSync(say.remote('task'));
      console.log('after');`);
    expect(stdout).to.equal('before\ntask.\nafter\n');
  });

  describe('is told of a failure that nobody saw, once,', () => {
    const cases = {
      'at the end': `fail.remote(); get(nap.remote(20));`,
      'at shutdown': `const ref = fail.remote(); get(nap.remote(20)).then(() => shutdown());`,
      'at process.exit': `fail.remote(); get(nap.remote(20)).then(() => process.exit(0));`,
    };
    for (const [name, text] of Object.entries(cases)) {
      it(name, async () => {
        const { status, stderr } = await script(text);
        expect(stderr).to.match(/fail failed and nobody looked[^]*went wrong[^]*script\.cjs/);
        expect(stderr.split('went wrong')).to.have.length(2);
        expect(status).to.equal(0);
      });
    }
  });

  it('is told of one when the last ref is collected, wherever refs to it have been', async () => {
    const { stderr } = await script(`
      require('node:v8').setFlagsFromString('--expose-gc');
      const gc = require('node:vm').runInNewContext('gc');
      const keep = remote((refs) => refs.length);
      const give = remote((refs) => [...refs, fail.remote()]);
      class Holder { hold(refs) { this.refs = refs; } drop() { this.refs = undefined; } }
      (async () => {
        const holder = remote(Holder).remote();
        await (async () => {
          const given = await get(give.remote([fail.remote()]));
          const both = [keep.remote(given), keep.remote(put({ given })), holder.hold.remote(given)];
          await get(both);
        })();
        const collect = async () => {
          for (let i = 0; i < 20; i++) { gc(); await get(nap.remote(2)); }
        };
        await collect();
        console.error('still held');
        await get(holder.drop.remote());
        await collect();
        console.error('still running');
      })();`);
    expect(stderr).to.match(/^still held\n[^]*went wrong[^]*went wrong[^]*still running\n$/);
    expect(stderr.split('looked at its result')).to.have.length(3);
  });

  it('begins no task at its exit, and takes no value any more', async () => {
    const { status, stdout, stderr } = await script(`
      const say = remote((text) => console.log(text));
      fromRef(square.remote(3)).subscribe(() => console.log('subscriber'));
      say.remote('task');
      process.exit(5);`);
    expect({ status, stdout, stderr }).to.deep.equal({ status: 5, stdout: '', stderr: '' });
  });

  it('ends by an uncaught error of a task as by one of its own', async () => {
    const { status, stderr } = await script(`
      const drop = remote(async () => { Promise.reject(new Error('dropped')); await sleep(50); });
      get(drop.remote());`);
    expect(status).to.equal(1);
    expect(stderr).to.match(/dropped/);
  });

  it('that survives an uncaught error of a task has the task fail with it', async () => {
    const { status, stdout, stderr } = await script(`
      process.on('uncaughtException', (error) => console.log('caught', error.message));
      const later = async () => {
        setTimeout(() => { throw new RangeError('in a timer'); }, 1);
        await sleep(60_000, undefined, { ref: false });
      };
      class Actor {
        fail() { return later(); }
        count() { return 1; }
      }
      const actor = remote(Actor, { maxRestarts: 1 }).remote();
      (async () => {
        for (const call of [() => remote(later).remote(), () => actor.fail.remote()]) {
          await get(call()).catch((error) => console.log(error.name, String(error.cause)));
        }
        console.log(await get(actor.count.options({ maxTaskRetries: -1 }).remote()));
        await shutdown();
      })();`);
    const told = 'caught in a timer\nTaskError RangeError: in a timer\n';
    expect({ status, stdout, stderr }).to.deep.equal({
      status: 0,
      stdout: `${told}${told}1\n`,
      stderr: '',
    });
  });

  it('stops at breakpoints that are set in the bodies of its tasks and actors', async () => {
    const body = `
      const { Session } = require('node:inspector');
      const { pathToFileURL } = require('node:url');
      const lines = require('node:fs').readFileSync(__filename, 'utf8').split('\\n');
      const session = new Session();
      session.connect();
      const hits = [];
      session.on('Debugger.paused', ({ params: { callFrames: [frame] } }) => {
        hits.push(lines[frame.location.lineNumber].match(/\\/\\/ (.*)/)[1]);
      });
      session.post('Debugger.enable');
      const url = pathToFileURL(__filename).href;
      lines.forEach((line, lineNumber) => {
        if (/ \\/\\/ (task|method)$/.test(line)) {
          session.post('Debugger.setBreakpointByUrl', { url, lineNumber });
        }
      });
      const double = remote((x) => {
        return 2 * x; // task
      });
      class Counter {
        increment() {
          return 1; // method
        }
      }
      const counter = remote(Counter).remote();
      const values = getSync([double.remote(2), counter.increment.remote()]);
      console.log(values.join(), hits.join());`;
    expect((await script(body)).stdout).to.equal('4,1 task,method\n');
    // The same breakpoints in the same file see nothing of what runs on threads.
    const threads = `${prelude.replace("mode: 'inline', ", '')}${body}`;
    expect((await folder.run(threads)).stdout).to.equal('4,1 \n');
  });
});
