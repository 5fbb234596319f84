import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run, type Outcome } from '../consumers/command';
import { repository } from '../support/source-tree';

/** A script's outcome, and how long it ran. */
export interface ScriptOutcome extends Outcome {
  /** Milliseconds from its start to its end. */
  readonly took: number;
}

/** A folder of its own with rayx installed, to run whole scripts in. */
export class ScriptFolder {
  readonly #root = mkdtempSync(join(tmpdir(), 'rayx-script-'));

  constructor() {
    mkdirSync(join(this.#root, 'node_modules'));
    symlinkSync(repository, join(this.#root, 'node_modules', 'rayx'), 'junction');
  }

  /** Writes a file for scripts to import; answers its full path. */
  write(path: string, text: string): string {
    const file = join(this.#root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  /** Writes a script and runs it to its end. `name` ends in `.mjs` for an ES module. */
  async run(
    text: string,
    name = 'script.cjs',
    env: NodeJS.ProcessEnv = {},
  ): Promise<ScriptOutcome> {
    const file = this.write(name, text);
    const start = performance.now();
    const options = { cwd: this.#root, timeout: 20_000, env };
    const outcome = await run(process.execPath, [file], options);
    return { ...outcome, took: performance.now() - start };
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}
