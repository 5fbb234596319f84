/*
 * A Monte Carlo simulation, and how much faster it is on more CPUs: the same work on 1, 2, 4, … CPUs,
 * up to all there are, and a plot of the speed-up.
 *
 * How likely does water find a way through rock? The rock is a grid of cells, each of them open with
 * the same probability; the water comes in at the top and goes from open cell to open cell. Many grids
 * tell how often it reaches the bottom. The rows are those of a machine with two CPUs. Prints:
 *
 *   55 % open: water comes through 4 % of 2000 grids
 *   59 % open: water comes through 47 % of 2000 grids
 *   63 % open: water comes through 96 % of 2000 grids
 *   the same on any number of CPUs: true
 *   1 CPU    1.17 s   1.00 times as fast
 *   2 CPUs   0.60 s   1.95 times as fast
 *   plotted in samples/output/speed-up.svg
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { get, init, remote, shutdown } from 'rayx';

// #region trial
const SIZE = 64;

/** Whether water comes through one grid; the same grid for the same seed. */
function comesThrough(seed: number, open: number): boolean {
  let state = Math.imul(seed, 0x9e3779b1);
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const cells = Uint8Array.from({ length: SIZE * SIZE }, () => (random() < open ? 1 : 0));

  const wet: number[] = [];
  const enter = (cell: number) => {
    if (cells[cell] !== 1) return;
    cells[cell] = 0; // once is enough
    wet.push(cell);
  };
  for (let column = 0; column < SIZE; column += 1) enter(column);
  for (let cell = wet.pop(); cell !== undefined; cell = wet.pop()) {
    if (cell >= SIZE * (SIZE - 1)) return true;
    enter(cell + SIZE);
    enter(cell - SIZE);
    if (cell % SIZE > 0) enter(cell - 1);
    if (cell % SIZE < SIZE - 1) enter(cell + 1);
  }
  return false;
}
// #endregion

const GRIDS = 2000;
const BATCH = 20;

// #region batch
/** A trial takes a fraction of a millisecond, so a task makes some of them. */
const countThrough = remote((from: number, to: number, open: number) => {
  let count = 0;
  for (let seed = from; seed < to; seed += 1) if (comesThrough(seed, open)) count += 1;
  return count;
});

async function percentThrough(open: number): Promise<number> {
  const starts = Array.from({ length: GRIDS / BATCH }, (_, n) => n * BATCH);
  const counts = await get(starts.map((from) => countThrough.remote(from, from + BATCH, open)));
  return (100 * counts.reduce((sum, count) => sum + count, 0)) / GRIDS;
}
// #endregion

// #region measure
interface Run {
  readonly cpus: number;
  readonly seconds: number;
  readonly percents: readonly number[];
}

const PERCENT_OPEN = [55, 59, 63];

async function runOn(cpus: number): Promise<Run> {
  await init({ numCpus: cpus });
  await percentThrough(0.5); // the workers learn the code, the engine compiles it
  const start = performance.now();
  const percents = await Promise.all(PERCENT_OPEN.map((open) => percentThrough(open / 100)));
  const seconds = (performance.now() - start) / 1000;
  await shutdown(); // another init() may follow
  return { cpus, seconds, percents };
}
// #endregion

/** 1, 2, 4, … and all there are. */
function cpuCounts(): number[] {
  const counts: number[] = [];
  for (let cpus = 1; cpus < availableParallelism(); cpus *= 2) counts.push(cpus);
  return [...counts, availableParallelism()];
}

/** The speed-up of each run, beside a dashed line of what would be best. */
function plot(runs: readonly { readonly cpus: number; readonly speedUp: number }[]): string {
  const most = Math.max(...runs.map(({ cpus }) => cpus));
  const x = (cpus: number) => Math.round(60 + (380 * cpus) / most);
  const y = (speedUp: number) => Math.round(340 - (300 * speedUp) / most);
  const line = runs.map(({ cpus, speedUp }) => `${x(cpus)},${y(speedUp)}`).join(' ');
  const points = runs.map(
    ({ cpus, speedUp }) => `
  <circle cx="${x(cpus)}" cy="${y(speedUp)}" r="4" fill="#2f6fde"/>
  <text x="${x(cpus) + 10}" y="${y(speedUp) + 14}">${speedUp.toFixed(2)} ×</text>
  <text x="${x(cpus)}" y="360" text-anchor="middle">${cpus}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 520 390" width="520" height="390">
  <style>text { font: 13px system-ui, sans-serif }</style>
  <rect width="520" height="390" fill="white"/>
  <text x="20" y="24">times as fast as on one CPU</text>
  <path d="M60 40 V340 H440" fill="none" stroke="black"/>
  <path d="M60 340 L440 40" stroke="#8d99ae" stroke-dasharray="4 4"/>
  <polyline points="${line}" fill="none" stroke="#2f6fde" stroke-width="2"/>${points.join('')}
  <text x="440" y="380" text-anchor="end">CPUs</text>
</svg>
`;
}

async function main(): Promise<void> {
  const runs: Run[] = [];
  for (const cpus of cpuCounts()) runs.push(await runOn(cpus));

  const [one] = runs;
  if (one === undefined) throw new Error('there is a CPU, or nothing would run');
  PERCENT_OPEN.forEach((open, at) => {
    const percent = Math.round(one.percents[at] ?? 0);
    console.log(`${open} % open: water comes through ${percent} % of ${GRIDS} grids`);
  });
  const same = runs.every(({ percents }) => percents.join() === one.percents.join());
  console.log('the same on any number of CPUs:', same);

  const rows = runs.map((run) => ({ ...run, speedUp: one.seconds / run.seconds }));
  for (const { cpus, seconds, speedUp } of rows) {
    const name = `${cpus} CPU${cpus > 1 ? 's' : ''}`;
    const figures = `${seconds.toFixed(2)} s   ${speedUp.toFixed(2)} times as fast`;
    console.log(`${name.padEnd(8)} ${figures}`);
  }
  const folder = join(__dirname, 'output');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'speed-up.svg');
  writeFileSync(file, plot(rows));
  console.log('plotted in', relative('.', file));
}

void main();
