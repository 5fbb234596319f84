/*
 * What the figures are compared with: what Ray has on record, and what is to be reached on a machine
 * of two cores.
 *
 * Sources of the records: Ray's release/perf_metrics/microbenchmark.json at 08444c4c, version 2.48.0
 * (AWS m5.16xlarge, 64 vCPU), and scalability/single_node.json at 06525559, version 2.37.0
 * (m4.16xlarge). Ray runs a process per worker, there on 64 vCPU: its record stands beside the
 * figures for orientation and is no contender.
 */

export interface Target {
  /** In the unit of the case. */
  readonly record?: number;
  readonly goals?: readonly Goal[];
}

/** `aim` is what would be better still. */
export type Goal =
  | { readonly atLeast: number; readonly aim?: number }
  | { readonly atMost: number }
  | { readonly timesBest: number; readonly aim?: number }
  | { readonly times: number; readonly of: string };

/** By the names of the cases. */
export const targets: Readonly<Record<string, Target>> = {
  'single client tasks sync': { record: 981, goals: [{ atLeast: 5000, aim: 8000 }] },
  'single client tasks async': { record: 8041, goals: [{ atLeast: 60_000 }] },
  'single client tasks and get batch': { record: 5.8 },
  'multi client tasks async': { record: 21_230 },

  '1:1 actor calls sync': { record: 2012, goals: [{ atLeast: 5000, aim: 8000 }] },
  '1:1 actor calls async': { record: 8664, goals: [{ atLeast: 100_000 }] },
  '1:1 actor calls concurrent': { record: 5775 },
  '1:n actor calls async': { record: 8038 },
  'n:n actor calls async': { record: 27_376, goals: [{ atLeast: 100_000 }] },
  'n:n actor calls with arg async': { record: 2759 },
  '1:1 async-actor calls sync': { record: 1460 },
  '1:1 async-actor calls async': { record: 4260 },
  '1:1 async-actor calls with args async': { record: 2836 },
  '1:n async-actor calls async': { record: 7383 },
  'n:n async-actor calls async': { record: 23_675 },

  '10,000 actors on shared threads': { goals: [{ atLeast: 5000 }] },

  'single client get calls': { record: 10_620, goals: [{ atLeast: 300_000 }] },
  'single client put calls': { record: 5173, goals: [{ atLeast: 200_000 }] },
  'multi client put calls': { record: 16_526 },
  'single client get object containing 10k refs': { record: 13.4, goals: [{ atLeast: 50 }] },
  'single client wait 1k refs': { record: 5.08, goals: [{ atLeast: 20, aim: 50 }] },
  'single client put gigabytes': { record: 19.86, goals: [{ times: 0.9, of: 'source.slice()' }] },
  'put into recycled memory': { goals: [{ times: 0.7, of: 'warm.set(source)' }] },
  'multi client put gigabytes': { record: 38.1 },
  // At most 1.2 times as long.
  'task reading a 100 MB ref': { goals: [{ times: 1 / 1.2, of: 'the same on 1 KB' }] },

  '10,000 arguments to a task': { goals: [{ atMost: 0.3 }] },
  '10,000 lists as arguments to a task': { record: 17.2 },
  '3,000 returns': { goals: [{ atMost: 0.3 }] },
  '3,000 lists as returns': { record: 5.7 },
  'get of 10,000 objects': { goals: [{ atMost: 0.3 }] },
  'get of 10,000 lists and 10,000 arrays': { record: 23.5 },
  '1,000,000 queued tasks': { record: 184, goals: [{ atMost: 20 }] },
  '1,000,000 queued tasks, peak memory': { goals: [{ atMost: 2500 }] },

  'pools: 1,000 calls at once': { goals: [{ timesBest: 1.2, aim: 1.5 }] },
  '10 ms CPU-bound tasks on 2 cores': { goals: [{ times: 0.95, of: '2 × one core' }] },
  'import to first result': { goals: [{ atMost: 150 }] },
  'memory of an idle runtime with 2 workers': { goals: [{ atMost: 70 }] },
};
