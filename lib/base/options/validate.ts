import { inspect } from 'node:util';
import { InvalidOptionError } from '../errors';
import { suggest } from './suggest';
import { placeNames, type Option, type OptionPlace } from './option';
import { optionTable } from './table';

/**
 * Checks an options object against the table. Options given as `undefined` count as left out.
 *
 * @param where what the user called, for the error: `init()`
 * @param again it changes options of before, as `.options()` does
 * @throws InvalidOptionError for an unknown option or a value of the wrong type or range
 */
export function validateOptions(
  place: OptionPlace,
  given: unknown,
  where: string,
  again = false,
): void {
  if (given === undefined) return;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new InvalidOptionError(`${where} takes its options as an object, not ${show(given)}`);
  }
  const valid = optionTable.filter((option) => option.places.includes(place));
  for (const [name, value] of Object.entries(given)) {
    const option = valid.find((candidate) => candidate.name === name);
    if (!option) throw unknownOption(name, valid, where);
    if (value === undefined) continue;
    if (!option.accepts(value)) {
      throw new InvalidOptionError(
        `${where}: the option ${name} must be ${option.type}, not ${show(value)}`,
      );
    }
    const reason = option.refuses?.(value as never);
    if (reason !== undefined) throw new InvalidOptionError(`${where}: ${name}: ${reason}`);
    if (again && option.atDeclaration) {
      throw new InvalidOptionError(
        `${where}: the option ${name} concerns all calls together: give it to remote() instead`,
      );
    }
  }
}

function unknownOption(name: string, valid: readonly Option[], where: string): InvalidOptionError {
  const names = valid.map((option) => option.name);
  const elsewhere = optionTable.flatMap((option) => (option.name === name ? option.places : []));
  const home = elsewhere.length === 0 ? '' : `, which goes to ${listed(elsewhere)}`;
  const meant = suggest(name, names);
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
  return new InvalidOptionError(
    `${where} has no option ${name}${home}.${hint} Valid options: ${names.join(', ')}.`,
  );
}

/** `functions, methods and wait()` */
function listed(places: readonly OptionPlace[]): string {
  const names = [...new Set(places)].map((place) => placeNames[place]);
  const last = names.pop() ?? '';
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`;
}

/** Enough of a value to tell what is wrong with it. */
function show(value: unknown): string {
  const text = inspect(value, { depth: 2, breakLength: Infinity });
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

const LONGEST_VALUE = 200;
