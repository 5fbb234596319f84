import { moreIsBetter, type Figure } from './figures';
import { formatNumber } from './format';
import { targets } from './targets';
import { protagonist, verdictsOf } from './verdict';

/*
 * A group as bars: a panel per case, with an axis of its own from 0, a bar per contender from 0 to its
 * median, a line from its least to its most, and a mark for what is to be reached.
 */

const width = 800;
const margin = 20;
const labels = 190;
const numbers = 150;
const barsAt = margin + labels;
const barsWidth = width - barsAt - numbers - margin;
const bar = { height: 16, step: 22 };
const panel = { title: 24, gap: 18 };
const header = 64;

const style = `
  text { font: 12px system-ui, sans-serif; fill: #1f2430 }
  .title { font-size: 17px; font-weight: 600 }
  .case { font-size: 13px; font-weight: 600 }
  .note { fill: #5b6472 }
  .page { fill: #ffffff }
  .ours { fill: #2f6fde }
  .other { fill: #8d99ae }
  .yardstick { fill: #c9d0dc }
  .record { fill: none; stroke: #8d99ae; stroke-dasharray: 3 2 }
  .range { stroke: #1f2430 }
  .goal { stroke: #d9480f; stroke-width: 2 }
  .goal-text { fill: #d9480f }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6e9ef }
    .note { fill: #a3adbd }
    .page { fill: #161a22 }
    .ours { fill: #6ea0ff }
    .yardstick { fill: #4a5365 }
    .range { stroke: #e6e9ef }
    .goal { stroke: #ff922b }
    .goal-text { fill: #ff922b }
  }
`;

export function chart(title: string, subtitle: string, figures: readonly Figure[]): string {
  let y = header;
  const cases = [...new Set(figures.map((figure) => figure.case))];
  const panels = cases.map((name) => {
    const ofCase = figures.filter((figure) => figure.case === name);
    const { svg, height } = panelOf(ofCase, y);
    y += height + panel.gap;
    return svg;
  });
  const height = y - panel.gap + margin;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(title)}">
<style>${style}</style>
<rect class="page" width="${width}" height="${height}" rx="8"/>
${text(margin, 28, title, 'title')}
${text(margin, 48, subtitle, 'note')}
${panels.join('\n')}
</svg>
`;
}

interface Bar {
  readonly label: string;
  readonly kind: 'ours' | 'other' | 'yardstick' | 'record';
  readonly value: number;
  readonly range?: readonly [number, number];
}

function panelOf(figures: readonly Figure[], top: number): { svg: string; height: number } {
  const [first] = figures as [Figure];
  const bars = barsOf(figures);
  const goal = markOf(figures);
  const most = Math.max(...bars.map(({ value, range }) => range?.[1] ?? value), goal?.value ?? 0);
  const x = (value: number) => round(barsAt + (value / (most || 1)) * barsWidth);

  const better = moreIsBetter(first) ? 'more is better' : 'less is better';
  const parts = [
    text(margin, top + 12, first.case, 'case'),
    text(width - margin, top + 12, `${first.unit}, ${better}`, 'note', 'end', goal?.label),
  ];
  const barsTop = top + panel.title;
  bars.forEach(({ label, kind, value, range }, index) => {
    const y = barsTop + index * bar.step;
    const middle = y + bar.height / 2;
    const length = round(Math.max(x(value) - barsAt, 1));
    parts.push(
      text(barsAt - 8, middle + 4, label, kind === 'record' ? 'note' : '', 'end'),
      `<rect class="${kind}" x="${barsAt}" y="${y}" width="${length}" height="${bar.height}"/>`,
      ...(range
        ? [
            `<line class="range" x1="${x(range[0])}" x2="${x(range[1])}" y1="${middle}" y2="${middle}"/>`,
          ]
        : []),
      text(barsAt + barsWidth + 12, middle + 4, formatNumber(value)),
    );
  });
  const height = panel.title + bars.length * bar.step;
  if (goal) {
    const at = x(goal.value);
    const [from, to] = [barsTop - 3, top + height - 3];
    parts.push(`<line class="goal" x1="${at}" x2="${at}" y1="${from}" y2="${to}"/>`);
  }
  return { svg: parts.join('\n'), height };
}

function barsOf(figures: readonly Figure[]): Bar[] {
  const bars = figures.map(({ contender, yardstick, median, min, max }): Bar => {
    const kind = contender === protagonist ? 'ours' : yardstick ? 'yardstick' : 'other';
    return { label: contender, kind, value: median, range: [min, max] };
  });
  const record = targets[figures[0]?.case ?? '']?.record;
  if (record !== undefined) {
    bars.push({ label: 'Ray’s record (64 vCPU)', kind: 'record', value: record });
  }
  return bars;
}

/** What is to be reached first, where it can be marked on the axis. */
function markOf(figures: readonly Figure[]): { value: number; label: string } | undefined {
  const ours = figures.find(({ contender }) => contender === protagonist);
  const goal = targets[ours?.case ?? '']?.goals?.[0];
  const verdict = ours && verdictsOf(ours, figures)[0];
  if (!goal || !verdict) return undefined;
  const label = `, to reach ${verdict.goal}`;
  if ('atLeast' in goal) return { value: goal.atLeast, label };
  if ('atMost' in goal) return { value: goal.atMost, label };
  if ('timesBest' in goal) return undefined;
  const other = figures.find(({ contender }) => contender === goal.of);
  return other && { value: goal.times * other.median, label };
}

function text(
  x: number,
  y: number,
  content: string,
  kind = '',
  anchor: 'start' | 'end' = 'start',
  goal = '',
): string {
  const attributes = `${kind && ` class="${kind}"`}${anchor === 'end' ? ' text-anchor="end"' : ''}`;
  const tail = goal && `<tspan class="goal-text">${escape(goal)}</tspan>`;
  return `<text x="${x}" y="${y}"${attributes}>${escape(content)}${tail}</text>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

const escape = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
