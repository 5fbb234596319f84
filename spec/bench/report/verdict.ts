import { timesOf, type Figure } from './figures';
import { formatNumber } from './format';
import { targets, type Goal } from './targets';

/** Who the goals are for. */
export const protagonist = 'rayx';

export interface Verdict {
  /** `≥ 5,000, aim 8,000` */
  readonly goal: string;
  readonly met: 'yes' | 'yes, the aim too' | 'no';
}

/** What is to be reached in the case of a figure, and whether it is; nothing for other contenders. */
export function verdictsOf(figure: Figure, figures: readonly Figure[]): Verdict[] {
  if (figure.contender !== protagonist) return [];
  return (targets[figure.case]?.goals ?? []).flatMap((goal) => verdictOf(goal, figure, figures));
}

function verdictOf(goal: Goal, figure: Figure, figures: readonly Figure[]): Verdict[] {
  if ('atMost' in goal) {
    const met = figure.median <= goal.atMost ? 'yes' : 'no';
    return [{ goal: `≤ ${formatNumber(goal.atMost)}`, met }];
  }
  if ('atLeast' in goal) {
    return [
      {
        goal: `≥ ${number(goal.atLeast, goal.aim)}`,
        met: reached(figure.median, goal.atLeast, goal.aim),
      },
    ];
  }
  if ('timesBest' in goal) {
    if (figure.timesBest === undefined) return [];
    const met = reached(figure.timesBest, goal.timesBest, goal.aim);
    return [{ goal: `≥ ${number(goal.timesBest, goal.aim)} × the best other`, met }];
  }
  const other = figures.find((each) => each.case === figure.case && each.contender === goal.of);
  if (!other) return [];
  const met = reached(timesOf(figure, other), goal.times);
  return [{ goal: `≥ ${number(goal.times)} × ${goal.of}`, met }];
}

function reached(figure: number, goal: number, aim = Infinity): Verdict['met'] {
  if (figure >= aim) return 'yes, the aim too';
  return figure >= goal ? 'yes' : 'no';
}

function number(goal: number, aim?: number): string {
  return aim === undefined
    ? formatNumber(goal)
    : `${formatNumber(goal)} (aim ${formatNumber(aim)})`;
}
