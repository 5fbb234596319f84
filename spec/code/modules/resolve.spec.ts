import { expect } from 'chai';
import { resolveImport } from '../../../lib/code/modules/resolve';
import { fixtureUrl } from './fixtures';

describe('resolving an import', () => {
  const host = fixtureUrl('pkg-host/host.mjs');
  const packages = 'pkg-host/node_modules';
  const expected: Record<string, string | undefined> = {
    fs: 'node:fs',
    'node:timers/promises': 'node:timers/promises',
    './inner.mjs': fixtureUrl('pkg-host/inner.mjs'),
    './inner.mjs?fresh=1': `${fixtureUrl('pkg-host/inner.mjs')}?fresh=1`,
    [fixtureUrl('esm/deep.mjs')]: fixtureUrl('esm/deep.mjs'),
    'data:text/javascript,1': 'data:text/javascript,1',
    dual: fixtureUrl(`${packages}/dual/index.mjs`),
    'dual/features/a.js': fixtureUrl(`${packages}/dual/features/a.mjs`),
    'dual/features/private/b.js': undefined,
    'dual/index.mjs': undefined,
    'plain-cjs': fixtureUrl(`${packages}/plain-cjs/main.js`),
    'plain-cjs/sub.js': fixtureUrl(`${packages}/plain-cjs/sub.js`),
    'only-esm': fixtureUrl(`${packages}/only-esm/index.js`),
    '@scope/named/it': fixtureUrl(`${packages}/@scope/named/lib/it.mjs`),
    '#tools': fixtureUrl('pkg-host/tools.mjs'),
    '#lib/one': fixtureUrl('pkg-host/lib/one.mjs'),
    '#os': 'node:os',
    host,
    'host/inner': fixtureUrl('pkg-host/inner.mjs'),
    './gone.mjs': undefined,
    'no-such-package': undefined,
  };

  for (const [specifier, url] of Object.entries(expected)) {
    it(`${specifier} ${url === undefined ? 'leads nowhere' : 'is found'}`, () => {
      expect(resolveImport(specifier, host)).to.equal(url);
    });
  }

  it('agrees with Node', async () => {
    for (const [specifier, url] of Object.entries(expected)) {
      const found = await nodeResolves(specifier, host);
      expect(found, specifier).to.equal(url);
    }
  });
});

/** Node's own answer, which only an ES module can ask for. */
async function nodeResolves(specifier: string, parent: string): Promise<string | undefined> {
  const asker = (await import(new URL('ask.mjs', parent).href)) as {
    resolve(specifier: string): string | undefined;
  };
  return asker.resolve(specifier);
}
