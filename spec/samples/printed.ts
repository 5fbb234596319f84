import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../consumers/command';
import { repository } from '../support/source-tree';

/** What a sample printed: its text with each time replaced by `…`, and the times themselves. */
export interface Printed {
  readonly text: string;
  /** Seconds, by what was timed: `{ 'two busy seconds': 1.01 }`. */
  readonly seconds: Readonly<Record<string, number>>;
}

const timed = /^(.*): ([\d.]+)(ms|s)$/;

/** Takes the times of `console.timeEnd` out of what was printed. */
export function withoutTimes(output: string): Printed {
  const seconds: Record<string, number> = {};
  const lines = output
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, what, time, unit] = timed.exec(line) ?? [];
      if (what === undefined) return line;
      seconds[what] = Number(time) / (unit === 'ms' ? 1000 : 1);
      return `${what}: …`;
    });
  return { text: lines.join('\n'), seconds };
}

/** What the comment at a sample's head says that it prints. */
export function promised(name: string): Printed {
  const source = readFileSync(join(repository, 'samples', `${name}.ts`), 'utf8');
  const [, short, long] = /^\/\*.*? Prints:(?: (.+?)\n| *\n \*\n(.*?))\s\*\/\n/s.exec(source) ?? [];
  if (short === undefined && long === undefined) {
    throw new Error(`samples/${name}.ts does not begin with a comment that says what it prints`);
  }
  return withoutTimes(short ?? (long ?? '').replace(/^ \*(?: {3})?/gm, ''));
}

/** Runs a sample as a user does, in a process of its own, to its end. */
export async function perform(name: string): Promise<string> {
  const tsNode = require.resolve('ts-node/dist/bin.js');
  const sample = join('samples', `${name}.ts`);
  const { status, stdout, stderr } = await run(process.execPath, [tsNode, sample], {
    cwd: repository,
  });
  if (status !== 0 || stderr !== '') {
    throw new Error(`${sample} ended with ${status}:\n${stdout}\n${stderr}`);
  }
  return stdout;
}
