import { descriptorOf } from './descriptor';

/** Where in which class a method is. */
export interface OwnedMember {
  readonly owner: object;
  readonly key: string | symbol;
  readonly isStatic: boolean;
  readonly part: 'value' | 'get' | 'set';
}

/** Finds the class that a method is part of: one captured before, or one of the candidates. */
export function ownerOfMethod(
  method: object,
  candidates: readonly unknown[],
  captured: Pick<WeakMap<object, OwnedMember>, 'get'>,
): OwnedMember | undefined {
  const known = captured.get(method);
  if (known) return known;
  for (const candidate of candidates) {
    for (let owner = candidate; isClass(owner); owner = Object.getPrototypeOf(owner) as unknown) {
      const found = find(method, owner, true) ?? find(method, owner.prototype, false, owner);
      if (found) return found;
    }
  }
  return undefined;
}

interface ClassLike {
  readonly prototype: object;
}

const isClass = (value: unknown): value is ClassLike =>
  typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));

function find(
  method: object,
  place: object,
  isStatic: boolean,
  owner: object = place,
): OwnedMember | undefined {
  for (const key of Reflect.ownKeys(place)) {
    const descriptor = descriptorOf(place, key);
    for (const part of ['value', 'get', 'set'] as const) {
      if (descriptor?.[part] === method) return { owner, key, isStatic, part };
    }
  }
  return undefined;
}
