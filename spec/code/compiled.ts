import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
const esbuild = join(root, 'node_modules/esbuild/bin/esbuild');

/** Runs esbuild as a program: its library would leave a thread behind. */
export function runEsbuild(args: readonly string[]): void {
  execFileSync(esbuild, [...args, '--log-level=warning'], { cwd: root });
}

/**
 * The library in JavaScript, as processes that a spec starts can load it without a compiler. It
 * lies among the packages, as it does with users.
 */
export class CompiledLibrary {
  readonly folder: string;

  constructor() {
    const cache = join(root, 'node_modules/.cache');
    mkdirSync(cache, { recursive: true });
    this.folder = mkdtempSync(join(cache, 'rayx-spec-'));
    const library = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join('lib', file));
    const options = ['--format=cjs', '--platform=node', '--target=node20', '--outbase=.'];
    runEsbuild([...library, 'spec/code/support.ts', ...options, `--outdir=${this.folder}`]);
  }

  get support(): string {
    return join(this.folder, 'spec/code/support.js');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
