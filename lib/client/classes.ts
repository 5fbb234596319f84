import { InvalidArgumentError } from '../base/errors';
import type { Kind } from '../data/kinds';

/** How instances of one class travel. */
export interface ClassCodec<T extends object = object, D = unknown> {
  /** Unique among registered classes. */
  readonly name: string;
  /** The instance as data, which may hold further values of any kind. */
  readonly encode: (instance: T) => D;
  /** The instance again, in whatever thread. */
  readonly decode: (data: D) => T;
}

type Constructor<T extends object = object> = abstract new (...args: never[]) => T;

/** A registration on the move: its class and functions travel as code, each once per thread. */
interface Registration extends ClassCodec {
  readonly type: Constructor;
}

const byPrototype = new Map<object, Registration>();
const byName = new Map<string, Registration>();

/**
 * Registers how a class's instances travel.
 *
 * @throws InvalidArgumentError when another class has the name already
 */
export function addClass<T extends object, D>(
  type: Constructor<T>,
  { name, encode, decode }: ClassCodec<T, D>,
): void {
  add({ type, name, encode, decode } as unknown as Registration);
}

function add(registration: Registration): void {
  const { type, name } = registration;
  const known = byName.get(name);
  if (known && known.type !== type) {
    throw new InvalidArgumentError(
      `the name ${name} is registered for another class already: give each class its own name`,
    );
  }
  const previous = byPrototype.get(type.prototype as object);
  if (previous) byName.delete(previous.name);
  byName.set(name, registration);
  byPrototype.set(type.prototype as object, registration);
}

/** An instance of a registered class, with the registration for a thread that lacks it. */
export const registeredKind: Kind<object, { registration: Registration; data: unknown }> = {
  id: 'registered',
  test: (value): value is object => registrationOf(value) !== undefined,
  encode(instance) {
    const registration = registrationOf(instance);
    if (!registration) throw new InvalidArgumentError('the class is not registered');
    return { registration, data: registration.encode(instance) };
  },
  decode({ registration, data }) {
    learn(registration);
    return registration.decode(data);
  },
};

/** Arguments that take all registrations along: the body may make instances of its own. */
export class Arguments {
  constructor(readonly list: readonly unknown[]) {}

  /** The list itself as long as nothing is registered. */
  static of(list: readonly unknown[]): unknown {
    return byName.size === 0 ? list : new Arguments(list);
  }
}

/** They arrive as the plain list. */
export const argumentsKind: Kind<unknown, readonly unknown[]> = {
  id: 'arguments',
  test: (value): value is Arguments => value instanceof Arguments,
  // One list, so that a path in an error is the path of the argument.
  encode: (value) => [...(value as Arguments).list, [...byName.values()]],
  decode(data) {
    const registrations = data.at(-1) as readonly Registration[];
    for (const registration of registrations) learn(registration);
    return data.slice(0, -1);
  },
};

function learn(registration: Registration): void {
  if (!byPrototype.has(registration.type.prototype as object)) add(registration);
}

function registrationOf(value: unknown): Registration | undefined {
  if (typeof value !== 'object' || value === null || byName.size === 0) return undefined;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null ? undefined : byPrototype.get(prototype);
}
