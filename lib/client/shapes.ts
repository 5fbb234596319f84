import { InvalidArgumentError, InvalidOptionError } from '../base/errors';
import type { MethodOptions } from '../base/options/remote';
import { suggest } from '../base/options/suggest';
import { displayName, type Definition, type MethodShape } from './definition';

/** What a handle knows of its actor's class. */
export interface ActorShape {
  readonly name: string;
  readonly methods: readonly MethodShape[];
  /** Options that calls of single methods have unless they say otherwise. */
  readonly defaults?: Readonly<Record<string, MethodOptions>>;
  /** Names of its concurrency groups. */
  readonly groups?: readonly string[];
  /** How many calls of one client may be pending at an instance. */
  readonly maxPendingCalls?: number;
}

const shapes = new WeakMap<Definition, ActorShape>();

/** What handles of a class's instances know: one for all of them. */
export function shapeOf(definition: Definition): ActorShape {
  const known = shapes.get(definition);
  if (known !== undefined) return known;
  const shape = describe(definition);
  shapes.set(definition, shape);
  return shape;
}

function describe(definition: Definition): ActorShape {
  const { methods: ownOptions = {}, concurrencyGroups, maxPendingCalls } = definition.options.given;
  const defaults = Object.entries(ownOptions).flatMap(([method, options]) => {
    // Its functions travel with the class: they are called where the method runs.
    const plain = Object.entries(options ?? {}).filter(([name]) => name !== 'retryExceptions');
    return plain.length > 0 ? [[method, Object.fromEntries(plain)] as const] : [];
  });
  return {
    name: displayName(definition),
    methods: definition.methods,
    ...(defaults.length > 0 && { defaults: Object.fromEntries(defaults) }),
    ...(concurrencyGroups && { groups: Object.keys(concurrencyGroups) }),
    ...(maxPendingCalls !== undefined && maxPendingCalls > 0 && { maxPendingCalls }),
  };
}

/**
 * Checks options of a class against its methods.
 *
 * @param where what the user called, for the error
 * @throws InvalidOptionError for options of a method that the class does not have
 * @throws InvalidArgumentError for a class that can save its state but not restore it, or the reverse
 */
export function checkMethods({ methods, options, name }: Definition, where: string): void {
  const names = methods.map(([method]) => method);
  for (const method of Object.keys(options.given.methods ?? {})) {
    if (!names.includes(method)) throw noSuchMethod(method, names, where);
  }
  if (!options.given.maxRestarts) return;
  const [has, lacks] = names.includes('saveState')
    ? (['saveState', 'restoreState'] as const)
    : (['restoreState', 'saveState'] as const);
  if (names.includes(has) && !names.includes(lacks)) {
    throw new InvalidArgumentError(
      `${where}: the class ${name} has ${has}() and no ${lacks}(): its state survives a restart ` +
        'only with both; add the other, or leave out maxRestarts',
    );
  }
}

function noSuchMethod(method: string, names: readonly string[], where: string): InvalidOptionError {
  const meant = suggest(method, names);
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
  const list = names.length === 0 ? 'none' : names.join(', ');
  return new InvalidOptionError(
    `${where}: the option methods names ${method}, which the class does not have.${hint} ` +
      `Its methods: ${list}.`,
  );
}
