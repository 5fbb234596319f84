import { buildSync } from 'esbuild';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readSourceTree, repository } from '../support/source-tree';

/**
 * Compiles the benchmarks, so that what is timed is plain JavaScript as users run it; answers with
 * the file that the processes of the suite start with.
 */
export function build(): string {
  const outdir = join(repository, 'bench-results/build');
  rmSync(outdir, { recursive: true, force: true });
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
