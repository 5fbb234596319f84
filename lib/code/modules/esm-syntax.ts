import type * as Acorn from 'acorn';
import type { ScriptText } from '../scopes/script-text';

/** One name that an ES module imports. */
export interface ImportedName {
  readonly specifier: string;
  /** The name over there; `default`, or `*` for the whole namespace. */
  readonly imported: string;
}

/** What can be read off the text of an ES module. */
export interface ModuleSyntax {
  /** By local name. */
  readonly imports: ReadonlyMap<string, ImportedName>;
  /** Every module that loading this one loads. */
  readonly specifiers: readonly string[];
  /** Names of its own exports, without those of `export *`. */
  readonly exports: ReadonlySet<string>;
  /** Whether `export *` adds names that the text does not show. */
  readonly open: boolean;
  /** Text of an exported function or class → name of the export. */
  readonly functions: ReadonlyMap<string, string>;
}

const known = new Map<string, { source: string; syntax: ModuleSyntax }>();

/** The imports and exports of an ES module as V8 has it; parsed once for each text. */
export function moduleSyntax(script: Pick<ScriptText, 'url' | 'source'>): ModuleSyntax {
  const before = known.get(script.url);
  if (before?.source === script.source) return before.syntax;
  const syntax = readSyntax(script.source);
  known.set(script.url, { source: script.source, syntax });
  return syntax;
}

function readSyntax(source: string): ModuleSyntax {
  // Loaded on first need: no thread may load a parser at its start.

  const acorn = require('acorn') as typeof Acorn;
  const program = acorn.parse(source, {
    ecmaVersion: 'latest',
    sourceType: 'module',
    allowHashBang: true,
  });
  const imports = new Map<string, ImportedName>();
  const specifiers = new Set<string>();
  const exported = new Map<string, string[]>();
  const names = new Set<string>();
  const functions = new Map<string, string>();
  let open = false;

  for (const statement of program.body) {
    if ('source' in statement && statement.source) specifiers.add(String(statement.source.value));
    if (statement.type === 'ImportDeclaration') {
      for (const [local, name] of importedNames(statement)) imports.set(local, name);
    } else if (statement.type === 'ExportAllDeclaration') {
      if (statement.exported) names.add(nameOf(statement.exported));
      else open = true;
    } else if (statement.type === 'ExportNamedDeclaration') {
      for (const { local, exported: as } of statement.specifiers) {
        names.add(nameOf(as));
        if (!statement.source) addTo(exported, nameOf(local), nameOf(as));
      }
      for (const [local] of definitions(statement.declaration)) {
        names.add(local);
        addTo(exported, local, local);
      }
    } else if (statement.type === 'ExportDefaultDeclaration') {
      names.add('default');
      const declared = statement.declaration;
      if (declared.type === 'Identifier') addTo(exported, declared.name, 'default');
      else if (isFunction(declared)) note(declared, 'default');
    }
  }
  for (const statement of program.body) {
    const declared =
      statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    for (const [local, node] of definitions(declared)) {
      const name = exported.get(local)?.[0];
      if (name !== undefined && node) note(node, name);
    }
  }
  return { imports, specifiers: [...specifiers], exports: names, open, functions };

  /** A text that stands there twice does not tell which of the two a function is. */
  function note(node: Acorn.Node, name: string): void {
    const text = source.slice(node.start, node.end);
    if (source.indexOf(text) === source.lastIndexOf(text)) functions.set(text, name);
  }
}

function importedNames(declaration: Acorn.ImportDeclaration): [string, ImportedName][] {
  const specifier = String(declaration.source.value);
  return declaration.specifiers.map((part) => {
    const imported =
      part.type === 'ImportSpecifier'
        ? nameOf(part.imported)
        : part.type === 'ImportDefaultSpecifier'
          ? 'default'
          : '*';
    return [part.local.name, { specifier, imported }];
  });
}

/** The names a statement defines, each with the function or class it is defined as. */
function definitions(node: Acorn.Node | null | undefined): [string, Acorn.Node | undefined][] {
  const statement = node as Acorn.Statement | null | undefined;
  switch (statement?.type) {
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
      return statement.id ? [[statement.id.name, statement]] : [];
    case 'VariableDeclaration':
      return statement.declarations.flatMap(({ id, init }) =>
        boundNames(id).map((name): [string, Acorn.Node | undefined] => [
          name,
          id.type === 'Identifier' && init ? functionIn(init) : undefined,
        ]),
      );
    default:
      return [];
  }
}

function boundNames(pattern: Acorn.Pattern): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name];
    case 'ObjectPattern':
      return pattern.properties.flatMap((part) =>
        boundNames(part.type === 'RestElement' ? part.argument : part.value),
      );
    case 'ArrayPattern':
      return pattern.elements.flatMap((part) => (part ? boundNames(part) : []));
    case 'RestElement':
      return boundNames(pattern.argument);
    case 'AssignmentPattern':
      return boundNames(pattern.left);
    default:
      return [];
  }
}

/** The function an initialiser is; esbuild wraps it in `__name(…, "name")`, which returns it. */
function functionIn(init: Acorn.Expression): Acorn.Node | undefined {
  if (init.type === 'CallExpression' && init.callee.type === 'Identifier') {
    const [first] = init.arguments;
    return init.callee.name === '__name' && first && isFunction(first) ? first : undefined;
  }
  return isFunction(init) ? init : undefined;
}

function isFunction(node: Acorn.Node): boolean {
  return /^(ArrowFunction|Function|Class)(Expression|Declaration)$/.test(node.type);
}

function nameOf(node: Acorn.Identifier | Acorn.Literal): string {
  return node.type === 'Identifier' ? node.name : String(node.value);
}

function addTo(table: Map<string, string[]>, key: string, value: string): void {
  const list = table.get(key);
  if (list) list.push(value);
  else table.set(key, [value]);
}
