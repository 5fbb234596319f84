import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { npm } from './command';

/** Where fetched Nodes are kept: about 200 MB each, so not in the checkout. Delete it to get newer ones. */
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'rayx', 'node');

/**
 * The path of a Node of another line (`22`, `latest`), fetched as an npm package if it is not here yet.
 * Several processes may ask at the same time.
 */
export async function nodeOfLine(line: string): Promise<string> {
  const home = join(cache, line);
  if (!existsSync(binaryIn(home))) await fetchInto(home, line);
  return binaryIn(home);
}

/** The npm package `node` itself only installs this one, by a script; npm may be set up to run none. */
function packageName(): string {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  return `node-${platform}-${process.arch}`;
}

function binaryIn(home: string): string {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  return join(home, 'node_modules', packageName(), 'bin', name);
}

async function fetchInto(home: string, line: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const own = await mkdtemp(join(cache, `.${line}-`));
  try {
    const wanted = `${packageName()}@${line}`;
    await npm(
      `fetch Node ${line}`,
      ['install', '--no-audit', '--no-fund', '--prefix', own, wanted],
      {
        cwd: own,
      },
    );
    await rename(own, home);
  } catch (error) {
    // Somebody else was faster: theirs is as good.
    if (!existsSync(binaryIn(home))) throw error;
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}
