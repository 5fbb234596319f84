import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';
import { buildSync } from 'esbuild';
import type { ModuleReference, ModuleTexts } from '../../../lib/code/modules/types';

/** The loader without types. Built before the first spec, as esbuild keeps a thread of its own. */
const javaScript = buildSync({
  entryPoints: [join(__dirname, '../../../lib/code/modules/module-loader.ts')],
  bundle: true,
  platform: 'node',
  format: 'cjs',
  write: false,
})
  .outputFiles.map((file) => file.text)
  .join('');

/** What a worker told of a load. */
export interface Loaded {
  /** What `look` made of the value. */
  readonly value?: unknown;
  readonly needsAsync?: boolean;
  readonly error?: {
    readonly name: string;
    readonly message: string;
    readonly stack: string;
    readonly cause?: string;
  };
  /** Files that `require` has loaded there. */
  readonly required: readonly string[];
}

/** Asks the loader of a thread that has no compiler; the thread runs the loader as JavaScript. */
export class LoaderWorker {
  readonly #folder = mkdtempSync(join(tmpdir(), 'rayx-spec-'));
  readonly #worker: Worker;
  readonly #stderr: Promise<string>;

  constructor() {
    const bundle = join(this.#folder, 'loader.cjs');
    writeFileSync(bundle, javaScript);
    const main = join(this.#folder, 'main.cjs');
    writeFileSync(main, `(${program.toString()})(require(${JSON.stringify(bundle)}))`);
    this.#worker = new Worker(main, { execArgv: [], env: {}, stderr: true });
    this.#stderr = text(this.#worker.stderr);
  }

  /** Loads there; `look` runs there with the value, and what it gives comes back. */
  load(
    reference: ModuleReference,
    look: (value: never) => unknown = (value: unknown) => value,
    texts: ModuleTexts = {},
  ): Promise<Loaded> {
    return new Promise((resolve, reject) => {
      this.#worker.once('error', reject);
      this.#worker.once('message', (answer: Loaded) => {
        this.#worker.off('error', reject);
        resolve(answer);
      });
      this.#worker.postMessage({ reference, look: look.toString(), texts });
    });
  }

  /** Ends the thread and gives what it printed as errors and warnings. */
  async end(): Promise<string> {
    await this.#worker.terminate();
    rmSync(this.#folder, { recursive: true });
    return this.#stderr;
  }
}

/** Runs in the worker, sent as text. */
function program(room: typeof import('../../../lib/code/modules/module-loader')): void {
  const threads = require('node:worker_threads') as typeof import('node:worker_threads');
  const loader = room.createModuleLoader({ self: () => ({ answer: 42 }), driver: false });

  threads.parentPort?.on('message', (message: Parameters<typeof answer>[0]) => {
    void answer(message).then((result) => threads.parentPort?.postMessage(result));
  });

  async function answer(message: { reference: ModuleReference; look: string; texts: ModuleTexts }) {
    const told: Record<string, unknown> = {};
    try {
      loader.addTexts(message.texts);
      told['needsAsync'] = loader.needsAsync(message.reference);
      if (told['needsAsync']) await loader.loadAsync(message.reference);
      const look = (0, eval)(`(${message.look})`) as (value: unknown) => unknown;
      told['value'] = await look(loader.load(message.reference));
    } catch (thrown) {
      const error = thrown as Error;
      const { name, message: text, stack } = error;
      told['error'] = { name, message: text, stack, cause: String(error.cause) };
    }
    return { ...told, required: Object.keys(require.cache) };
  }
}
