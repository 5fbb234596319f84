import { currentClient } from '../../dist/client/current';
import { listObjects } from 'rayx';
import { takeCensus as takeProcessCensus } from '../support/leak-check';
import { collectEverywhere } from './collect';

/** What there is at one moment: by name, in bytes where the name says so. */
export type Census = Readonly<Record<string, number>>;

/**
 * By how much each may be more than before and is no leak. What is counted must be exactly as it was.
 *
 * - Heaps: code is compiled, optimized and dropped as it runs, and each round runs other mixes of it.
 *   One object of 100 bytes left by each call of the shortest run shows above this.
 * - Resident memory: the allocator keeps pages that were used, of other sizes in each round, and so
 *   does the store: 64 MB is what one round has in use at its peak, and a quarter what V8 may have
 *   grown its spaces by. What leaks here alone is memory outside all heaps and outside the store.
 */
function tolerance(name: string, before: number): number {
  if (name === 'resident bytes') return 64 * 2 ** 20 + before / 4;
  return name.endsWith('heap bytes') ? 4 * 2 ** 20 : 0;
}

/** Counts everything, after a collection on all threads. */
export async function takeCensus(numCpus: number): Promise<Census> {
  const heaps = await collectEverywhere(numCpus);
  const { problem, usage } = requireClient().ask({ type: 'validate' });
  if (problem !== undefined) throw new Error(problem);
  const { taken, buffers, ...counts } = usage;
  const { heapUsed, rss } = process.memoryUsage();
  const handles = await takeProcessCensus();
  return {
    ...counts,
    'buffer bytes': buffers,
    'stored bytes': listObjects().reduce((sum, { size }) => sum + size, 0),
    ...Object.fromEntries(Object.entries(taken).map(([name, amount]) => [`${name} taken`, amount])),
    ...handles,
    'driver heap bytes': heapUsed,
    'worker heap bytes': Math.max(...heaps.values()),
    'resident bytes': rss,
  };
}

/** As `takeCensus`, when all garbage that was there is gone: what is collected may lead to more. */
export async function takeSettledCensus(numCpus: number): Promise<Census> {
  let census = await takeCensus(numCpus);
  for (let quiet = 0; quiet < 3; quiet += 1) {
    const before = census;
    census = await takeCensus(numCpus);
    if (countOf(census) < countOf(before)) quiet = -1;
  }
  return census;
}

/** Of all that the raylet keeps. */
const countOf = ({ objects = 0, actors = 0, specs = 0, parcels = 0 }: Census): number =>
  objects + actors + specs + parcels;

/** What is more than it was and may be, in words. */
export function growth(before: Census, after: Census): string[] {
  return Object.entries(after).flatMap(([name, value]) => {
    const was = before[name] ?? 0;
    return value <= was + tolerance(name, was) ? [] : [`${name}: ${was} → ${value}`];
  });
}

/** Looks until nothing is more than it was, for at most `patience` milliseconds; answers what still is. */
export async function settledGrowth(
  before: Census,
  numCpus: number,
  patience = 20_000,
): Promise<string[]> {
  const end = performance.now() + patience;
  for (;;) {
    const grown = growth(before, await takeCensus(numCpus));
    if (grown.length === 0 || performance.now() > end) return grown;
  }
}

function requireClient(): NonNullable<ReturnType<typeof currentClient>> {
  const client = currentClient();
  if (client === undefined) throw new Error('no runtime runs');
  return client;
}
