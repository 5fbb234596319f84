import type { RemoteSpec } from '../../protocol/specs';
import type { Journal } from './journal';
import type { SpecRecord } from './records';
import type { Shortage } from './resources';

/** Options of `init` that declare resources with a name of their own; the others are `resources`. */
const declaredBy: ReadonlyMap<string, string> = new Map([
  ['CPU', 'numCpus'],
  ['GPU', 'numGpus'],
  ['memory', 'memory'],
]);

/** Why calls of the function, or instances of the class, can never start here: for people. */
export function lackOf(
  { name, kind }: RemoteSpec,
  missing: readonly Shortage[],
): string | undefined {
  if (missing.length === 0) return undefined;
  const parts = missing.map((one) => `${one.name}: ${one.needed}, this machine has ${one.there}`);
  const options = missing.map((one) => declaredBy.get(one.name) ?? 'resources');
  const what = kind === 'class' ? 'instances' : 'calls';
  return (
    `${name} needs ${parts.join('; and ')}: its ${what} stay pending; ` +
    `ask for less, or raise ${[...new Set(options)].join(' and ')} in init()`
  );
}

/** Says so when a call can never start, at the first of its kind. */
export function tellLack(journal: Journal, spec: SpecRecord): void {
  if (spec.lacks === undefined) return;
  journal.emit({ type: 'warn', text: spec.lacks });
  spec.lacks = undefined;
}
