import { join } from 'node:path';
import { workers, type SampledContender, type Settings } from '../harness/case';
import { slice, type Work } from '../harness/slice';
import type * as work from './work';

/*
 * The thread pools, and the library as one of them. Packages are loaded where they are used, since
 * some cases time that.
 *
 * Settings are what was fastest for the load when this was written, within what a program would do:
 * two threads that stay, nothing measured or kept that is optional.
 */

/** What a pool has to do: one short call at a time, many at once, calls that compute, large arguments. */
export type Load = 'one by one' | 'many' | 'computing' | 'large';

export interface Pool {
  run(name: keyof typeof work, argument: unknown): Promise<unknown>;
  /** Many calls at once, in whatever way the pool has for that. */
  runAll(name: keyof typeof work, list: readonly unknown[]): Promise<unknown[]>;
}

export interface PoolKind {
  readonly name: string;
  readonly yardstick?: true;
  settings(load: Load): Settings;
  start(settings: Settings): Pool;
}

export const pools: readonly PoolKind[] = [
  {
    name: 'rayx',
    settings: () => ({ numCpus: workers }),
    start(settings) {
      const { get, init, remote } = require('rayx') as typeof import('rayx');
      void init(settings);
      const { echo, ends, burn } = require('./work') as typeof work;
      const functions = {
        echo: remote(echo),
        ends: remote(ends),
        burn: remote(burn),
      } as unknown as Record<string, { remote(argument: unknown): never }>;
      const call = (name: string, argument: unknown) => functions[name]?.remote(argument) as never;
      return {
        run: (name, argument) => get(call(name, argument)),
        runAll: (name, list) => get(list.map((argument) => call(name, argument))),
      };
    },
  },
  {
    name: 'piscina',
    settings: (load) => ({
      minThreads: workers,
      maxThreads: workers,
      idleTimeout: 1e6,
      concurrentTasksPerWorker: load === 'many' ? 16 : 1,
      atomics: 'sync',
      recordTiming: false,
      taskQueue: 'FixedQueue',
    }),
    start(settings) {
      const { FixedQueue, Piscina } = require('piscina') as typeof import('piscina');
      const filename = join(__dirname, 'work.js');
      const pool = new Piscina({ ...settings, filename, taskQueue: new FixedQueue() });
      return each((name, argument) => pool.run(argument, { name }));
    },
  },
  {
    name: 'tinypool',
    settings: (load) => ({
      minThreads: workers,
      maxThreads: workers,
      idleTimeout: 1e6,
      concurrentTasksPerWorker: load === 'many' ? 16 : 1,
      useAtomics: true,
    }),
    start(settings) {
      const { Tinypool } = require('tinypool') as typeof import('tinypool');
      const pool = new Tinypool({ ...settings, filename: join(__dirname, 'work.js') });
      return each((name, argument) => pool.run(argument, { name }));
    },
  },
  {
    name: 'workerpool',
    settings: () => ({ minWorkers: workers, maxWorkers: workers, workerType: 'thread' }),
    start(settings) {
      const { pool: start } = require('workerpool') as typeof import('workerpool');
      const pool = start(join(__dirname, 'workers/workerpool.js'), settings);
      return each(async (name, argument) => (await pool.exec(name, [argument])) as unknown);
    },
  },
  {
    name: 'poolifier',
    settings: (load) => ({
      pool: 'FixedThreadPool',
      workers,
      enableEvents: false,
      ...(load === 'computing'
        ? { workerChoiceStrategy: 'LEAST_USED', enableTasksQueue: true }
        : { workerChoiceStrategy: 'ROUND_ROBIN', enableTasksQueue: false }),
    }),
    start(settings) {
      const { FixedThreadPool } = require('poolifier') as typeof import('poolifier');
      const pool = new FixedThreadPool(workers, join(__dirname, 'workers/poolifier.js'), settings);
      return each((name, argument) => pool.execute(argument, name));
    },
  },
  {
    name: 'worker_threads by hand',
    yardstick: true,
    settings: () => ({ workers, messages: 'one per call, to the workers in turns' }),
    start() {
      const { RawWorkers } = require('./raw') as typeof import('./raw');
      const raw = new RawWorkers(workers);
      return each((name, argument) => raw.run(name, argument));
    },
  },
];

/** A pool that takes many calls one by one. */
function each(run: Pool['run']): Pool {
  return { run, runAll: (name, list) => Promise.all(list.map((item) => run(name, item))) };
}

/** All pools as contenders, each with its settings for the load. */
export function poolContenders(
  load: Load,
  prepare: (pool: Pool, size: number) => Work,
): SampledContender[] {
  return pools.map((kind) => ({
    name: kind.name,
    ...(kind.yardstick && { yardstick: true }),
    settings: kind.settings(load),
    async start(size) {
      const pool = kind.start(kind.settings(load));
      const work = prepare(pool, size);
      return (ms) => slice(work, ms);
    },
  }));
}
