import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { repository } from '../../support/source-tree';
import type { Row } from '../harness/messages';
import { figuresOf, type Figure } from './figures';

/** What the JSON file of a run holds. */
export interface Results {
  readonly date: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  /** Whether it was a trial, whose figures mean nothing. */
  readonly quick: boolean;
  readonly groups: readonly GroupResults[];
}

export interface GroupResults {
  readonly name: string;
  readonly title: string;
  readonly figures: readonly Figure[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
}

export function groupResults(name: string, title: string, rows: readonly Row[]): GroupResults {
  return { name, title, figures: figuresOf(rows) };
}

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
  };
}

export const packages = ['tinybench', 'piscina', 'tinypool', 'workerpool', 'poolifier'];

/** Versions of all that has a part in the figures. */
export function versionsHere(ray?: string): Record<string, string> {
  return {
    node: process.versions.node,
    rayx: versionAt('package.json'),
    ...Object.fromEntries(
      packages.map((name) => [name, versionAt(`node_modules/${name}/package.json`)]),
    ),
    ...(ray !== undefined && { ray }),
  };
}

function versionAt(path: string): string {
  return (JSON.parse(readFileSync(join(repository, path), 'utf8')) as { version: string }).version;
}

/** `2 cores of Intel(R) Xeon(R), 23 GB, Linux 6.1, Node 20.20.2` */
export function describeMachine({ machine, versions }: Results): string {
  const { cpu, cores, memoryGb, system } = machine;
  return `${cores} cores of ${cpu}, ${memoryGb} GB, ${system}, Node ${versions['node']}`;
}
