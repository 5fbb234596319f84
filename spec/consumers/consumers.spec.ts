import { createHash } from 'node:crypto';
import { EOL } from 'node:os';
import { expect } from 'chai';
import type { Outcome } from './command';
import { nodeOfLine } from './node-lines';
import { ConsumerProject } from './project';

/** What every fixture prints: results of functions with captured variables and imports. */
const results = {
  builtIn: createHash('sha256').update('salttext').digest('hex'),
  package: 172_800_000,
  ownFile: `HELLO!${EOL}`,
  point: [true, 8],
  counts: [2, 6],
  error: [true, true, 'no salt'],
};

function expectResults({ status, stdout, stderr }: Outcome): void {
  expect({ status, stderr }, stdout).to.deep.equal({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).to.deep.equal(results);
}

describe('rayx, packed and installed', function () {
  this.timeout(70_000);
  this.slow(5_000);

  let project: ConsumerProject;

  before(async function () {
    this.timeout(360_000);
    project = await ConsumerProject.create();
  });

  after(() => project.remove());

  it('works in a flat ES-module script with top-level await', async () => {
    expectResults(await project.node(['flat.mjs']));
  });

  it('works in a CommonJS script', async () => {
    expectResults(await project.node(['common.cjs']));
  });

  it('works in a TypeScript script under ts-node, type check included', async () => {
    expectResults(await project.node(['node_modules/ts-node/dist/bin.js', 'app.ts']));
  });

  it('works in a TypeScript script under tsx', async () => {
    expectResults(await project.node(['node_modules/tsx/dist/cli.mjs', 'app.ts']));
  });

  it('works in a TypeScript ES module with tsx as a loader', async () => {
    expectResults(await project.node(['--import', 'tsx', 'flat.mts']));
  });

  it('has types that a strict project accepts in both kinds of module', async () => {
    const { status, stdout } = await project.node(['node_modules/typescript/bin/tsc']);
    expect({ status, stdout }).to.deep.equal({ status: 0, stdout: '' });
  });

  it('exports its entry and its package.json, and nothing else', async () => {
    const script = `
      console.log(require('rayx/package.json').name);
      try { require('rayx/dist/index.js') } catch (error) { console.log(error.code) }`;
    const { stdout } = await project.node(['--eval', script]);
    expect(stdout.trim().split(/\s+/)).to.deep.equal(['rayx', 'ERR_PACKAGE_PATH_NOT_EXPORTED']);
  });

  describe('in a bundle', () => {
    it('works when it stays outside, as CommonJS', async () => {
      await project.bundle('app.ts', 'bundle.cjs', { external: ['rayx'] });
      expectResults(await project.node(['bundle.cjs']));
    });

    it('works when it stays outside, as an ES module', async () => {
      await project.bundle('flat.mts', 'bundle.mjs', { external: ['rayx'] });
      expectResults(await project.node(['bundle.mjs']));
    });

    it('works when it stays outside and the bundle is minified', async () => {
      await project.bundle('app.ts', 'minified.cjs', { external: ['rayx'], minify: true });
      expectResults(await project.node(['minified.cjs']));
    });

    it('fails when it is inside, and tells how to keep it outside', async () => {
      await project.bundle('app.ts', 'inside.cjs', {});
      const { status, stdout, stderr } = await project.node(['inside.cjs']);
      expect({ status, stdout }).to.deep.equal({ status: 1, stdout: '' });
      expect(stderr)
        .to.match(/rayx .*bundle/)
        .and.match(/external/);
    });
  });

  for (const line of ['22', '24', 'latest']) {
    describe(`under Node ${line}`, () => {
      let node: string;

      before(async function () {
        this.timeout(360_000);
        node = await nodeOfLine(line);
      });

      it('works in a flat ES-module script with top-level await', async () => {
        expectResults(await project.node(['flat.mjs'], node));
      });

      it('works in a CommonJS script', async () => {
        expectResults(await project.node(['common.cjs'], node));
      });

      it('works in a TypeScript script whose types Node strips', async () => {
        expectResults(await project.node(['stripped/app.ts'], node));
      });
    });
  }
});
