import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { CaptureError } from '../../../lib/base/errors';
import { fixture, fixtureUrl, indexFor, load, scriptOf, self } from './fixtures';

type Exports = Record<string, object>;

describe('module index', () => {
  const index = indexFor();

  describe('knows built-ins', () => {
    it('as modules and by their exports', () => {
      expect(index.identify(fs)).to.deep.equal(builtin('node:fs', null));
      expect(index.identify(fs.readFileSync)).to.deep.equal(builtin('node:fs', 'readFileSync'));
      expect(index.identify(EventEmitter)?.url).to.equal('node:events');
    });

    it('behind getters, such as fs.promises', () => {
      expect(index.identify(fs.promises)).to.deep.equal(builtin('node:fs/promises', null));
      expect(index.identify(fs.promises.readFile)).to.deep.equal(
        builtin('node:fs/promises', 'readFile'),
      );
    });

    it('as namespaces of ES modules', async () => {
      const namespace: unknown = await import('node:zlib');
      expect(index.identify(namespace)).to.deep.equal(builtin('node:zlib', '*'));
    });

    it('as members of globals', () => {
      const values: Record<string, unknown> = {
        'Math.floor': Math.floor,
        'console.log': console.log,
        'process.env': process.env,
        'Array.prototype': Array.prototype,
        'Array.prototype.slice': Reflect.get(Array.prototype, 'slice') as unknown,
        'Uint8Array.prototype.fill': Reflect.get(Uint8Array.prototype, 'fill'),
        'Buffer.from': Buffer.from,
        'Symbol.iterator': Symbol.iterator,
        'process.stdout': process.stdout,
        globalThis,
        JSON,
        Map,
        crypto,
        AbortController,
        fetch,
      };
      for (const [name, value] of Object.entries(values)) {
        const found = index.identify(value);
        expect([found?.url, found?.export], name).to.deep.equal(['global:', name]);
      }
    });

    it('and no results of promisify, bound functions or data', () => {
      const plain = { a: 1 };
      for (const value of [
        promisify(fs.stat.bind(fs)),
        expect.bind(null),
        plain,
        [1],
        'text',
        7,
        null,
      ]) {
        expect(index.identify(value)).to.equal(undefined);
      }
    });

    it('and no globals that a program added', () => {
      const globals = globalThis as unknown as Exports;
      globals['addedByUser'] = function addedByUser() {};
      try {
        expect(index.identify(globals['addedByUser'])).to.equal(undefined);
      } finally {
        delete globals['addedByUser'];
      }
    });

    it('without running a proxy', () => {
      const trap = () => expect.fail('a trap ran');
      const proxy = new Proxy(() => 1, { get: trap, getOwnPropertyDescriptor: trap });
      expect(index.identify(proxy)).to.equal(undefined);
    });
  });

  describe('knows CommonJS modules', () => {
    const helpers = load<Exports>('cjs/helpers.cjs');

    it('as a whole and by each export', () => {
      const url = fixtureUrl('cjs/helpers.cjs');
      expect(index.identify(helpers)).to.deep.equal({ url, export: null, format: 'cjs' });
      for (const name of ['double', 'limits', 'Shape', 'kind']) {
        expect(index.identify(helpers[name])).to.deep.equal({ url, export: name, format: 'cjs' });
      }
    });

    it('by their getters when a compiler made them, the first file to have it winning', () => {
      const compiled = load<Exports>('cjs/compiled.cjs');
      expect(index.identify(compiled['own'])).to.include({ export: 'own' });
      expect(index.identify(compiled['default'])).to.include({ export: 'default' });
      expect(index.identify(compiled['double'])?.url).to.equal(fixtureUrl('cjs/helpers.cjs'));
    });

    it('of packages even when an own file hands them on', () => {
      const handing = load<Exports>('cjs/handing-on.cjs');
      const url = fixtureUrl('pkg-host/node_modules/plain-cjs/main.js');
      expect(index.identify(handing['plain'])).to.include({ url, export: null });
      expect(index.identify(handing['parse'])).to.include({ url, export: 'parse' });
    });

    it('that are a function with members', () => {
      const greet = load<{ loud: object }>('cjs/callable.cjs');
      expect(index.identify(greet)).to.include({ export: null });
      expect(index.identify(greet.loud)).to.include({ export: 'loud' });
    });

    it('that were loaded after the first question', () => {
      expect(index.identify(load('cjs/data.json'))).to.include({ export: null, format: 'cjs' });
    });

    it('once they have been loaded to their end', () => {
      const hook = globalThis as { askIndex?: (value: unknown) => unknown };
      hook.askIndex = (value) => index.identify(value) ?? 'unknown';
      try {
        const asking = load<Exports>('cjs/asking.cjs');
        expect(asking['during']).to.equal('unknown');
        expect(index.identify(asking['own'])).to.include({ export: 'own' });
      } finally {
        delete hook.askIndex;
      }
    });

    it('but not the entry script', () => {
      const entry = load<Exports>('cycle/entry.cjs');
      const mine = indexFor(fixture('cycle/entry.cjs'));
      expect(mine.identify(entry)).to.equal(undefined);
      expect(mine.identify(entry['mine'])).to.equal(undefined);
      expect(index.identify(entry['mine'])).to.include({ export: 'mine' });
    });
  });

  describe('knows ES modules', () => {
    it('by the text of the functions and classes they export', async () => {
      const url = fixtureUrl('esm/helpers.mjs');
      const helpers = (await import(url)) as Exports;
      const names = { triple: 'triple', quadruple: 'quadruple', Point: 'Point', shown: 'shown' };
      for (const name of [...Object.keys(names), 'default']) {
        expect(index.identify(helpers[name])).to.deep.equal({ url, export: name, format: 'esm' });
      }
      expect(index.identify((helpers['peek'] as () => object)())).to.equal(undefined);
    });

    it('and take no other function of the same text for theirs', async () => {
      const twins = (await import(fixtureUrl('esm/twins.mjs'))) as Exports;
      const inner = (twins['make'] as (value: number) => object)(2);
      expect(index.identify(twins['make'])).to.include({ export: 'make' });
      expect(index.identify(inner)).to.equal(undefined);
      expect(index.identify(twins['get'])).to.equal(undefined);
    });

    it('that require has loaded, with all their exports', () => {
      const url = fixtureUrl('esm/helpers.mjs');
      const helpers = load<Exports>('esm/helpers.mjs');
      expect(index.identify(helpers)).to.deep.equal({ url, export: null, format: 'esm' });
      expect(index.identify(helpers['table'])).to.include({ export: 'table', format: 'esm' });
    });

    it('as namespaces', async () => {
      const url = fixtureUrl('esm/deep.mjs');
      expect(index.identify(await import(url))).to.deep.equal({ url, export: null, format: 'esm' });
      const legacy = fixtureUrl('cjs/helpers.cjs');
      expect(index.identify(await import(legacy))).to.include({ url: legacy, export: '*' });
      const barrel: unknown = await import(fixtureUrl('esm/barrel.mjs'));
      expect(index.identify(barrel)).to.equal(undefined);
    });

    it('but not the entry script', async () => {
      const url = fixtureUrl('cycle/entry.mjs');
      const entry = (await import(url)) as Exports;
      expect(indexFor(url).identify(entry['mine'])).to.equal(undefined);
      expect(indexFor(url).identify(entry)).to.equal(undefined);
    });
  });

  it("knows this package's own exports by name", () => {
    expect(index.identify(self)).to.include({ url: 'rayx:', export: null });
    expect(index.identify(self.get)).to.include({ url: 'rayx:', export: 'get' });
  });

  describe('reads the imports of an ES module', () => {
    const script = scriptOf('esm/user.mjs');
    const helpers = fixtureUrl('esm/helpers.mjs');
    const legacy = fixtureUrl('cjs/helpers.cjs');
    const expected: Record<string, [url: string, name: string | null, format: string]> = {
      fallback: [helpers, 'default', 'esm'],
      triple: [helpers, 'triple', 'esm'],
      four: [helpers, 'quadruple', 'esm'],
      everything: [helpers, null, 'esm'],
      depth: [fixtureUrl('esm/barrel.mjs'), 'depth', 'esm'],
      legacy: [legacy, null, 'cjs'],
      double: [legacy, 'double', 'cjs'],
      legacyAll: [legacy, '*', 'cjs'],
      settings: [fixtureUrl('cjs/data.json'), null, 'cjs'],
      fs: ['node:fs', null, 'builtin'],
      readFileSync: ['node:fs', 'readFileSync', 'builtin'],
      os: ['node:os', '*', 'builtin'],
      join: ['node:path/posix', 'join', 'builtin'],
    };

    for (const [local, [url, name, format]] of Object.entries(expected)) {
      it(`${local} is ${String(name)} of ${format}`, () => {
        const found = index.importBinding(script, local);
        expect([found?.url, found?.export, found?.format]).to.deep.equal([url, name, format]);
      });
    }

    it('with those from this package by name', () => {
      const rayx = pathToFileURL(join(__dirname, '../../../lib/index.ts')).href;
      const source = `import all, { get } from '${rayx}';`;
      const user = scriptOf('esm/rayx-user.mjs', source);
      expect(index.importBinding(user, 'get')).to.include({ url: 'rayx:', export: 'get' });
      expect(index.importBinding(user, 'all')).to.include({ url: 'rayx:', export: null });
    });

    it('and keeps the specifier for messages', () => {
      expect(index.importBinding(script, 'triple')?.specifier).to.equal('./helpers.mjs');
    });

    it('and says nothing of names that are no imports', () => {
      expect(index.importBinding(script, 'work')).to.equal(undefined);
    });

    it('and refuses an import that leads nowhere', () => {
      expect(() => index.importBinding(script, 'missing')).to.throw(
        CaptureError,
        "missing: it is imported from './missing.mjs', which cannot be found",
      );
    });
  });

  describe('does not run scripts again', () => {
    const entry = fixture('cycle/entry.cjs');
    const middle = load<Exports>('cycle/entry.cjs')['middle'] as unknown as Exports;
    const mine = indexFor(entry);
    const chain = ['middle', 'far', 'entry'].map((name) => fixture(`cycle/${name}.cjs`));

    it('functions, classes and data of a file that loads the entry go by value', () => {
      expect(index.identify(middle['helper'])).to.include({ export: 'helper' });
      for (const name of ['helper', 'Thing', 'limits']) {
        expect(mine.identify(middle[name]), name).to.equal(undefined);
      }
    });

    it('so do those of a file that loads the file of the captured function', () => {
      const far = middle['far'] as unknown as Exports;
      expect(index.identify(far['away'], fixtureUrl('cjs/helpers.cjs'))).to.include({
        export: 'away',
      });
      expect(index.identify(far['away'], fixtureUrl('cycle/entry.cjs'))).to.equal(undefined);
      expect(index.identify(far['away'], fixtureUrl('cycle/far.cjs'))).to.equal(undefined);
    });

    it('nor when that file is one rebuilt on this thread, or named without its ending', () => {
      const far = middle['far'] as unknown as Exports;
      const home = `${fixtureUrl('cycle/entry.cjs')}%3Frayx`;
      expect(index.identify(far['away'], home)).to.equal(undefined);
      const short = indexFor(fixture('entry/plain'));
      expect(short.identify(load<Exports>('entry/plain.js'))).to.equal(undefined);
    });

    it('a whole module is refused with the chain', () => {
      const reference = mine.identify(middle);
      if (!reference) return expect.fail('a module is known');
      expect(mine.reruns(reference)).to.equal(true);
      expect(() => mine.check(reference, 'work → middle'))
        .to.throw(CaptureError, chain.join(' → '))
        .with.property('path', 'work → middle');
      expect(() => index.check(reference, 'work → middle')).not.to.throw();
    });

    it('ES modules are followed through their imports', () => {
      const esm = indexFor(fixture('cycle/entry.mjs'));
      const script = scriptOf('cycle/entry.mjs');
      const reference = esm.importBinding(script, 'helper');
      if (!reference) return expect.fail('an import is known');
      expect(() => esm.check(reference, 'mine → helper')).to.throw(
        CaptureError,
        /middle\.mjs → .*far\.mjs → .*entry\.mjs/,
      );
    });

    it('a module apart from it goes by reference', () => {
      const apart = load<Exports>('cycle/apart.cjs');
      expect(mine.identify(apart['free'])).to.include({ export: 'free' });
    });
  });
});

function builtin(url: string, name: string | null) {
  return { url, export: name, format: 'builtin' };
}
