import { expect } from 'chai';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, type Outcome } from '../consumers/command';
import { repository } from '../support/source-tree';
import type { Results } from './report/results';

/** The suite as a user runs it, after the build. */
function bench(...args: string[]): Promise<Outcome> {
  const tsNode = join(repository, 'node_modules/ts-node/dist/bin.js');
  const script = join(repository, 'spec/bench/run.ts');
  return run(process.execPath, [tsNode, script, ...args], { cwd: repository });
}

describe('npm run bench', function () {
  this.timeout(60_000);
  this.slow(20_000);

  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'rayx-bench-'))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('runs a group and gives a table, a file of results and a chart', async () => {
    const file = join(folder, 'results.json');
    const { status, stdout, stderr } = await bench('start-up', '--quick', '--json', file);
    expect(status, stderr).to.equal(0);
    expect(stdout).to.include('import to first result');
    const results = JSON.parse(readFileSync(file, 'utf8')) as Results;
    expect(results).to.include({ quick: true });
    expect(results.versions).to.include.keys('node', 'rayx', 'piscina', 'tinybench');
    const [group] = results.groups;
    expect(group?.figures.map(({ contender }) => contender)).to.deep.equal([
      'rayx',
      'piscina',
      'tinypool',
      'workerpool',
      'poolifier',
      'worker_threads by hand',
    ]);
    for (const { median } of group?.figures ?? []) expect(median).to.be.above(0);
    expect(readdirSync(folder)).to.have.members(['results.json', 'start-up.svg']);

    const again = await bench('--from', file);
    expect(again.stdout).to.include('import to first result');
    const docs = await bench('--from', file, '--update-docs');
    expect(docs).to.include({
      status: 2,
      stderr: '--update-docs takes results of all groups in full\n',
    });
  });

  it('samples every contender in turns', async () => {
    const file = join(folder, 'results.json');
    const { status, stderr } = await bench('cpu-bound', '--quick', '--json', file);
    expect(status, stderr).to.equal(0);
    const results = JSON.parse(readFileSync(file, 'utf8')) as Results;
    for (const { rounds } of results.groups[0]?.figures ?? []) expect(rounds).to.have.length(2);
  });

  it('says what is wrong with its options', async () => {
    const { status, stderr } = await bench('nothing');
    expect(status).to.equal(2);
    expect(stderr).to.include('no such group: nothing. There are: actors, ');
  });
});
