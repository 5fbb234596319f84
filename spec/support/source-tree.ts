import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import * as ts from 'typescript';

/** The text of every source file, by its path with forward slashes, relative to the tree's root. */
export type SourceTree = ReadonlyMap<string, string>;

/** One module that a file names, in whatever form it does so. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
}

/** The repository's root. */
export const repository = join(__dirname, '..', '..');

/** Reads all TypeScript files below `folder` of the repository; paths are relative to `folder`. */
export function readSourceTree(folder: string): SourceTree {
  const root = join(repository, folder);
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const sources = names.filter((name) => name.endsWith('.ts')).sort();
  return new Map(
    sources.map((name) => [
      relative(root, join(root, name)).split(sep).join('/'),
      readFileSync(join(root, name), 'utf8'),
    ]),
  );
}

/** Every import of a file as written: `import type`, `require` and `import()` included. */
export function importsOf(path: string, text: string): Import[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  visit(file);
  return found;

  function visit(node: ts.Node): void {
    const specifier = specifierOf(node);
    if (specifier) {
      const { line } = file.getLineAndCharacterOfPosition(specifier.getStart(file));
      found.push({ specifier: specifier.text, line: line + 1 });
    }
    ts.forEachChild(node, visit);
  }
}

/** The modules that running a file loads at once: what TypeScript emits, outside any function. */
export function eagerRequiresOf(path: string, text: string): string[] {
  const emitted = emittedCommonJs(path, text);
  const file = ts.createSourceFile(`${path}.js`, emitted, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  visit(file);
  return found;

  function visit(node: ts.Node): void {
    if (ts.isFunctionLike(node)) return;
    const specifier = ts.isCallExpression(node) ? requiredBy(node) : undefined;
    if (specifier) found.push(specifier.text);
    ts.forEachChild(node, visit);
  }
}

/** Every module whose values a file may use; imports of types alone are gone. */
export function valueImportsOf(path: string, text: string): string[] {
  return importsOf(`${path}.js`, emittedCommonJs(path, text)).map((found) => found.specifier);
}

/** The file of the tree that a relative specifier means, or undefined for packages and built-ins. */
export function resolveWithin(
  tree: SourceTree,
  from: string,
  specifier: string,
): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const path = posix.join(posix.dirname(from), specifier).replace(/\.js$/, '');
  return [path, `${path}.ts`, `${path}/index.ts`].find((candidate) => tree.has(candidate));
}

/** The package of a bare specifier: `rxjs` for `rxjs/operators`, `@a/b` for `@a/b/c`. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.')) return undefined;
  const parts = specifier.replace(/^node:/, '').split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
}

function emittedCommonJs(path: string, text: string): string {
  return ts.transpileModule(text, {
    fileName: path,
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  }).outputText;
}

function specifierOf(node: ts.Node): ts.StringLiteralLike | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    return literal(node.moduleSpecifier);
  }
  if (ts.isExternalModuleReference(node)) return literal(node.expression);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return literal(node.argument.literal);
  }
  return ts.isCallExpression(node) ? (requiredBy(node) ?? importedBy(node)) : undefined;
}

function requiredBy(call: ts.CallExpression): ts.StringLiteralLike | undefined {
  const callee = call.expression;
  return ts.isIdentifier(callee) && callee.text === 'require'
    ? literal(call.arguments[0])
    : undefined;
}

function importedBy(call: ts.CallExpression): ts.StringLiteralLike | undefined {
  return call.expression.kind === ts.SyntaxKind.ImportKeyword
    ? literal(call.arguments[0])
    : undefined;
}

function literal(node: ts.Node | undefined): ts.StringLiteralLike | undefined {
  return node && ts.isStringLiteralLike(node) ? node : undefined;
}
