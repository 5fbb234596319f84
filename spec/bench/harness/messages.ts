import type { Settings, Unit } from './case';

/** What a process of the suite is started for, as its one argument in JSON: a group, … */
export interface Job {
  readonly group: string;
  readonly quick: boolean;
  /** Whether Ray is a contender, too. */
  readonly ray: boolean;
  /** … a case of it, … */
  readonly case?: string;
  /** … or one contender in a whole case. */
  readonly contender?: string;
}

/** The figures of one contender in one case. */
export interface Row {
  readonly case: string;
  readonly unit: Unit;
  readonly what: string;
  readonly contender: string;
  readonly yardstick?: true;
  readonly settings?: Settings;
  /** A figure per round, or repetition. */
  readonly rounds: readonly number[];
}

/** What the process of a group sends. */
export type GroupMessage =
  | { readonly type: 'title'; readonly title: string }
  | { readonly type: 'begin'; readonly name: string }
  | { readonly type: 'row'; readonly row: Row };

/** What the process of a sampled case sends: the figures of each contender, round by round. */
export interface CaseMessage {
  readonly figures: readonly (readonly number[])[];
}

/** What the process of a whole case sends. */
export interface WholeMessage {
  readonly figure: number;
  /** The highest resident memory of the process, in MB. */
  readonly peakMb: number;
}
