import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { CompiledLibrary, runEsbuild } from './compiled';

/*
 * Whole scripts, started as users start them, that ship their functions to a worker thread. Each
 * prints what the functions gave there.
 */

const run = promisify(execFile);
const fixtures = join(__dirname, 'fixtures');
const root = resolve(__dirname, '../..');
const tsNode = join(root, 'node_modules/ts-node/dist/bin.js');
const tsx = join(root, 'node_modules/tsx/dist/cli.mjs');

type Results = Record<string, unknown>;
interface Failure {
  readonly error: string;
  readonly stack: string;
}

let library: CompiledLibrary | undefined;
async function resultsOf(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Results> {
  const { stdout } = await run(process.execPath, [...args], {
    cwd: fixtures,
    env: { ...process.env, NODE_OPTIONS: '', RAYX_SPEC_SUPPORT: library?.support, ...env },
  });
  const lines = stdout.trim().split('\n');
  expect(lines.filter((line) => line === 'main runs').length, 'runs of the main script').to.equal(
    1,
  );
  return JSON.parse(lines.at(-1) ?? '') as Results;
}

/** The line of a fixture that throws, as a stack shows it. */
function failingLine(file: string): string {
  const path = join(fixtures, file);
  const lines = readFileSync(path, 'utf8').split('\n');
  return `${path}:${lines.findIndex((line) => line.includes("'far away'")) + 1}:`;
}

const topFrame = (failure: unknown): string => (failure as Failure).stack.split('\n')[1] ?? '';

describe('code: a script', () => {
  before('compile the library', () => (library = new CompiledLibrary()));
  after(() => library?.remove());

  describe('an ES module', () => {
    let results: Results;
    before(async function () {
      this.timeout(30_000);
      results = await resultsOf(['flat.mjs']);
    });

    const expected: Results = {
      'top-level await': 'awaited',
      'built-in': [true, '/', 'b'],
      package: ['Program', true],
      json: 42,
      'own default': 42,
      'own class': [4, true, 8, true],
      'own state': [1, 2, 2],
      namespace: [true, 2],
      'cjs from esm': [6, true],
      'by value and by import': [true, 9],
      'changing variable': [1, 2, 2],
      'import()': [8, '/', 'function'],
      require: 9,
      circular: 'main',
      strict: true,
      this: true,
      destructured: 42,
    };
    for (const [name, value] of Object.entries(expected)) {
      it(`ships: ${name}`, () => expect(results[name]).to.deep.equal(value));
    }

    it('ships: import.meta', () => {
      const path = join(fixtures, 'flat.mjs');
      expect(results['import.meta']).to.deep.equal([
        `file://${path}`,
        fixtures,
        path,
        `file://${fixtures}/own/tools.cjs`,
      ]);
    });

    it('shows errors at their line', () => {
      expect(topFrame(results.failure)).to.include(failingLine('flat.mjs'));
    });
  });

  describe('a CommonJS script', () => {
    let results: Results;
    before(async function () {
      this.timeout(30_000);
      results = await resultsOf(['flat.cjs']);
    });

    const expected: Results = {
      'built-in': ['\n', 'a/b'],
      package: 'Program',
      'own module': [6, true, true],
      exports: 7,
      names: [join(fixtures, 'flat.cjs'), fixtures],
      require: 42,
      'helpers in the way': [4, 5, 5, 9],
      'import()': 8,
      'functions that come back': [15, 30],
    };
    for (const [name, value] of Object.entries(expected)) {
      it(`ships: ${name}`, () => expect(results[name]).to.deep.equal(value));
    }

    it('shows errors at their line', () => {
      expect(topFrame(results.failure)).to.include(failingLine('flat.cjs'));
    });
  });

  const typed: Results = {
    'built-in': ['\n', 'a/b'],
    package: 'Program',
    'own module': ['cat speaks', 1, 2],
    'enum and namespace': [2, 'Red', 12],
    class: [1, 'rex speaks!false', true],
    instance: [true, 'tom speaks'],
    'exported state': [2, 3, 3],
    'import()': 8,
  };

  for (const [runner, args] of [
    ['ts-node', [tsNode, '--transpile-only', 'typed.ts']],
    ['tsx', [tsx, 'typed.ts']],
  ] as const) {
    describe(`code: a TypeScript file under ${runner}`, () => {
      let results: Results;
      before(async function () {
        this.timeout(30_000);
        results = await resultsOf(args);
      });

      for (const [name, value] of Object.entries(typed)) {
        it(`ships: ${name}`, () => expect(results[name]).to.deep.equal(value));
      }

      it('shows errors at the line as written', () => {
        expect(topFrame(results.failure)).to.include(failingLine('typed.ts'));
      });
    });
  }

  describe('decorators', function () {
    this.timeout(30_000);
    const es = (target: string): NodeJS.ProcessEnv => ({
      TS_NODE_PROJECT: join(fixtures, `tsconfig.${target}.json`),
    });
    const legacy: Results = {
      'decorated method': ['called run', 3],
      'decorated class': ['service', 3, 1, true],
      'static code does not run again': ['Service'],
    };

    it('of old, with #private names as WeakMaps', async () => {
      const results = await resultsOf([tsNode, '-T', 'decorated.ts'], es('es2021'));
      expect(results).to.deep.equal({
        ...legacy,
        'instance in a closure': [['called run', 11], 1],
        'instance as argument': [['called run', 12], 1],
      });
    });

    it('of old, with native #private names', async () => {
      const results = await resultsOf([tsNode, '-T', 'decorated.ts'], es('es2022'));
      expect(results).to.deep.include(legacy);
      expect((results['instance in a closure'] as Failure).error).to.include('#calls of Service');
    });

    it('of the standard', async () => {
      const results = await resultsOf([tsx, 'standard-decorators.ts']);
      expect(results).to.deep.equal({
        'decorated class': [['run', 23], 2, 'service'],
        'static code does not run again': ['field base', 'Service Service'],
      });
    });
  });

  describe('a minified bundle', () => {
    const expected: Results = {
      'built-in': 'b',
      package: 'Program',
      'own module': [42, 8, 1, 2],
      cjs: [6, true],
      'changing variable': [1, 2, 2],
      class: [true, true, 0],
      'import()': 'function',
    };
    for (const format of ['esm', 'cjs'] as const) {
      it(`as ${format}`, async function () {
        this.timeout(30_000);
        const file = `bundle-${process.pid}.${format === 'esm' ? 'mjs' : 'cjs'}`;
        const outfile = join(fixtures, file);
        try {
          runEsbuild([
            join(fixtures, `bundled.${format}.mjs`),
            `--outfile=${outfile}`,
            `--format=${format}`,
            ...['--bundle', '--minify', '--platform=node'],
            ...['--external:acorn', '--external:./harness.cjs'],
          ]);
          expect(await resultsOf([file])).to.deep.equal(expected);
        } finally {
          rmSync(outfile, { force: true });
        }
      });
    }
  });

  describe('circumstances', function () {
    this.timeout(30_000);

    it('works under --inspect', async () => {
      const results = await resultsOf(['--inspect=0', 'flat.cjs']);
      expect(results['own module']).to.deep.equal([6, true, true]);
    });

    it('works where code from strings is forbidden', async () => {
      const results = await resultsOf(['--disallow-code-generation-from-strings', 'flat.cjs']);
      expect(results['helpers in the way']).to.deep.equal([4, 5, 5, 9]);
    });
  });
});
