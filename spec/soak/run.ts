import { init, shutdown } from 'rayx';
import { argument } from '../support/argument';
import { runCommand } from '../support/command';
import { settledGrowth, takeCensus, takeSettledCensus, type Census } from './census';
import { Soak } from './soak';

/*
 * npm run soak -- --minutes N [--seed S]: all sorts of work for so long, and then the question what
 * is left of it. Ends with exit code 1 and says what has grown where something has.
 */

const numCpus = 2;
/** Rounds until all code there is has run, hot, and the pools of threads and memory are filled. */
const WARM_UP = 40;
/** Milliseconds between two lines. */
const PACE = 15_000;

async function main(): Promise<void> {
  const minutes = argument('minutes', 5);
  const seed = argument('seed', Math.floor(Math.random() * 2 ** 31) + 1);
  console.log(`${minutes} minutes, --seed ${seed}`);
  await init({ numCpus, idleTimeout: 1000, logToDriver: false, onUnhandledError: () => {} });
  const soak = new Soak(seed);
  await soak.warmUp();
  while (soak.rounds < WARM_UP) await soak.round();
  const before = await takeSettledCensus(numCpus);
  print(soak, before);
  const end = performance.now() + minutes * 60_000;
  for (let next = performance.now() + PACE; performance.now() < end;) {
    await soak.round();
    if (performance.now() < next) continue;
    print(soak, await takeCensus(numCpus));
    next = performance.now() + PACE;
  }
  const grown = await settledGrowth(before, numCpus);
  print(soak, await takeCensus(numCpus));
  await shutdown();
  if (grown.length === 0) return console.log('nothing has grown');
  console.log(`grown since round ${WARM_UP}:\n  ${grown.join('\n  ')}`);
  process.exitCode = 1;
}

function print({ rounds }: Soak, census: Census): void {
  const parts = Object.entries(census)
    .filter(([, value]) => value > 0)
    .map(([name, value]) =>
      name.endsWith(' bytes')
        ? `${name.slice(0, -' bytes'.length)} ${(value / 2 ** 20).toFixed(1)} MB`
        : `${value} ${name}`,
    );
  console.log(`round ${rounds}: ${parts.join(', ')}`);
}

runCommand(main);
