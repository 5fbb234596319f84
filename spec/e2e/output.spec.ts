import { expect } from 'chai';
import { ScriptFolder } from './script';

const prelude = `
  const { writeSync } = require('node:fs');
  const { get, getSync, init, remote, shutdown } = require('rayx');
  const say = remote(function say(...words) { for (const word of words) console.log(word); });
  function spin(ms) { const end = performance.now() + ms; while (performance.now() < end); }
`;

const prefixed = /^\((\w+) worker=\d+\) /;

describe('output of tasks', function () {
  this.timeout(30_000);
  let folder: ScriptFolder;
  before(() => (folder = new ScriptFolder()));
  after(() => folder.remove());

  const script = (text: string) => folder.run(prelude + text);

  it('appears with the name of the task and its worker', async () => {
    const { stdout, stderr } = await script(`getSync(say.remote('hello', 'twice'));`);
    expect(stdout).to.match(/^\(say worker=(\d+)\) hello\n\(say worker=\1\) twice\n$/);
    expect(stderr).to.equal('');
  });

  it('appears with the class and id of an actor', async () => {
    const { stdout } = await script(`
      class Counter { hello() { console.log('hello'); } }
      getSync(remote(Counter).remote().hello.remote());`);
    expect(stdout).to.match(/^\(Counter [0-9a-f]{4,}\) hello\n$/);
  });

  it('goes to the error output when it was written there', async () => {
    const { stdout, stderr } = await script(`
      const warn = remote(function warn() { console.error('careful'); });
      getSync(warn.remote());`);
    expect(stdout).to.equal('');
    expect(stderr).to.match(/^\(warn worker=\d+\) careful\n$/);
  });

  it('is made of whole lines, however it was written', async () => {
    const { stdout } = await script(`
      const parts = remote(function parts(end) {
        process.stdout.write('one ');
        process.stdout.write('line\\nand ano');
        process.stdout.write('ther' + end);
      });
      getSync(parts.remote(''));
      getSync(parts.remote('\\n'));`);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.replace(prefixed, ''))).to.deep.equal([
      'one line',
      'and another',
      'one line',
      'and another',
    ]);
    for (const line of lines) expect(line).to.match(prefixed);
  });

  it('is complete and in order per worker, at a natural end and under process.exit()', async () => {
    for (const end of ['', 'process.exit(0);']) {
      const { status, stdout } = await script(`
        init({ numCpus: 2 });
        const count = remote(function count(name) {
          for (let i = 0; i < 1000; i++) console.log(name, i, 'x'.repeat(i % 100));
        });
        getSync([count.remote('a'), count.remote('b')]);
        ${end}`);
      expect(status).to.equal(0);
      for (const name of ['a', 'b']) {
        const found = stdout.matchAll(new RegExp(`^\\(count worker=\\d+\\) ${name} (\\d+)`, 'gm'));
        const numbers = [...found].map(([, number]) => Number(number));
        expect(numbers).to.deep.equal(Array.from({ length: 1000 }, (_, i) => i));
      }
    }
  });

  it('is out before the result of its task is there', async () => {
    const { stdout } = await script(`
      for (let i = 0; i < 50; i++) {
        getSync(say.remote('task'));
        writeSync(1, 'driver\\n');
      }`);
    expect(stdout.replace(/^\(.*?\) /gm, '')).to.equal('task\ndriver\n'.repeat(50));
  });

  it('appears while the driver blocks', async () => {
    const { stdout } = await script(`
      getSync(say.remote('warm'));
      const told = new SharedArrayBuffer(4);
      const tell = remote(function tell(shared) {
        console.log('task');
        Atomics.store(new Int32Array(shared), 0, 1);
      });
      tell.remote(told);
      while (Atomics.load(new Int32Array(told), 0) === 0);
      spin(1500);
      writeSync(1, 'driver\\n');`);
    expect(stdout.replace(/^\(.*?\) /gm, '')).to.equal('warm\ntask\ndriver\n');
  });

  it('appears while its task spins', async () => {
    const { stdout } = await script(`
      const steps = new Int32Array(new SharedArrayBuffer(4));
      const busy = remote(function busy(shared) {
        const at = new Int32Array(shared);
        console.log('before');
        Atomics.store(at, 0, 1);
        while (Atomics.load(at, 0) < 2);
        console.log('after');
      });
      get(busy.remote(steps.buffer));
      const poll = setInterval(() => {
        if (Atomics.load(steps, 0) === 0) return;
        clearInterval(poll);
        setTimeout(() => {
          writeSync(1, 'driver\\n');
          Atomics.store(steps, 0, 2);
        }, 1000);
      }, 5);`);
    expect(stdout.replace(/^\(.*?\) /gm, '')).to.equal('before\ndriver\nafter\n');
  });

  it('keeps the prefix after its task has ended, and says so', async () => {
    const { stdout } = await script(`
      const told = new SharedArrayBuffer(4);
      const later = remote(function later(shared) {
        setTimeout(() => {
          console.log('late');
          Atomics.store(new Int32Array(shared), 0, 1);
        }, 100);
      });
      get(later.remote(told)).then(() => {
        const poll = setInterval(() => Atomics.load(new Int32Array(told), 0) && clearInterval(poll), 5);
      });`);
    expect(stdout).to.match(/^\(later\b.*after end.*late\n$/);
  });

  it('is turned off by logToDriver: false', async () => {
    const { status, stdout } = await script(`
      init({ logToDriver: false });
      getSync(say.remote('hello'));
      console.log('driver');`);
    expect({ status, stdout }).to.deep.equal({ status: 0, stdout: 'driver\n' });
  });

  it('leaves the output of the script itself alone', async () => {
    const { stdout } = await script(`
      process.stdout.write('no line');
      console.error('error');
      getSync(say.remote());`);
    expect(stdout).to.equal('no line');
  });
});
