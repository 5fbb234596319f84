import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { repository } from '../support/source-tree';
import { npm, run, type Outcome } from './command';

/** Tools of a user's project, in the versions that this repository has. */
const tools = ['@types/node', 'ts-node', 'tsx', 'typescript'];

/** A user's project in a folder of its own, with the packed rayx installed. */
export class ConsumerProject {
  private constructor(private readonly folder: string) {}

  /** Packs rayx as built and installs it, with the tools and the fixtures, outside the checkout. */
  static async create(): Promise<ConsumerProject> {
    const folder = await mkdtemp(join(tmpdir(), 'rayx-consumer-'));
    const project = new ConsumerProject(folder);
    try {
      await project.install();
    } catch (error) {
      await project.remove();
      throw error;
    }
    return project;
  }

  /** Runs a script in the project's folder under a Node, by default the one at hand. */
  node(args: readonly string[], node = process.execPath): Promise<Outcome> {
    return run(node, args, { cwd: this.folder });
  }

  /** Bundles `input` into `output` for Node, in the format that the output's extension says. */
  async bundle(input: string, output: string, options: BuildOptions): Promise<void> {
    await build({
      absWorkingDir: this.folder,
      entryPoints: [input],
      outfile: output,
      bundle: true,
      platform: 'node',
      format: output.endsWith('.mjs') ? 'esm' : 'cjs',
      logLevel: 'silent',
      ...options,
    });
  }

  /** Removes the folder. */
  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  private async install(): Promise<void> {
    // As built: packing must not build again, other specs may be reading dist/.
    const packed = await npm(
      'pack rayx',
      ['pack', '--json', '--ignore-scripts', '--pack-destination', this.folder],
      { cwd: repository },
    );
    const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
    const manifest = { name: 'consumer', version: '1.0.0', private: true };
    await writeFile(join(this.folder, 'package.json'), JSON.stringify(manifest));
    const packages = ['ms@2', '@types/ms@2', ...(await Promise.all(tools.map(versioned)))];
    const quiet = ['--prefer-offline', '--no-audit', '--no-fund'];
    await npm('install the packed rayx', ['install', ...quiet, `./${filename}`, ...packages], {
      cwd: this.folder,
    });
    await cp(join(__dirname, 'fixtures'), this.folder, { recursive: true });
  }
}

async function versioned(name: string): Promise<string> {
  const manifest = join(repository, 'node_modules', name, 'package.json');
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  return `${name}@${version}`;
}
