import { InvalidOptionError } from '../errors';
import { suggest } from './suggest';

/**
 * Checks that a class has a concurrency group.
 *
 * @param where what the user called, for the error
 * @throws InvalidOptionError for any other name, listing the groups
 */
export function checkGroup(group: string, groups: readonly string[], where: string): void {
  if (groups.includes(group)) return;
  if (groups.length === 0) {
    throw new InvalidOptionError(
      `${where}: there is no concurrency group ${group}, as the class declares none: ` +
        'give remote() concurrencyGroups',
    );
  }
  const meant = suggest(group, groups);
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
  throw new InvalidOptionError(
    `${where}: there is no concurrency group ${group}.${hint} Groups: ${groups.join(', ')}.`,
  );
}
