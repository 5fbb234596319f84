import { InvalidArgumentError } from '../base/errors';
import { ownFolder } from '../base/own-folder';

/** The things of rayx that user code holds in its hands. */
export type BrandKind =
  'ObjectRef' | 'StreamRef' | 'actor handle' | 'remote function' | 'remote class';

interface Brand {
  readonly kind: BrandKind;
  readonly copy: Copy;
}

/** A copy of rayx in this process, by identity. */
interface Copy {
  readonly folder: string;
}

const thisCopy: Copy = { folder: ownFolder };

/** The same in every copy of rayx, so that each knows the things of another for what they are. */
const brandKey = Symbol.for('rayx.brand');

/** Marks a prototype or a function as one of rayx's own things. */
export function brand(target: object, kind: BrandKind): void {
  Object.defineProperty(target, brandKey, { value: { kind, copy: thisCopy } satisfies Brand });
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
  if (found === undefined || found.copy === thisCopy) return found?.kind;
  throw new InvalidArgumentError(
    `this ${found.kind} was made by another copy of rayx (that of ${found.copy.folder}, while this ` +
      `is ${thisCopy.folder}); make sure that rayx is installed and loaded once: npm ls rayx`,
  );
}
