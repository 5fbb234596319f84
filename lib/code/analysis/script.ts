import type { Scope } from 'eslint-scope';
import type * as estree from 'estree';
import type { ScriptText } from '../scopes/script-text';
import { parseScript, walk, type Positioned } from './parse';

const directive = /^(?:\s|\/\/.*|\/\*[^]*?\*\/)*(['"])use strict\1/;

/** Offset in the text of a position counted from the start of the file, as V8 gives it. */
export function offsetAt(script: ScriptText, line: number, column: number): number {
  const row = line - script.startLine;
  let start = 0;
  for (let n = 0; n < row; n++) start = script.source.indexOf('\n', start) + 1;
  return start + (row === 0 ? column - script.startColumn : column);
}

/** Line and column in the file, from 0, of an offset in the text. */
export function positionAt(script: ScriptText, offset: number): { line: number; column: number } {
  const lastBreak = script.source.lastIndexOf('\n', offset - 1);
  let row = 0;
  for (let at = script.source.indexOf('\n'); at >= 0 && at < offset; row++) {
    at = script.source.indexOf('\n', at + 1);
  }
  const column = offset - lastBreak - 1;
  return {
    line: row + script.startLine,
    column: row === 0 ? column + script.startColumn : column,
  };
}

/** Whether code at this place of a script is strict, as far as the text around it says. */
export function isStrictAt(script: ScriptText, offset: number): boolean {
  if (script.isModule || directive.test(script.source)) return true;
  if (!/use strict|\bclass\b/.test(script.source)) return false;
  return nodesAround(script, offset).some(
    (node) => node.type === 'ClassBody' || (isFunction(node) && directive.test(bodyText(node))),
  );

  function bodyText(node: Positioned<estree.Function>): string {
    const body = node.body as Positioned;
    return body.type === 'BlockStatement' ? script.source.slice(body.start + 1, body.end) : '';
  }
}

/** Whether the function that begins at this place is a declaration, not an expression. */
export function isDeclaredAt(script: ScriptText, offset: number): boolean {
  let declared = false;
  walk(programOf(script), (node) => {
    if (node.type === 'FunctionDeclaration' && node.start === offset) declared = true;
    return !declared && node.start <= offset && offset < node.end;
  });
  return declared;
}

/** Whether `this` at this place is the `this` of the whole script: nothing but arrows around it. */
export function isTopLevelThis(script: ScriptText, offset: number): boolean {
  return !nodesAround(script, offset).some(
    (node) =>
      node.type === 'ClassBody' || (isFunction(node) && node.type !== 'ArrowFunctionExpression'),
  );
}

/**
 * Whether a name used at two places of a script can mean one variable: the innermost scope that
 * declares it is the same piece of text.
 */
export function sameDeclaration(
  script: ScriptText,
  name: string,
  first: number,
  second: number,
): boolean {
  return declarationOf(script, name, first) === declarationOf(script, name, second);
}

/**
 * The piece of a script that declares a name used at this place, if that piece runs once: the script
 * itself, or a function called where it stands, as bundlers put around whole files. Undefined for
 * variables that may exist several times.
 */
export function declaredOnce(script: ScriptText, name: string, offset: number): number | undefined {
  const start = declarationOf(script, name, offset);
  if (start < 0) return start;
  const around = nodesAround(script, start + 1);
  const runsOnce = around.every(
    (node, at) => !isLoop(node) && (!isFunction(node) || isCalled(node, around[at - 1])),
  );
  return runsOnce ? start : undefined;
}

/** Whether the text seems to assign to the name anywhere after declaring it. Errs towards yes. */
export function seemsAssigned(script: ScriptText, name: string): boolean {
  const names = assignments.get(script) ?? new Map<string, boolean>();
  assignments.set(script, names);
  const known = names.get(name) ?? findAssignment(script.source, name);
  names.set(name, known);
  return known;
}

function findAssignment(source: string, name: string): boolean {
  const id = name.replace(/\$/g, '\\$');
  const assigned = new RegExp(
    `(?<![\\w$.])${id}\\s*(?:=(?![=>])|(?:[-+*/%&|^]|\\*\\*|<<|>>>?|&&|\\|\\||\\?\\?)=(?!=)|\\+\\+|--)` +
      `|(?:\\+\\+|--)\\s*${id}(?![\\w$])`,
    'g',
  );
  const declared = /(?:^|[^\w$])(?:const|let|var|class|function)\s+$/;
  for (const { index, 0: text } of source.matchAll(assigned)) {
    const isDeclaration = declared.test(source.slice(Math.max(0, index - 24), index));
    if (!isDeclaration || !text.includes('=')) return true;
  }
  return false;
}

const parsed = new WeakMap<ScriptText, estree.Program>();
const assignments = new WeakMap<ScriptText, Map<string, boolean>>();
const analysed = new WeakMap<ScriptText, readonly Scope[]>();

function programOf(script: ScriptText): estree.Program {
  const known = parsed.get(script);
  if (known) return known;
  const program = parseScript(script.source, script.isModule) as unknown as estree.Program;
  parsed.set(script, program);
  return program;
}

function scopesOf(script: ScriptText): readonly Scope[] {
  const known = analysed.get(script);
  if (known) return known;
  const { analyze } = require('eslint-scope') as typeof import('eslint-scope');
  const { scopes } = analyze(programOf(script), {
    ecmaVersion: 2022,
    sourceType: script.isModule ? 'module' : 'script',
  });
  analysed.set(script, scopes);
  return scopes;
}

/** The nodes that a place lies in, outermost first; not the function that begins there itself. */
function nodesAround(script: ScriptText, offset: number): Positioned[] {
  const around: Positioned[] = [];
  walk(programOf(script), (node) => {
    const holds = node.start < offset && offset < node.end;
    if (holds) around.push(node);
    return holds || node.type === 'Program';
  });
  return around;
}

function declarationOf(script: ScriptText, name: string, offset: number): number {
  let innermost = { start: -1, size: Infinity };
  for (const scope of scopesOf(script)) {
    const block = scope.block as Positioned;
    if (block.type === 'Program') continue;
    const size = block.end - block.start;
    const declares = scope.set.has(name) && scope.type !== 'function-expression-name';
    if (block.start < offset && offset < block.end && declares && size <= innermost.size) {
      innermost = { start: block.start, size };
    }
  }
  return innermost.start;
}

const isLoop = (node: Positioned): boolean => /^(For|While|DoWhile)/.test(node.type);

/** `(() => { … })()` */
const isCalled = (fn: Positioned, parent: Positioned | undefined): boolean =>
  parent?.type === 'CallExpression' && parent.callee === fn;

const isFunction = (node: Positioned): node is Positioned<estree.Function> =>
  node.type === 'FunctionDeclaration' ||
  node.type === 'FunctionExpression' ||
  node.type === 'ArrowFunctionExpression';
