import { settingsOf, markdownTable } from './table';
import { describeMachine, type Results } from './results';

const start = '<!-- benchmark results -->';
const end = '<!-- end of benchmark results -->';

/** The page with these results in place of those it had. */
export function updatePage(page: string, results: Results): string {
  const from = page.indexOf(start);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page has no ${start} … ${end}`);
  return `${page.slice(0, from + start.length)}\n\n${sectionOf(results)}\n\n${page.slice(to)}`;
}

function sectionOf(results: Results): string {
  const versions = Object.entries(results.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${results.date.slice(0, 10)}, ${describeMachine(results)}. Versions: ${versions.join(', ')}.`,
    ...results.groups.flatMap(({ name, title, figures }) => [
      `### ${title}`,
      `![${title}](performance/${name}.svg)`,
      markdownTable(figures),
      [...new Set(figures.map((figure) => `- *${figure.case}*: ${figure.what}`))].join('\n'),
      ...settingsBlock(settingsOf(figures)),
    ]),
  ].join('\n\n');
}

function settingsBlock(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`\`\`\`text\n${lines.join('\n')}\n\`\`\``];
}
