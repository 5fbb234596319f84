import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { repository } from './source-tree';

/**
 * Code in the docs is a copy of code that runs. Every fence of such code is preceded by a comment,
 *
 *     <!-- from samples/01-parallel-functions.ts#start -->
 *
 * that names a file of samples/ or spec/ and, after `#`, a region of it: the lines between
 * `// #region start` and `// #endregion`. Without `#` the whole file is meant.
 */
export interface CodeBlock {
  readonly language: string;
  /** `file#region`, or undefined where the fence has no such comment before it. */
  readonly source: string | undefined;
  readonly code: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  /** Indexes into the document's lines: first line of the code, and the closing fence. */
  readonly start: number;
  readonly end: number;
}

/** Gives a file's text by its path from the repository's root; throws if there is none. */
export type ReadFile = (path: string) => string;

/** Languages that need no source: commands, output, pictures, and Ray's own lines for comparison. */
const freeLanguages = ['sh', 'text', 'mermaid', 'python'];

/** README and all pages of docs/, as paths from the repository's root. */
export function documents(): string[] {
  const pages = readdirSync(join(repository, 'docs'), { recursive: true, encoding: 'utf8' });
  return [
    'README.md',
    ...pages.filter((page) => page.endsWith('.md')).map((page) => `docs/${page}`),
  ];
}

/** Reads a file of the repository. */
export const readFromRepository: ReadFile = (path) => readFileSync(join(repository, path), 'utf8');

/** The fenced blocks of a page. */
export function codeBlocksOf(markdown: string): CodeBlock[] {
  const lines = markdown.split('\n');
  const blocks: CodeBlock[] = [];
  for (let at = 0; at < lines.length; at++) {
    const fence = /^\s*(`{3,}|~{3,})\s*(\w*)/.exec(lines[at] ?? '');
    if (!fence) continue;
    const start = at + 1;
    const end = closingFence(lines, start, fence[1] ?? '');
    blocks.push({
      language: fence[2] ?? '',
      source: sourceAbove(lines, at),
      code: lines.slice(start, end).join('\n'),
      line: start,
      start,
      end,
    });
    at = end;
  }
  return blocks;
}

/** What is wrong with the code of a page; an empty list if all of it is as in its sources. */
export function checkDocument(name: string, markdown: string, read: ReadFile): string[] {
  return codeBlocksOf(markdown).flatMap((block) => {
    const problem = problemOf(block, read);
    return problem === undefined ? [] : [`${name}:${block.line}: ${problem}`];
  });
}

/** Links of a page that lead nowhere: to no file, or to no heading of it. Links to other sites pass. */
export function checkLinks(name: string, markdown: string, read: ReadFile): string[] {
  const links = [...markdown.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
  return links.flatMap(([, path = '', heading]) => {
    const target = path === '' ? name : posix.join(posix.dirname(name), path);
    const link = heading === undefined ? path : `${path}#${heading}`;
    if (!existsSync(join(repository, target))) return [`${name}: ${link} leads to no file`];
    if (heading === undefined) return [];
    const found = headingsOf(read(target)).includes(heading);
    return found ? [] : [`${name}: ${link} leads to no heading`];
  });
}

/** The page with each block that names a source replaced by what the source says now. */
export function updateDocument(markdown: string, read: ReadFile): string {
  const lines = markdown.split('\n');
  for (const block of codeBlocksOf(markdown).reverse()) {
    if (block.source === undefined) continue;
    lines.splice(block.start, block.end - block.start, ...codeAt(block.source, read).split('\n'));
  }
  return lines.join('\n');
}

/** The code that `file#region` means: markers removed, indentation of the region taken off. */
export function codeAt(source: string, read: ReadFile): string {
  const [path = '', region] = source.split('#');
  if (!/^(samples|spec)\//.test(path)) {
    throw new Error(`${path} is not a file that runs: take code from samples/ or spec/`);
  }
  const lines = read(path).trimEnd().split('\n');
  const wanted = region === undefined ? lines : regionOf(lines, region, path);
  return dedent(wanted.filter((line) => !regionMarker.test(line)));
}

/** The headings of a page as links name them. */
const headingsOf = (markdown: string): string[] =>
  [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

const regionMarker = /^\s*\/\/ #(region|endregion)\b\s*(\S*)/;

function problemOf(block: CodeBlock, read: ReadFile): string | undefined {
  if (block.source === undefined) {
    return freeLanguages.includes(block.language)
      ? undefined
      : `a block of ${block.language || 'no language'} needs a source: ` +
          `put <!-- from samples/FILE.ts#region --> on the line before it`;
  }
  try {
    return codeAt(block.source, read) === block.code
      ? undefined
      : `differs from ${block.source}: run npm run docs:update`;
  } catch (error) {
    return (error as Error).message;
  }
}

function closingFence(lines: readonly string[], from: number, fence: string): number {
  const closing = lines.findIndex(
    (line, at) => at >= from && line.trim().startsWith(fence) && /^[`~]+$/.test(line.trim()),
  );
  return closing < 0 ? lines.length : closing;
}

function sourceAbove(lines: readonly string[], fenceAt: number): string | undefined {
  const before = lines.slice(0, fenceAt).findLast((line) => line.trim() !== '');
  return /^\s*<!-- from (\S+) -->\s*$/.exec(before ?? '')?.[1];
}

function regionOf(lines: readonly string[], region: string, path: string): string[] {
  const start = lines.findIndex((line) => {
    const marker = regionMarker.exec(line);
    return marker?.[1] === 'region' && marker[2] === region;
  });
  if (start < 0) throw new Error(`${path} has no // #region ${region}`);
  let depth = 0;
  for (let at = start; at < lines.length; at++) {
    const marker = regionMarker.exec(lines[at] ?? '');
    if (marker) depth += marker[1] === 'region' ? 1 : -1;
    if (depth === 0) return lines.slice(start, at);
  }
  throw new Error(`${path}: // #region ${region} has no // #endregion`);
}

function dedent(lines: readonly string[]): string {
  const indents = lines.filter((line) => line.trim()).map((line) => line.search(/\S/));
  const indent = Math.min(...indents, Infinity);
  return lines
    .map((line) => line.slice(indent === Infinity ? 0 : indent))
    .join('\n')
    .trim();
}
