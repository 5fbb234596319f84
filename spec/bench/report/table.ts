import type { Figure } from './figures';
import { formatNumber } from './format';
import { targets } from './targets';
import { verdictsOf } from './verdict';

const head = [
  'case',
  'contender',
  'median',
  'min – max',
  '× best other',
  "Ray's record",
  'to reach',
  'reached',
];

/** Columns of numbers are set right. */
const rightSet = new Set(['median', 'min – max', '× best other', "Ray's record"]);

/** The table for a terminal. */
export function textTable(figures: readonly Figure[]): string {
  const rows = [head, ...cellsOf(figures)];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return rightSet.has(head[column] ?? '') ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The table for a page. */
export function markdownTable(figures: readonly Figure[]): string {
  const rule = head.map((name) => (rightSet.has(name) ? '--:' : '---'));
  return [head, rule, ...cellsOf(figures)].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** A line for each set of options a contender had, with the cases if it had others elsewhere. */
export function settingsOf(figures: readonly Figure[]): string[] {
  const sets = new Map<string, Map<string, Set<string>>>();
  for (const { contender, settings, case: name } of figures) {
    if (!settings) continue;
    const cases = sets.get(contender) ?? new Map<string, Set<string>>();
    const options = JSON.stringify(settings);
    sets.set(contender, cases.set(options, (cases.get(options) ?? new Set()).add(name)));
  }
  return [...sets].flatMap(([contender, cases]) =>
    [...cases].map(([options, names]) => {
      const where = cases.size > 1 ? ` for ${[...names].join('; ')}` : '';
      return `${contender}${where}: ${options}`;
    }),
  );
}

function cellsOf(figures: readonly Figure[]): string[][] {
  return figures.map((figure, row) => {
    const first = figures[row - 1]?.case !== figure.case;
    const verdicts = verdictsOf(figure, figures);
    return [
      first ? figure.case : '',
      figure.contender,
      `${formatNumber(figure.median)} ${figure.unit}`,
      `${formatNumber(figure.min)} – ${formatNumber(figure.max)}`,
      figure.timesBest === undefined ? '' : formatNumber(figure.timesBest),
      first ? formatNumber(targets[figure.case]?.record ?? NaN) : '',
      verdicts.map(({ goal }) => goal).join('; '),
      verdicts.map(({ met }) => met).join('; '),
    ];
  });
}
