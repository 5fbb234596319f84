/*
 * The tutorial: runs the samples 01 to 08 one after another in one runtime of four CPUs and prints,
 * beside what each of them prints, how long it took and how long its calls would take one after
 * another. It ends with a table of both:
 *
 *   chapter                 took   one after another
 *   1 Parallel functions    2.1 s    6.0 s   2.9 times as fast
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
  { title: '3 Nested calls', run: nestedCalls, oneAfterAnother: 5 },
  { title: '4 Actors', run: actors, oneAfterAnother: 6 },
  { title: '5 Passing handles', run: passingHandles, oneAfterAnother: 6 },
  { title: '6 Wait', run: waiting, oneAfterAnother: 10 },
  { title: '7 Put', run: putting, oneAfterAnother: 4 },
  { title: '8 Reactive pipelines', run: reactivePipelines, oneAfterAnother: 10.5 },
];

async function tutorial(): Promise<void> {
  await init({ numCpus: 4 });

  const table: string[] = [];
  for (const { title, run, oneAfterAnother } of chapters) {
    console.log(`\n--- ${title} ---\n`);
    const start = performance.now();
    await run();
    const took = (performance.now() - start) / 1000;
    table.push(row(title, took, oneAfterAnother));
  }

  console.log('\nchapter                   took   one after another\n');
  for (const line of table) console.log(line);
  await shutdown();
}

function row(title: string, took: number, oneAfterAnother: number): string {
  const factor = (oneAfterAnother / took).toFixed(1);
  return `${title.padEnd(22)} ${seconds(took)}   ${seconds(oneAfterAnother)}   ${factor} times as fast`;
}

function seconds(value: number): string {
  return `${value.toFixed(1).padStart(5)} s`;
}

void tutorial();
