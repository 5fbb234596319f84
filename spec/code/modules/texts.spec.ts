import { expect } from 'chai';
import { runDriver } from './driver';
import { fixture, fixtureUrl } from './fixtures';

interface Told {
  readonly value?: unknown;
  readonly stack?: string;
  readonly message?: string;
  readonly reference: { readonly url: string; readonly export: string; readonly format: string };
  readonly texts: readonly string[];
  readonly compilers: readonly string[];
}

describe('texts of modules that a compiler made', function () {
  this.timeout(30_000);

  for (const [compiler, format] of [
    ['ts-node', 'cjs'],
    ['tsx', 'cjs'],
    ['tsx', 'esm'],
  ] as const) {
    describe(`under ${compiler}, ${format}`, () => {
      let told: Record<string, Told | undefined>;
      before(async () => (told = await run(compiler, format)));

      it('let a thread without a compiler call what was imported', () => {
        const value = format === 'cjs' ? 'Red more' : 'Red Old helper.ts';
        expect(told['helper']).to.deep.include({ value, compilers: [] });
        expect(told['helper']?.reference).to.include({
          url: fixtureUrl(`texts/${format}/helper.ts`),
          export: 'helper',
          format,
        });
      });

      it('are those of all own files in reach', () => {
        const files =
          format === 'cjs' ? ['more.ts', 'parts/index.ts'] : ['colour.ts', 'legacy.cts'];
        const urls = ['helper.ts', ...files].map((file) => fixtureUrl(`texts/${format}/${file}`));
        expect(told['helper']?.texts).to.have.members(urls);
      });

      it('are there for modules that hold no function', () => {
        expect(told['settings']?.value).to.deep.equal({ port: 80 });
        expect(told['settings']?.compilers).to.deep.equal([]);
      });

      it('have stacks that lead to the files as written', () => {
        const { message, stack } = told['fail'] ?? {};
        expect(message).to.equal('failed as told');
        const [first = ''] = stack?.split('\n').filter((line) => /^ +at /.test(line)) ?? [];
        const line = format === 'cjs' ? 13 : 16;
        expect(first).to.match(new RegExp(`texts/${format}/helper\\.ts:${line}:9\\)?$`));
      });
    });
  }

  it('know the names that only the compiler resolves', async () => {
    const { aliased } = await run('tsx', 'esm');
    expect(aliased).to.deep.include({ value: 'Red by @parts', compilers: [] });
  });
});

async function run(
  compiler: 'ts-node' | 'tsx',
  format: 'cjs' | 'esm',
): Promise<Record<string, Told>> {
  const { stdout, stderr } = await runDriver(compiler, fixture(`texts/${format}/main.ts`));
  expect(stderr).to.equal('');
  return JSON.parse(stdout) as Record<string, Told>;
}
