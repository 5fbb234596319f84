import { InvalidArgumentError } from '../base/errors';

/** The things of rayx that user code holds in its hands. */
export type BrandKind = 'ObjectRef' | 'actor handle' | 'remote function' | 'remote class';

interface Brand {
  readonly kind: BrandKind;
  /** Where the copy of rayx that made it lies. */
  readonly copy: string;
}

/** The same in every copy of rayx, so that each knows the things of another for what they are. */
const brandKey = Symbol.for('rayx.brand');

/** Marks a prototype or a function as one of rayx's own things. */
export function brand(target: object, kind: BrandKind): void {
  Object.defineProperty(target, brandKey, { value: { kind, copy: __dirname } satisfies Brand });
}

/**
 * What kind of thing of rayx a value is, or undefined for all other values.
 *
 * @throws InvalidArgumentError when another copy of rayx made it
 */
export function brandOf(value: unknown): BrandKind | undefined {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function'))
    return undefined;
  const found = (value as { [brandKey]?: Brand })[brandKey];
  if (found === undefined || found.copy === __dirname) return found?.kind;
  throw new InvalidArgumentError(
    `this ${found.kind} was made by another copy of rayx (${found.copy}, while this one is ` +
      `${__dirname}); make sure that rayx is installed once: npm ls rayx`,
  );
}
