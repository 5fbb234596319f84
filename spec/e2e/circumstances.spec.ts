import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { run } from '../consumers/command';
import { ScriptFolder } from './script';

const script = `
  const { get, remote } = require('rayx');
  const { EventEmitter } = require('node:events');
  const by = 3;
  class Bus extends EventEmitter {
    #heard = 0;
    hear(x) { this.on('x', (y) => (this.#heard += y)); this.emit('x', x * by); return this.#heard; }
  }
  const work = remote((x) => new Bus().hear(x));
  get([work.remote(1), work.remote(2)]).then((values) => console.log(values.join()));
`;

describe('a script runs as well', function () {
  this.timeout(30_000);
  let folder: ScriptFolder;
  let file: string;
  before(() => {
    folder = new ScriptFolder();
    file = folder.write('script.cjs', script);
  });
  after(() => folder.remove());

  const started = (...args: string[]) =>
    run(process.execPath, args, { cwd: dirname(file), timeout: 20_000 });

  it('where Node is told to be strict', async () => {
    const { status, stdout } = await started(
      '--frozen-intrinsics',
      '--disable-proto=delete',
      '--experimental-vm-modules',
      '--disallow-code-generation-from-strings',
      file,
    );
    expect({ status, stdout }).to.deep.equal({ status: 0, stdout: '3,6\n' });
  });

  it('while its coverage is taken, which it does not falsify', async () => {
    const coverage = folder.write('coverage/here', '');
    const starter = folder.write(
      'covered.cjs',
      `process.env.NODE_V8_COVERAGE = __dirname + '/coverage';
       const { spawnSync } = require('node:child_process');
       spawnSync(process.execPath, [process.argv[2]], { stdio: 'inherit' });`,
    );
    const { stdout } = await started(starter, file);
    expect(stdout).to.equal('3,6\n');
    const reports = readdirSync(dirname(coverage)).filter((name) => name.endsWith('.json'));
    const urls = reports.flatMap((name) => {
      const text = readFileSync(join(dirname(coverage), name), 'utf8');
      return (JSON.parse(text) as { result: { url: string }[] }).result.map(({ url }) => url);
    });
    // What is rebuilt in workers counts as another file: its lines are not those of the script.
    const own = urls.filter((url) => url === pathToFileURL(file).href || url === file);
    expect(own).to.have.length(1);
    expect(urls.filter((url) => url.includes('script.cjs'))).to.have.length.above(1);
  });

  it('where permissions are restricted, or says which one it needs', async () => {
    const { allowedNodeEnvironmentFlags: flags } = process;
    const permission = flags.has('--permission') ? '--permission' : '--experimental-permission';
    const allowed = [permission, '--allow-fs-read=*', '--allow-worker'];
    const { stderr } = await started(...allowed, file);
    expect(stderr).to.match(/CaptureError: [^]*--allow-inspector/);
    if (!flags.has('--allow-inspector')) return;
    expect(await started(...allowed, '--allow-inspector', file)).to.include({ stdout: '3,6\n' });
  });

  it('when it and rayx were loaded into a context of their own, as test runners do', async () => {
    const runner = folder.write('runner.cjs', contextRunner);
    const { status, stdout, stderr } = await started(runner, file);
    expect({ status, stdout, stderr }).to.deep.equal({ status: 0, stdout: '3,6\n', stderr: '' });
  });
});

/** Loads a script and all it requires into a new context, built-in modules apart. */
const contextRunner = `
  const { readFileSync } = require('node:fs');
  const { createRequire, isBuiltin } = require('node:module');
  const { dirname } = require('node:path');
  const vm = require('node:vm');
  const { console, process, Buffer, URL, setTimeout, setImmediate, clearTimeout, clearImmediate,
    queueMicrotask, performance, structuredClone, AbortController, AbortSignal, TextEncoder,
    TextDecoder, MessageChannel, DOMException, Event, EventTarget } = globalThis;
  const context = vm.createContext({ console, process, Buffer, URL, setTimeout, setImmediate,
    clearTimeout, clearImmediate, queueMicrotask, performance, structuredClone, AbortController,
    AbortSignal, TextEncoder, TextDecoder, MessageChannel, DOMException, Event, EventTarget });
  vm.runInContext('globalThis.global = globalThis', context);
  const cache = new Map();
  function load(file) {
    if (cache.has(file)) return cache.get(file).exports;
    const module = { exports: {}, filename: file, id: file, children: [], loaded: false };
    cache.set(file, module);
    if (file.endsWith('.json')) return (module.exports = JSON.parse(readFileSync(file, 'utf8')));
    const real = createRequire(file);
    const require = (name) => (isBuiltin(name) ? real(name) : load(real.resolve(name)));
    require.resolve = real.resolve;
    require.cache = {};
    const names = ['module', 'exports', 'require', '__filename', '__dirname'];
    const body = vm.compileFunction(readFileSync(file, 'utf8'), names, {
      filename: file,
      parsingContext: context,
    });
    body.call(module.exports, module, module.exports, require, file, dirname(file));
    module.loaded = true;
    return module.exports;
  }
  load(process.argv[2]);
`;
