import type { Row } from '../harness/messages';
import { median } from '../harness/statistics';

/** A row with what is told of it. */
export interface Figure extends Row {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** How many times as good as the best of the others: the median of the ratios of each round. */
  readonly timesBest?: number;
}

export function figuresOf(rows: readonly Row[]): Figure[] {
  return rows.map((row) => {
    const best = bestRival(row, rows);
    return {
      ...row,
      median: median(row.rounds),
      min: Math.min(...row.rounds),
      max: Math.max(...row.rounds),
      ...(best && { timesBest: timesOf(row, best) }),
    };
  });
}

/** How many times as good as the other this one is, the median over the rounds. */
export function timesOf(row: Row, other: Row): number {
  const ratios = row.rounds.map((figure, round) => {
    const against = other.rounds[round] ?? NaN;
    return moreIsBetter(row) ? figure / against : against / figure;
  });
  return median(ratios);
}

export const moreIsBetter = ({ unit }: Row): boolean => unit.endsWith('/s');

function bestRival(row: Row, rows: readonly Row[]): Row | undefined {
  const rivals = rows.filter(
    (other) => other.case === row.case && other.contender !== row.contender && !other.yardstick,
  );
  const sign = moreIsBetter(row) ? -1 : 1;
  return rivals.sort((a, b) => sign * (median(a.rounds) - median(b.rounds)))[0];
}
