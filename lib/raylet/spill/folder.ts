import { readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeId } from '../../base/ids';

const PREFIX = 'rayx_session';
/** Containers may share the folder of the system, but neither host name nor process ids. */
const host = (): string => hostname().replace(/[^a-z0-9.]/gi, '_');

/** Where a raylet keeps what it writes to disk: in the folder for temporary files, which `TMPDIR` names. */
export const sessionFolder = (node: NodeId): string =>
  join(tmpdir(), [PREFIX, host(), process.pid, node].join('-'));

/** Removes what sessions of this machine left behind whose process was killed. */
export async function removeStaleFolders(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  const stale = names.filter((name) => {
    const [prefix, machine, pid, ...rest] = name.split('-');
    return prefix === PREFIX && machine === host() && rest.length > 0 && !isAlive(Number(pid));
  });
  const options = { recursive: true, force: true };
  // Whoever else is at it, or owns it, may be left to it.
  await Promise.allSettled(stale.map((name) => rm(join(tmpdir(), name), options)));
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid)) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It may be somebody else's.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
