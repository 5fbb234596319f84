import { classShapeOf, memberText, type ClassMember } from '../analysis/class-shape';
import { shapeOf } from '../analysis/shape';
import { descriptorOf } from './descriptor';

/** Where in which class a method is. */
export interface OwnedMember {
  readonly owner: object;
  readonly key: string | symbol;
  readonly isStatic: boolean;
  readonly part: 'value' | 'get' | 'set';
  /** A decorator or a patch has put something else in its place since. */
  readonly replaced?: true;
}

/** Finds the class that a method is written in: one captured before, or one of the candidates. */
export function ownerOfMethod(
  method: object,
  candidates: readonly unknown[],
  captured: Pick<WeakMap<object, OwnedMember>, 'get'>,
): OwnedMember | undefined {
  const known = captured.get(method);
  if (known) return known;
  const text = sourceOf(method);
  for (const candidate of candidates) {
    let owner = candidate;
    for (; isClass(owner); owner = Object.getPrototypeOf(owner) as unknown) {
      const source = sourceOf(owner);
      if (!source.includes(text)) continue;
      const { prototype } = owner as { readonly prototype: object };
      const found =
        inPlace(method, owner, owner, true) ??
        inPlace(method, prototype, owner, false) ??
        bySource(text, source, owner);
      if (found) return found;
    }
  }
  return undefined;
}

const sourceOf = (fn: object): string => Function.prototype.toString.call(fn);

const isClass = (value: unknown): value is object =>
  typeof value === 'function' && /^class\b/.test(sourceOf(value));

function inPlace(
  method: object,
  place: object,
  owner: object,
  isStatic: boolean,
): OwnedMember | undefined {
  for (const key of Reflect.ownKeys(place)) {
    const descriptor = descriptorOf(place, key);
    for (const part of ['value', 'get', 'set'] as const) {
      if (descriptor?.[part] === method) return { owner, key, isStatic, part };
    }
  }
  return undefined;
}

function bySource(text: string, source: string, owner: object): OwnedMember | undefined {
  const shape = shapeOf(source);
  const members = (shape && classShapeOf(shape)?.members) ?? [];
  const member = members.find((each) => memberText(each, source) === text);
  if (member?.key === undefined) return undefined;
  const part = partOf(member);
  return { owner, key: member.key, isStatic: member.static, part, replaced: true };
}

const partOf = ({ kind }: ClassMember): 'value' | 'get' | 'set' =>
  kind === 'get' || kind === 'set' ? kind : 'value';
