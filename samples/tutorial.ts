/*
 * The tutorial: runs the samples 01 to 08 in one runtime of four CPUs and prints what each of them
 * prints. At the end it prints how long each took, beside what its calls would take one after
 * another:
 *
 *   chapter                    took   one after another
 *   1 Parallel functions      2.0 s               6.0 s   3.0 times as fast
 *   2 Dependencies            2.0 s               8.0 s   4.0 times as fast
 *   …
 */
import { init, shutdown } from 'rayx';
import { parallelFunctions } from './01-parallel-functions';
import { dependencies } from './02-dependencies';
import { nestedCalls } from './03-nested-calls';
import { actors } from './04-actors';
import { passingHandles } from './05-passing-handles';
import { waiting } from './06-wait';
import { putting } from './07-put';
import { reactivePipelines } from './08-reactive-pipelines';

interface Chapter {
  readonly title: string;
  readonly run: () => Promise<void>;
  /** Seconds its calls would take one after another. */
  readonly oneAfterAnother: number;
}

const chapters: readonly Chapter[] = [
  { title: '1 Parallel functions', run: parallelFunctions, oneAfterAnother: 6 },
  { title: '2 Dependencies', run: dependencies, oneAfterAnother: 8 },
  { title: '3 Nested calls', run: nestedCalls, oneAfterAnother: 9 },
  { title: '4 Actors', run: actors, oneAfterAnother: 6 },
  { title: '5 Passing handles', run: passingHandles, oneAfterAnother: 6 },
  { title: '6 Wait', run: waiting, oneAfterAnother: 10 },
  { title: '7 Put', run: putting, oneAfterAnother: 4 },
  { title: '8 Reactive pipelines', run: reactivePipelines, oneAfterAnother: 10.5 },
];

async function tutorial(): Promise<void> {
  await init({ numCpus: 4 });

  const table = [row('chapter', 'took', 'one after another')];
  for (const { title, run, oneAfterAnother } of chapters) {
    console.log(`\n--- ${title} ---\n`);
    const start = performance.now();
    await run();
    const took = (performance.now() - start) / 1000;
    const factor = `${(oneAfterAnother / took).toFixed(1)} times as fast`;
    table.push(row(title, seconds(took), seconds(oneAfterAnother), factor));
  }
  console.log(`\n${table.join('\n')}`);

  await shutdown();
}

function row(title: string, took: string, oneAfterAnother: string, factor = ''): string {
  const numbers = took.padStart(7) + oneAfterAnother.padStart(20);
  return `${title.padEnd(24)}${numbers}   ${factor}`.trimEnd();
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}

void tutorial();
