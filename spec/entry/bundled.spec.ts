import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';

const esbuild = join(__dirname, '../../node_modules/esbuild/bin/esbuild');

const built = join(__dirname, '../../dist/index.js');

describe('a bundle with rayx inside', function () {
  this.timeout(20_000);
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'rayx-bundle-'))));
  after(() => rmSync(folder, { recursive: true }));

  for (const format of ['cjs', 'esm']) {
    it(`says that rayx must be external, as ${format}`, () => {
      const script = join(folder, 'script.ts');
      const bundle = join(folder, format === 'esm' ? 'bundle.mjs' : 'bundle.cjs');
      writeFileSync(script, `import { remote } from 'rayx';\nremote((x: number) => x).remote(1);`);
      execFileSync(esbuild, [
        ...[script, '--bundle', '--platform=node', `--format=${format}`, '--log-level=error'],
        ...[`--alias:rayx=${built}`, `--outfile=${bundle}`],
      ]);
      const { status, stderr } = spawnSync(process.execPath, [bundle], { encoding: 'utf8' });
      expect(status).to.equal(1);
      expect(stderr).to.match(/Error: rayx cannot .*--external:rayx/s);
    });
  }
});
