import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runDriver } from './driver';
import { fixture, fixtureUrl } from './fixtures';

describe('entry script', function () {
  this.timeout(30_000);

  for (const [compiler, file] of [
    ['none', 'entry/print.cjs'],
    ['none', 'entry/print.mjs'],
    ['ts-node', 'entry/print.ts'],
    ['tsx', 'entry/print.ts'],
  ] as const) {
    it(`is the file node was started with: ${file}, compiler: ${compiler}`, async () => {
      const { stdout } = await runDriver(compiler, fixture(file));
      expect(stdout.trim()).to.equal(fixtureUrl(file));
    });
  }

  it('is the real file of one started without its ending or through a link', async () => {
    expect((await runDriver('none', fixture('entry/plain'))).stdout.trim()).to.equal(
      fixtureUrl('entry/plain.js'),
    );
    const folder = mkdtempSync(join(tmpdir(), 'rayx-spec-'));
    try {
      symlinkSync(fixture('entry/print.mjs'), join(folder, 'link.mjs'));
      expect((await runDriver('none', join(folder, 'link.mjs'))).stdout.trim()).to.equal(
        fixtureUrl('entry/print.mjs'),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
