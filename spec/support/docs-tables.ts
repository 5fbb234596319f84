import * as ts from 'typescript';
import type { OptionPlace } from '../../lib/base/options/option';
import { optionTable } from '../../lib/base/options/table';
import { readFromRepository } from './docs-check';

/*
 * Tables in the docs that are made from the code. Each stands between two comments:
 *
 *     <!-- table of options of function -->
 *     <!-- end of table -->
 */

/** Matches a table with its comments; `what` says which one. */
const table = /(<!-- table of ([^\n]*?) -->\n)([\s\S]*?)(<!-- end of table -->)/g;

/** The page with all its tables made anew. */
export function updateTables(markdown: string): string {
  return markdown.replace(table, (_, start: string, what: string, __, end: string) => {
    return `${start}\n${tableOf(what)}\n\n${end}`;
  });
}

/** What is wrong with the tables of a page; an empty list if all are as the code says. */
export function checkTables(name: string, markdown: string): string[] {
  return updateTables(markdown) === markdown
    ? []
    : [`${name}: a table differs from the code: run npm run docs:update`];
}

function tableOf(what: string): string {
  if (what === 'errors') return errorTable();
  const place = /^options of (\w+)$/.exec(what)?.[1];
  if (place === undefined) throw new Error(`there is no table of ${what}`);
  return optionTableOf(place as OptionPlace);
}

function optionTableOf(place: OptionPlace): string {
  const options = optionTable.filter(({ places }) => places.includes(place));
  if (options.length === 0) throw new Error(`there are no options of ${place}`);
  const rows = options.map((option) => {
    const type = option.atDeclaration ? `${option.type}; not in \`.options()\`` : option.type;
    return [`\`${option.name}\``, type, option.default ?? '–', option.doc];
  });
  return markdownTable(['option', 'what it is', 'default', 'what it does'], rows);
}

/** The classes of `lib/base/errors.ts` in the order of the file, with the first sentence of their comments. */
function errorTable(): string {
  const rows = errorClasses().map(({ name, code, sentence, parent }) => {
    const own = parent === 'RayError' || parent === 'Error' ? '' : `; extends \`${parent}\``;
    return [`\`${name}\``, code === undefined ? '–' : `\`${code}\``, `${sentence}${own}`];
  });
  return markdownTable(['class', '`code`', 'when'], rows);
}

interface ErrorClassDoc {
  readonly name: string;
  readonly parent: string;
  readonly code: string | undefined;
  readonly sentence: string;
}

function errorClasses(): ErrorClassDoc[] {
  const path = 'lib/base/errors.ts';
  const source = ts.createSourceFile(path, readFromRepository(path), ts.ScriptTarget.Latest, true);
  return source.statements.filter(ts.isClassDeclaration).map((declaration) => {
    const parent = declaration.heritageClauses?.[0]?.types[0]?.expression.getText() ?? '';
    const code = declaration.members
      .filter(ts.isPropertyDeclaration)
      .find((member) => member.name.getText() === 'code')?.initializer;
    return {
      name: declaration.name?.text ?? '',
      parent,
      code: code && ts.isStringLiteral(code) ? code.text : undefined,
      sentence: firstSentence(declaration),
    };
  });
}

function firstSentence(declaration: ts.ClassDeclaration): string {
  const text = ts
    .getJSDocCommentsAndTags(declaration)
    .map(({ comment }) => ts.getTextOfJSDocComment(comment))
    .join(' ')
    .replace(/\s+/g, ' ');
  const sentence = /^.*?(?=\.( |$))/.exec(text)?.[0];
  if (!sentence) throw new Error(`${declaration.name?.text} has no comment`);
  return sentence;
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
