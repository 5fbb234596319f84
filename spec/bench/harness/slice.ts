import { Bench } from 'tinybench';

/** Work to be sampled. */
export interface Work {
  /** What one `run` counts for, in the unit of the case. */
  readonly amount: number;
  /** Does the work once and throws if its result is wrong. */
  run(): Promise<void>;
}

/** Samples the work for so many milliseconds; answers with units per second. */
export async function slice({ amount, run }: Work, ms: number): Promise<number> {
  globalThis.gc?.(); // what the contender before has left is not charged to this one
  const bench = new Bench({ time: ms, iterations: 1, warmup: false, throws: true });
  bench.add('work', run, { async: true });
  const [task] = await bench.run();
  if (task?.result.state !== 'completed')
    throw new Error(`sampling ended as ${task?.result.state}`);
  return (amount * 1000) / task.result.latency.mean;
}
