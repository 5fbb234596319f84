import type * as estree from 'estree';
import { tryParse, type Positioned, type Program } from './parse';

/** A function's source, parsed in the form it has. */
export interface Shape {
  /** What stands before the source in the parsed text: positions there are shifted by its length. */
  readonly shift: number;
  readonly program: Program;
  /** The function or class itself. */
  readonly node: Positioned<
    estree.FunctionExpression | estree.ArrowFunctionExpression | estree.ClassExpression
  >;
  /** Set when the source is a method, getter or setter: `name() {}`. */
  readonly member?: Member;
}

export interface Member {
  readonly key: string;
  readonly accessor?: 'get' | 'set';
  /** Place in the source of a computed or `#private` key, which means nothing elsewhere. */
  readonly opaqueKey?: readonly [start: number, end: number];
}

/** A stand-in for keys that only their class can read. */
export const anyKey = '_';

/** Parses the text of a function or class; undefined for text that no wrapper makes sense of. */
export function shapeOf(source: string): Shape | undefined {
  return (
    asExpression(source) ?? asMember(source, '({', '\n})') ?? asMember(source, '(class{', '\n})')
  );
}

/** Whether the text becomes sense inside a function only: it uses the `new.target` around it. */
export const usesOuterNewTarget = (source: string): boolean =>
  tryParse(`(function(){(${source}\n)})`) !== undefined;

function asExpression(source: string): Shape | undefined {
  const program = tryParse(`(${source}\n)`);
  const node = program && expressionOf(program);
  if (!program || !node) return undefined;
  switch (node.type) {
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
    case 'ClassExpression':
      return { shift: 1, program, node };
    default:
      return undefined;
  }
}

function asMember(source: string, before: string, after: string): Shape | undefined {
  const program = tryParse(before + source + after);
  const node = program && expressionOf(program);
  if (!program || !node) return undefined;
  const members =
    node.type === 'ObjectExpression'
      ? node.properties
      : node.type === 'ClassExpression'
        ? node.body.body
        : [];
  const member = members[0] as Positioned<estree.Property | estree.MethodDefinition> | undefined;
  if (members.length !== 1 || member?.value?.type !== 'FunctionExpression') return undefined;
  return {
    shift: before.length,
    program,
    node: member.value as Positioned<estree.FunctionExpression>,
    member: describe(member, source, before.length),
  };
}

function describe(
  member: Positioned<estree.Property | estree.MethodDefinition>,
  source: string,
  shift: number,
): Member {
  const key = member.key as Positioned;
  const accessor = member.kind === 'get' || member.kind === 'set' ? member.kind : undefined;
  const named = { ...(accessor && { accessor }) };
  if (!member.computed && key.type === 'Identifier') return { key: key.name, ...named };
  if (!member.computed && key.type === 'Literal') return { key: String(key.value), ...named };
  const start = member.computed ? source.lastIndexOf('[', key.start - shift) : key.start - shift;
  const end = member.computed ? source.indexOf(']', key.end - shift) + 1 : key.end - shift;
  return { key: anyKey, ...named, opaqueKey: [start, end] };
}

function expressionOf(program: Program): Positioned<estree.Expression> | undefined {
  const [statement] = program.body;
  if (program.body.length !== 1 || statement?.type !== 'ExpressionStatement') return undefined;
  return statement.expression as unknown as Positioned<estree.Expression>;
}
