import { workers, type SampledContender, type WholeContender } from '../harness/case';
import { slice, type Work } from '../harness/slice';

const settings = { numCpus: workers };

/** The library as a contender; `prepare` makes the work ready in a running runtime. */
export function rayx(prepare: (size: number) => Work | Promise<Work>): SampledContender {
  return {
    name: 'rayx',
    settings,
    async start(size) {
      await startRayx();
      const work = await prepare(size);
      return (ms) => slice(work, ms);
    },
  };
}

/** The library in a whole case: `run` finds the runtime running and its workers ready. */
export function wholeRayx(run: (size: number) => Promise<number>): WholeContender {
  return {
    name: 'rayx',
    settings,
    async run(size) {
      await startRayx();
      return run(size);
    },
  };
}

/** Loads the library, starts its runtime and waits for its workers. */
async function startRayx(): Promise<void> {
  const { init } = require('rayx') as typeof import('rayx');
  // Contenders of one case may share a runtime.
  await init({ ...settings, ignoreReinitError: true });
}

/** Throws unless a result is what it must be. */
export function check(correct: boolean): void {
  if (!correct) throw new Error('a wrong result');
}

/** Lets the event loop turn, as it does in a program that does more than one thing. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
