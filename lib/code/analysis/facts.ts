import type { Scope } from 'eslint-scope';
import type * as estree from 'estree';
import { walk, type Positioned } from './parse';
import type { Shape } from './shape';

/** One place where a function names a variable from outside itself. Positions count from its source's start. */
export interface Use {
  readonly start: number;
  readonly end: number;
  readonly writes: boolean;
  /** It stands in `{name}`: to be rewritten as `{name: …}`. */
  readonly shorthand: boolean;
  /** It is called as `name(…)`: a rewritten callee must not become a method call. */
  readonly called: boolean;
  /** The `x` of `name.x`, when that is how it is used. */
  readonly member?: string;
}

/** What a function or class uses of its surroundings. */
export interface Facts {
  readonly free: ReadonlyMap<string, readonly Use[]>;
  /** Places of the word `import` in `import(…)`. */
  readonly importCalls: readonly number[];
  /** Places of `import.meta`. */
  readonly importMetas: readonly (readonly [start: number, end: number])[];
  readonly outerThis: boolean;
  readonly outerSuper: boolean;
  /** `#names` of a class around it. */
  readonly outerPrivates: readonly string[];
  readonly directEval: boolean;
  /** It names something that blocks its thread: `getSync`, `Atomics.wait`. */
  readonly blocking: boolean;
}

export function factsOf(shape: Shape): Facts {
  const uses = throughReferences(shape);
  const parents = new Map<number, Positioned>();
  const importCalls: number[] = [];
  const importMetas: [number, number][] = [];
  const privates = { used: new Set<string>(), declared: new Set<string>() };
  let blocking = false;

  walk(shape.program as unknown as estree.Node, (node, parent) => {
    if (node.type === 'ImportExpression') importCalls.push(node.start - shape.shift);
    if (node.type === 'MetaProperty' && node.meta.name === 'import') {
      importMetas.push([node.start - shape.shift, node.end - shape.shift]);
    }
    if (node.type === 'PrivateIdentifier') {
      const declares = parent?.type === 'MethodDefinition' || parent?.type === 'PropertyDefinition';
      privates[declares ? 'declared' : 'used'].add(node.name);
    }
    if (node.type === 'Identifier') {
      if (parent && !isShorthandTwin(node, parent)) parents.set(node.start, parent);
      if (node.name === 'getSync') blocking = true;
    }
    if (node.type === 'MemberExpression' && isAtomicsWait(node)) blocking = true;
  });

  const free = new Map<string, Use[]>();
  for (const { identifier, writes } of uses) {
    const list = free.get(identifier.name) ?? [];
    free.set(identifier.name, list);
    list.push(useOf(identifier, writes, parents.get(identifier.start), shape.shift));
  }
  if (shape.member?.opaqueKey) dropUsesWithin(free, shape.member.opaqueKey);
  return {
    free,
    importCalls,
    importMetas,
    ...outerOf(shape),
    outerPrivates: [...privates.used].filter((name) => !privates.declared.has(name)),
    directEval: [...(free.get('eval') ?? [])].some(({ called }) => called),
    blocking,
  };
}

interface Through {
  readonly identifier: Positioned<estree.Identifier>;
  readonly writes: boolean;
}

function throughReferences(shape: Shape): Through[] {
  const { analyze } = require('eslint-scope') as typeof import('eslint-scope');
  const program = shape.program as unknown as Parameters<typeof analyze>[0];
  const manager = analyze(program, { ecmaVersion: 2022, sourceType: 'script', ignoreEval: true });
  const global = manager.globalScope as Scope;
  return global.through.map((reference) => ({
    identifier: reference.identifier as Positioned<estree.Identifier>,
    writes: reference.isWrite(),
  }));
}

function useOf(
  identifier: Positioned<estree.Identifier>,
  writes: boolean,
  parent: Positioned | undefined,
  shift: number,
): Use {
  const isCallee =
    (parent?.type === 'CallExpression' && parent.callee === identifier) ||
    (parent?.type === 'TaggedTemplateExpression' && parent.tag === identifier);
  return {
    start: identifier.start - shift,
    end: identifier.end - shift,
    writes,
    shorthand: parent?.type === 'Property' && parent.shorthand && parent.key.type === 'Identifier',
    called: isCallee,
    ...memberOf(identifier, parent),
  };
}

function memberOf(identifier: estree.Node, parent: Positioned | undefined): { member?: string } {
  if (parent?.type !== 'MemberExpression' || parent.object !== identifier) return {};
  if (parent.computed || parent.property.type !== 'Identifier') return {};
  return { member: parent.property.name };
}

/** In `{name}` and `{name = 1}` key and value lie in the same place; the property is their parent. */
function isShorthandTwin(node: Positioned, parent: Positioned): boolean {
  return parent.type === 'AssignmentPattern' && parent.left === node && node.start === parent.start;
}

function isAtomicsWait(node: estree.MemberExpression): boolean {
  const { object, property } = node;
  if (object.type !== 'Identifier' || object.name !== 'Atomics') return false;
  return property.type === 'Identifier' && property.name === 'wait';
}

function dropUsesWithin(free: Map<string, Use[]>, [start, end]: readonly [number, number]): void {
  for (const [name, uses] of free) {
    const kept = uses.filter((use) => use.start < start || use.end > end);
    if (kept.length > 0) free.set(name, kept);
    else free.delete(name);
  }
}

/** `this` and `super` that belong to what stands around the source. */
function outerOf({ node, member }: Shape): { outerThis: boolean; outerSuper: boolean } {
  const found = { outerThis: false, outerSuper: false };
  if (node.type === 'ClassExpression') return found;
  const isArrow = node.type === 'ArrowFunctionExpression';
  if (!isArrow && member === undefined) return found;
  for (const part of [...node.params, node.body]) {
    walk(part, (inner) => {
      if (inner.type === 'ThisExpression' && isArrow) found.outerThis = true;
      if (inner.type === 'Super') found.outerSuper = true;
      return !hasOwnThis(inner);
    });
  }
  return found;
}

const hasOwnThis = (node: estree.Node): boolean =>
  node.type === 'FunctionExpression' ||
  node.type === 'FunctionDeclaration' ||
  node.type === 'ClassBody';
