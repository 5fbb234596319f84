import { init, shutdown } from 'rayx';
import { argument } from '../support/argument';
import { runCommand } from '../support/command';
import { Chaos } from './chaos';

/*
 * npm run chaos -- --seconds N [--seed S]: rounds of chaos, each from a seed of its own that is printed
 * first, so that a failure can be looked at again.
 */

const CALLS = 300;

async function main(): Promise<void> {
  const seconds = argument('seconds', 60);
  const first = argument('seed', 1);
  await init({ numCpus: 2, logToDriver: false, onUnhandledError: () => {} });
  const end = performance.now() + seconds * 1000;
  for (let seed = first; performance.now() < end; seed += 1) {
    const chaos = new Chaos(seed);
    process.stdout.write(`seed ${seed}: `);
    await chaos.round(CALLS);
    const { calls, values, errors } = chaos.tally;
    const failures = [...errors].map(([name, count]) => `${count} ${name}`).join(', ');
    console.log(`${calls} calls, ${values} values, ${failures || 'no errors'}`);
  }
  await shutdown();
}

runCommand(main);
