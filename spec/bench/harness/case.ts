/*
 * What a benchmark is. A group is a file of groups/ and has cases; a case lets contenders do the same
 * work and gives a figure for each. There are two kinds of case:
 *
 *   sampled: short work, done again and again. All contenders share a process and take turns.
 *   whole:   work that is done once, in a fresh process for each contender and repetition.
 */

/** How long and how large a run is. */
export interface Scale {
  /** How often the contenders of a sampled case take turns. */
  readonly rounds: number;
  /** How long each turn lasts, in milliseconds. */
  readonly sliceMs: number;
  /** How long each contender runs before the first turn, in milliseconds. */
  readonly warmUpMs: number;
  /** How many fresh processes each contender of a whole case gets. */
  readonly repetitions: number;
  /** What counts and sizes are multiplied with. */
  readonly size: number;
}

export const fullScale: Scale = {
  rounds: 7,
  sliceMs: 700,
  warmUpMs: 700,
  repetitions: 5,
  size: 1,
};

/** To see whether everything runs: its figures mean nothing. */
export const quickScale: Scale = {
  rounds: 2,
  sliceMs: 20,
  warmUpMs: 10,
  repetitions: 1,
  size: 0.01,
};

/** A count at this size, at least 1. */
export const scaled = (count: number, size: number): number =>
  Math.max(1, Math.round(count * size));

/** CPUs and worker threads that every contender has. */
export const workers = 2;

export interface Group {
  readonly title: string;
  readonly cases: readonly Case[];
}

export type Case = SampledCase | WholeCase;

/** More is better in units per second, less in all others. */
export type Unit = `${string}/s` | 's' | 'ms' | 'MB';

interface CaseBase<C> {
  readonly name: string;
  readonly unit: Unit;
  /** What is done and timed, for those who read the figures. */
  readonly what: string;
  readonly contenders: readonly C[];
}

export interface SampledCase extends CaseBase<SampledContender> {
  readonly kind: 'sampled';
}

export interface WholeCase extends CaseBase<WholeContender> {
  readonly kind: 'whole';
  /** At most so many repetitions, for work that takes long. */
  readonly repetitions?: number;
  /** Makes a second case of the highest resident memory of the processes, in MB. */
  readonly peakMemory?: true;
}

interface Contender {
  readonly name: string;
  /** Shown beside the others as a measure, but no rival: never the best of the others. */
  readonly yardstick?: true;
  /** Options it was given, shown with the figures. */
  readonly settings?: Settings;
}

export type Settings = Readonly<Record<string, unknown>>;

export interface SampledContender extends Contender {
  /**
   * Makes all ready that is not to be timed, in a process that ends with the case. What it answers with
   * runs for so many milliseconds and tells how many units that were per second.
   */
  start(size: number): Promise<(ms: number) => Promise<number>>;
}

export interface WholeContender extends Contender {
  /** Its `run` starts a process itself. */
  readonly startsProcess?: true;
  /** Does the work once, in a process of its own, and answers with the figure. */
  run(size: number): Promise<number>;
}
