import { fork } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { runCommand, UsageError } from '../support/command';
import { repository } from '../support/source-tree';
import { build } from './build';
import type { GroupMessage, Job, Row } from './harness/messages';
import { rayVersion } from './harness/ray';
import { parseOptions, usage, type BenchOptions } from './options';
import { chart } from './report/chart';
import { updatePage } from './report/docs';
import {
  describeMachine,
  groupResults,
  thisMachine,
  versionsHere,
  type GroupResults,
  type Results,
} from './report/results';
import { settingsOf, textTable } from './report/table';

// npm run bench: runs the groups, each in a process of its own, and shows and writes their figures.

const known = readdirSync(join(__dirname, 'groups')).map((file) => basename(file, '.ts'));

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), known);
  if (options.help) return void process.stdout.write(usage(known));
  const results = options.from === undefined ? await runAll(options) : show(options.from);
  if (options.from === undefined) writeResults(options.json ?? defaultFile(results), results);
  if (options.updateDocs) updateDocs(results);
}

async function runAll(options: BenchOptions): Promise<Results> {
  const ray = options.ray ? rayVersion() : undefined;
  if (options.ray && ray === undefined) {
    console.log('Ray is not here: python3 cannot import it. Running without it.');
  }
  const started = {
    date: new Date().toISOString(),
    machine: thisMachine(),
    versions: versionsHere(ray),
    quick: options.quick,
  };
  console.log(describeMachine({ ...started, groups: [] }));
  if (options.quick) console.log('A quick run: its figures mean nothing.');
  const child = build();
  const groups: GroupResults[] = [];
  for (const group of options.groups) {
    const job: Job = { group, quick: options.quick, ray: ray !== undefined };
    const results = await runGroup(child, job);
    groups.push(results);
    showGroup(results);
  }
  return { ...started, groups };
}

function runGroup(file: string, job: Job): Promise<GroupResults> {
  const child = fork(file, [JSON.stringify(job)], { execArgv: ['--expose-gc'] });
  const rows: Row[] = [];
  let title = '';
  child.on('message', (message: GroupMessage) => {
    if (message.type === 'title') title = message.title;
    else if (message.type === 'row') rows.push(message.row);
    else process.stderr.write(`${job.group}: ${message.name} …\n`);
  });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => {
      if (code === 0) resolve(groupResults(job.group, title, rows));
      else reject(new Error(`${job.group} ended with ${code}`));
    });
  });
}

function read(file: string): Results {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Results;
  } catch (error) {
    throw new UsageError(`--from takes a file of results: ${(error as Error).message}`);
  }
}

function show(file: string): Results {
  const results = read(file);
  console.log(`${results.date}, ${describeMachine(results)}`);
  for (const group of results.groups) showGroup(group);
  return results;
}

function showGroup({ title, figures }: GroupResults): void {
  console.log(`\n${title}\n\n${textTable(figures)}\n`);
  for (const line of settingsOf(figures)) console.log(line);
}

const isFull = ({ quick, groups }: Results): boolean => !quick && groups.length === known.length;

function defaultFile(results: Results): string {
  return join(repository, 'bench-results', isFull(results) ? 'full.json' : 'last.json');
}

function writeResults(file: string, results: Results): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  writeCharts(dirname(file), results);
  console.log(`\nWritten: ${file}, and a chart of each group beside it`);
}

function writeCharts(folder: string, results: Results): void {
  const subtitle = `${results.date.slice(0, 10)}, ${describeMachine(results)}`;
  for (const { name, title, figures } of results.groups) {
    writeFileSync(join(folder, `${name}.svg`), chart(title, subtitle, figures));
  }
}

function updateDocs(results: Results): void {
  if (!isFull(results)) throw new UsageError('--update-docs takes results of all groups in full');
  const page = join(repository, 'docs/performance.md');
  const charts = join(repository, 'docs/performance');
  mkdirSync(charts, { recursive: true });
  writeCharts(charts, results);
  writeFileSync(page, updatePage(readFileSync(page, 'utf8'), results));
  console.log('docs/performance.md is up to date');
}

runCommand(main);
