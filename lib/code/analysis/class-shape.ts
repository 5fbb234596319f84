import type * as estree from 'estree';
import type { Positioned } from './parse';
import type { Shape } from './shape';

/** One member of a class body, by its place in the class's source. */
export interface ClassMember {
  readonly kind: 'constructor' | 'method' | 'get' | 'set' | 'field' | 'block';
  readonly static: boolean;
  readonly start: number;
  readonly end: number;
  /** `#name` included. Undefined for blocks and for keys known only at run time. */
  readonly key?: string;
  /** The expression between brackets, when the key is known only at run time. */
  readonly computed?: readonly [start: number, end: number];
  /** The initial value of a field, with its `=`. */
  readonly initializer?: readonly [start: number, end: number];
}

export interface ClassShape {
  readonly heritage?: {
    readonly start: number;
    readonly end: number;
    /** `B` in `extends B`. */
    readonly name?: string;
  };
  readonly members: readonly ClassMember[];
  /** Where the body's closing brace stands. */
  readonly bodyEnd: number;
}

export function classShapeOf({ node, shift }: Shape): ClassShape | undefined {
  if (node.type !== 'ClassExpression') return undefined;
  const body = node.body as Positioned<estree.ClassBody>;
  const heritage = node.superClass as Positioned<estree.Expression> | null | undefined;
  const isNull = heritage?.type === 'Literal' && heritage.value === null;
  return {
    ...(heritage &&
      !isNull && {
        heritage: {
          start: heritage.start - shift,
          end: heritage.end - shift,
          ...(heritage.type === 'Identifier' && { name: heritage.name }),
        },
      }),
    members: body.body.map((member) => memberOf(member as Positioned<typeof member>, shift)),
    bodyEnd: body.end - 1 - shift,
  };
}

function memberOf(
  member: Positioned<estree.MethodDefinition | estree.PropertyDefinition | estree.StaticBlock>,
  shift: number,
): ClassMember {
  const place = { start: member.start - shift, end: member.end - shift };
  if (member.type === 'StaticBlock') return { kind: 'block', static: true, ...place };
  const key = member.key as Positioned<estree.Expression | estree.PrivateIdentifier>;
  const value = member.value as Positioned | null | undefined;
  const isField = member.type === 'PropertyDefinition';
  return {
    kind: isField ? 'field' : member.kind,
    static: member.static,
    ...place,
    ...keyOf(member.computed, key, shift),
    ...(isField && value && { initializer: [key.end - shift, value.end - shift] as const }),
  };
}

function keyOf(
  computed: boolean,
  key: Positioned<estree.Expression | estree.PrivateIdentifier>,
  shift: number,
): Pick<ClassMember, 'key' | 'computed'> {
  if (key.type === 'PrivateIdentifier') return { key: `#${key.name}` };
  if (key.type === 'Literal') return { key: String(key.value) };
  if (!computed && key.type === 'Identifier') return { key: key.name };
  return { computed: [key.start - shift, key.end - shift] };
}

/** A member's text as its function's `toString` gives it. */
export function memberText(member: ClassMember, source: string): string {
  const text = source.slice(member.start, member.end);
  return member.static ? text.replace(/^static\s+/, '') : text;
}
