import { buildSync } from 'esbuild';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readSourceTree, repository } from '../support/source-tree';

/**
 * Compiles the benchmarks, so that what is timed is plain JavaScript as users run it; answers with
 * the file that the processes of the suite start with. The folder goes with the process.
 */
export function build(): string {
  // Within the repository, so that packages are found, rayx itself among them.
  const results = join(repository, 'bench-results');
  mkdirSync(results, { recursive: true });
  const outdir = mkdtempSync(join(results, 'build-'));
  process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
  const sources = [...readSourceTree('spec/bench').keys()];
  buildSync({
    absWorkingDir: join(repository, 'spec/bench'),
    entryPoints: sources.filter((file) => /^(harness|groups|contenders)\//.test(file)),
    outdir,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
  });
  return join(outdir, 'harness/child.js');
}
