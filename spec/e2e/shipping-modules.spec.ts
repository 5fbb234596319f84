import { dirname } from 'node:path';
import { expect } from 'chai';
import { run } from '../consumers/command';
import { ScriptFolder } from './script';

describe('functions of a script on the move', function () {
  this.timeout(30_000);
  let folder: ScriptFolder;
  before(() => (folder = new ScriptFolder()));
  after(() => folder.remove());

  it('never run the script again', async () => {
    folder.write('tools.cjs', `exports.twice = (x) => 2 * x;`);
    const { status, stdout, stderr } = await folder.run(`
      console.log('the script runs');
      const { get, remote } = require('rayx');
      const { twice } = require('./tools.cjs');
      const offset = 1;
      const work = remote((x) => twice(x) + offset);
      get([work.remote(1), work.remote(2)]).then(console.log);`);
    expect({ status, stdout, stderr }).to.deep.equal({
      status: 0,
      stdout: 'the script runs\n[ 3, 5 ]\n',
      stderr: '',
    });
  });

  describe('that use a module which imports the script', () => {
    const modules = () => {
      folder.write('inner.cjs', `exports.main = require('./circular.cjs');`);
      folder.write('outer.cjs', `require('./inner.cjs'); exports.help = () => 'helped';`);
    };

    it('take what it exports along by value', async () => {
      modules();
      const { status, stdout, stderr } = await folder.run(
        `console.log('the script runs');
         const { get, remote } = require('rayx');
         const { help } = require('./outer.cjs');
         get(remote(() => help()).remote()).then(console.log);`,
        'circular.cjs',
      );
      expect({ status, stdout, stderr }).to.deep.equal({
        status: 0,
        stdout: 'the script runs\nhelped\n',
        stderr: '',
      });
    });

    it('are refused with the chain when they need the module as a whole', async () => {
      modules();
      const { status, stdout } = await folder.run(
        `console.log('the script runs');
         const { CaptureError, remote } = require('rayx');
         const outer = require('./outer.cjs');
         try {
           remote((name) => outer[name]()).remote('help');
         } catch (error) {
           console.log(error instanceof CaptureError, error.message);
         }`,
        'circular.cjs',
      );
      expect(stdout).to.match(
        /^the script runs\ntrue [^]*outer\.cjs[^]*inner\.cjs[^]*circular\.cjs/,
      );
      expect(stdout.split('the script runs')).to.have.length(2);
      expect(status).to.equal(0);
    });
  });

  it('find their files: require, __dirname, import() and import.meta mean the original', async () => {
    folder.write('data/value.json', '{ "answer": 42 }');
    folder.write('data/extra.mjs', 'export const extra = 7;');
    const commonJs = await folder.run(`
      const { get, remote } = require('rayx');
      const path = require('node:path');
      const work = remote(async () => [
        require('./data/value.json').answer,
        (await import('./data/extra.mjs')).extra,
        path.basename(__filename),
        require('node:fs').existsSync(path.join(__dirname, 'data')),
      ]);
      get(work.remote()).then(console.log);`);
    expect(commonJs).to.include({ status: 0, stdout: "[ 42, 7, 'script.cjs', true ]\n" });
    const module = await folder.run(
      `import { get, remote } from 'rayx';
       import { readFileSync } from 'node:fs';
       import { extra as seven } from './data/extra.mjs';
       const work = remote(async () => [
         JSON.parse(readFileSync(new URL('./data/value.json', import.meta.url), 'utf8')).answer,
         (await import('./data/extra.mjs')).extra + seven,
         import.meta.url.split('/').pop(),
       ]);
       console.log(await get(work.remote()));`,
      'module.mjs',
    );
    expect(module).to.include({ status: 0, stdout: "[ 42, 14, 'module.mjs' ]\n" });
  });

  it('leave the compiler of the script to load what it requires later', async () => {
    folder.write('celsius.ts', `export class Celsius { constructor(readonly degrees: number) {} }`);
    folder.write('late.ts', `export const late: string = 'late';`);
    const file = folder.write(
      'compiled.ts',
      `import { get, remote } from 'rayx';
       import { Celsius } from './celsius';
       const make = remote((degrees: number) => new Celsius(degrees));
       get(make.remote(20)).then((made) => {
         console.log(made instanceof Celsius, require('./late').late);
       });`,
    );
    const compilerOptions = { module: 'commonjs', target: 'es2022', ignoreDeprecations: '6.0' };
    folder.write('tsconfig.json', JSON.stringify({ compilerOptions }));
    const compiler = require.resolve('ts-node/register/transpile-only');
    const { status, stdout, stderr } = await run(process.execPath, ['-r', compiler, file], {
      cwd: dirname(file),
    });
    expect({ status, stdout }, stderr).to.deep.equal({ status: 0, stdout: 'true late\n' });
  });

  it('give modules by reference a state of their own on each thread', async () => {
    folder.write('state.cjs', `let n = 0; exports.next = () => ++n;`);
    const { stdout } = await folder.run(`
      const { get, init, remote } = require('rayx');
      const { next } = require('./state.cjs');
      next(); next();
      init({ numCpus: 1 });
      get(remote(() => next()).remote()).then((there) => console.log(there, next()));`);
    expect(stdout).to.equal('1 3\n');
  });
});
