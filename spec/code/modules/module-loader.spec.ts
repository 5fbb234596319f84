import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import * as ts from 'typescript';
import type { ModuleReference, ModuleTexts } from '../../../lib/code/modules/types';
import { fixture, fixtureUrl } from './fixtures';
import { LoaderWorker } from './loader-worker';

describe('module loader', () => {
  let worker: LoaderWorker;

  beforeEach(() => {
    worker = new LoaderWorker();
  });
  afterEach(async () => expect(await worker.end()).to.equal(''));

  it('gives built-ins, globals and the own exports of this package', async () => {
    const os = { url: 'node:os', format: 'builtin' } as const;
    const isHere = (value: unknown) => typeof value;
    const floor = { url: 'global:', export: 'Math.floor', format: 'builtin' } as const;
    const answer = { url: 'rayx:', export: 'answer', format: 'builtin' } as const;
    expect((await worker.load({ ...os, export: 'cpus' }, isHere)).value).to.equal('function');
    expect((await worker.load({ ...os, export: null }, isHere)).value).to.equal('object');
    expect((await worker.load(floor, (fn: typeof Math.floor) => fn(1.5))).value).to.equal(1);
    expect((await worker.load(answer)).value).to.equal(42);
  });

  it('makes the namespace of what is no ES module', async () => {
    const look = (ns: Record<string, unknown>) => [
      typeof ns['default'],
      typeof ns['double'],
      Object.prototype.toString.call(ns),
    ];
    const helpers = reference('cjs/helpers.cjs', '*', 'cjs');
    expect((await worker.load(helpers, look)).value).to.deep.equal([
      'object',
      'function',
      '[object Module]',
    ]);
  });

  it('gives CommonJS modules, their exports and JSON at once', async () => {
    const whole = await worker.load(reference('cjs/callable.cjs', null, 'cjs'), greet);
    expect(whole).to.include({ value: 'hello you', needsAsync: false });
    const loud = await worker.load(reference('cjs/callable.cjs', 'loud', 'cjs'), greet);
    expect(loud.value).to.equal('HELLO you');
    const json = await worker.load(reference('cjs/data.json', null, 'cjs'));
    expect(json.value).to.deep.equal({ port: 8080 });
  });

  it('gives ES modules at once', async () => {
    const call = (fn: (n: number) => number) => fn(2);
    const triple = await worker.load(reference('esm/helpers.mjs', 'triple', 'esm'), call);
    expect(triple).to.include({ value: 6, needsAsync: false });
    const depth = await worker.load(reference('esm/barrel.mjs', 'depth', 'esm'));
    expect(depth.value).to.equal(7);
    const whole = await worker.load(reference('esm/deep.mjs', null, 'esm'), (ns: object) =>
      Object.keys(ns),
    );
    expect(whole.value).to.include.members(['depth', 'dive']);
  });

  it('gives ES modules that await at their top, later', async () => {
    const late = await worker.load(reference('esm/awaits.mjs', 'late', 'esm'));
    expect(late).to.include({ value: 'late', needsAsync: true });
    const again = await worker.load(reference('esm/awaits.mjs', 'late', 'esm'));
    expect(again).to.include({ value: 'late', needsAsync: false });
    const data = {
      url: 'data:text/javascript,export let n = 3',
      export: 'n',
      format: 'esm',
    } as const;
    expect(await worker.load(data)).to.include({ value: 3, needsAsync: true });
  });

  it('names a module that throws while it is loaded, with the cause', async () => {
    for (const format of ['cjs', 'esm'] as const) {
      const { error } = await worker.load(reference('cjs/throws.cjs', 'x', format));
      expect(error?.name).to.equal('CaptureError');
      expect(error?.message).to.include(fixture('cjs/throws.cjs')).and.include('no licence file');
      expect(error?.cause).to.equal('TypeError: no licence file');
    }
  });

  it('names an export that is not there', async () => {
    const { error } = await worker.load(reference('cjs/callable.cjs', 'gone', 'cjs'));
    expect(error?.message).to.include('has no export gone');
  });

  describe('feeds compiled texts', () => {
    const hostile = ['ts-node', 'typescript', 'tsx', 'esbuild'];

    it('to require, under every name that means the file', async () => {
      const texts = compiled('texts/cjs', ['helper.ts', 'parts/index.ts', 'more.ts']);
      const helper = reference('texts/cjs/helper.ts', 'helper', 'cjs');
      const told = await worker.load(helper, (fn: () => string) => fn(), texts);
      expect(told).to.include({ value: 'Red more', needsAsync: false });
      expect(told.required.filter((file) => hostile.includes(packageName(file)))).to.deep.equal([]);
    });

    it('to import, with CommonJS below it', async () => {
      const texts = compiled('texts/esm', ['helper.ts', 'colour.ts', 'legacy.cts']);
      const helper = reference('texts/esm/helper.ts', 'helper', 'esm');
      const told = await worker.load(helper, (fn: () => string) => fn(), texts);
      expect(told.error).to.equal(undefined);
      expect(told.value).to.equal('Red Old helper.ts');
    });

    it('to an import() that runs later', async () => {
      const texts = compiled('texts/esm', ['helper.ts', 'colour.ts', 'legacy.cts']);
      const later = reference('texts/esm/helper.ts', 'later', 'esm');
      const look = async (fn: () => Promise<object>) => Object.keys(await fn());
      expect((await worker.load(later, look, texts)).value).to.deep.equal(['Colour']);
    });

    it('that come one after the other', async () => {
      const look = (value: unknown) => typeof value;
      for (const [file, name] of [
        ['colour.ts', 'Colour'],
        ['helper.ts', 'helper'],
      ] as const) {
        const texts = compiled('texts/esm', file === 'helper.ts' ? [file, 'legacy.cts'] : [file]);
        const told = await worker.load(reference(`texts/esm/${file}`, name, 'esm'), look, texts);
        expect(told.error).to.equal(undefined);
      }
    });

    it('under names that only their compiler resolves', async () => {
      const url = fixtureUrl('texts/cjs/helper.ts');
      const target = fixtureUrl('cjs/callable.cjs');
      const source = "exports.helper = () => require('@/callable')('path');";
      const helper = reference('texts/cjs/helper.ts', 'helper', 'cjs');
      const told = await worker.load(helper, (fn: () => string) => fn(), {
        [url]: { source, format: 'cjs', imports: { '@/callable': target } },
      });
      expect(told.error).to.equal(undefined);
      expect(told.value).to.equal('hello path');
    });

    it('and compiles what those load besides', async () => {
      const texts = compiled('texts/cjs', ['helper.ts', 'parts/index.ts']);
      const helper = reference('texts/cjs/helper.ts', 'helper', 'cjs');
      const told = await worker.load(helper, (fn: () => string) => fn(), {
        ...texts,
        [fixtureUrl('texts/cjs/helper.ts')]: {
          ...texts[fixtureUrl('texts/cjs/helper.ts')],
          source: "exports.helper = () => require('./more.ts').more;",
          format: 'cjs',
        },
      });
      expect(told.error).to.equal(undefined);
      expect(told.value).to.equal('more');
    });

    for (const format of ['cjs', 'esm'] as const) {
      it(`so that their frames bear the mark (${format})`, async () => {
        const folder = `texts/${format}`;
        const others =
          format === 'esm' ? ['colour.ts', 'legacy.cts'] : ['parts/index.ts', 'more.ts'];
        const texts = compiled(folder, ['helper.ts', ...others]);
        const look = (fail: () => void) => fail();
        const told = await worker.load(
          reference(`${folder}/helper.ts`, 'fail', format),
          look,
          texts,
        );
        const name =
          format === 'esm' ? fixtureUrl(`${folder}/helper.ts`) : fixture(`${folder}/helper.ts`);
        expect(told.error?.stack.split('\n')[1]).to.include(`${name}?rayx:`);
      });
    }
  });

  for (const [format, value] of [
    ['cjs', 'Red more'],
    ['esm', 'Red Old helper.ts'],
  ] as const) {
    it(`compiles by itself, as a last resort, what came without a text (${format})`, async () => {
      const helper = reference(`texts/${format}/helper.ts`, 'helper', format);
      const told = await worker.load(helper, (fn: () => string) => fn());
      expect(told.error).to.equal(undefined);
      expect(told.value).to.equal(value);
    });
  }
});

const greet = (fn: (name: string) => string) => fn('you');

function reference(
  name: string,
  exported: string | null,
  format: ModuleReference['format'],
): ModuleReference {
  return { url: fixtureUrl(name), export: exported, format };
}

/** The texts a compiler on another thread has made of fixtures. */
function compiled(folder: string, files: readonly string[]): ModuleTexts {
  const texts: Record<string, ModuleTexts[string]> = {};
  for (const file of files) {
    const path = fixture(`${folder}/${file}`);
    const format = folder.endsWith('esm') && !file.endsWith('.cts') ? 'esm' : 'cjs';
    const module = format === 'esm' ? ts.ModuleKind.ESNext : ts.ModuleKind.CommonJS;
    const written = ts.sys.readFile(path) ?? '';
    const options = { module, target: ts.ScriptTarget.ES2022 };
    const source = ts.transpileModule(written, { compilerOptions: options }).outputText;
    texts[pathToFileURL(path).href] = { source, format };
  }
  return texts;
}

const packageName = (file: string) => /node_modules\/([^/]+)/.exec(file)?.[1] ?? basename(file);
