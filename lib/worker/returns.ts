import { types } from 'node:util';
import { isThenable } from './thenable';

/** A result that does not have as many values as the call was to answer with. */
export class ReturnsError extends Error {}

export interface ReturnsOptions {
  /** For the message: `split`, `Counter.split`. */
  readonly name: string;
  /** As many values are taken; each of them becomes an object. */
  readonly count: number;
  /** Told when a generator has more values than are taken. */
  readonly note: (text: string) => void;
}

/**
 * The values of a call with `numReturns`, one for each ref. Of a generator the first so many, and
 * the rest is left where it is; without refs it is run to its end. Any other result must be a list
 * of exactly so many.
 *
 * @throws ReturnsError for a result of another number
 */
export function valuesOf(
  result: unknown,
  options: ReturnsOptions,
): readonly unknown[] | Promise<readonly unknown[]> {
  if (isThenable(result)) return Promise.resolve(result).then((value) => valuesOf(value, options));
  const { count } = options;
  if (isAsyncIterable(result)) return takeAsync(result[Symbol.asyncIterator](), options);
  if (types.isGeneratorObject(result)) return settled(take(result, options));
  if (count === 0) return [];
  if (count === 1) return [result];
  return settled(listOf(result, options));
}

function listOf(result: unknown, { name, count }: ReturnsOptions): readonly unknown[] {
  if (!isIterable(result)) {
    throw new ReturnsError(
      `${name} answered with ${kindOf(result)}, but its numReturns is ${count}: ` +
        `let it return a list of ${count} values`,
    );
  }
  const values = Array.isArray(result) ? (result as readonly unknown[]) : firstOf(result, count);
  if (values.length !== count) {
    const got = values.length > count && !Array.isArray(result) ? 'more' : String(values.length);
    throw new ReturnsError(
      `${name} answered with ${got} ${got === '1' ? 'value' : 'values'}, but its numReturns is ` +
        `${count}: let it return exactly as many`,
    );
  }
  return values;
}

/** So many of them and one more, which is enough to know: some never end. */
function firstOf(values: Iterable<unknown>, count: number): readonly unknown[] {
  const first: unknown[] = [];
  for (const value of values) if (first.push(value) > count) break;
  return first;
}

function take(generator: Iterator<unknown>, options: ReturnsOptions): readonly unknown[] {
  const values: unknown[] = [];
  for (;;) {
    const next: IteratorResult<unknown, unknown> = generator.next();
    if (next.done) break;
    if (values.length < options.count) values.push(next.value);
    else if (options.count > 0) {
      tellOfMore(options);
      generator.return?.();
      break;
    }
  }
  return enough(values, options);
}

async function takeAsync(
  generator: AsyncIterator<unknown>,
  options: ReturnsOptions,
): Promise<readonly unknown[]> {
  const values: unknown[] = [];
  for (;;) {
    const next: IteratorResult<unknown, unknown> = await generator.next();
    if (next.done) break;
    if (values.length < options.count) values.push(next.value);
    else if (options.count > 0) {
      tellOfMore(options);
      await generator.return?.();
      break;
    }
  }
  return enough(values, options);
}

function enough(values: unknown[], { name, count }: ReturnsOptions): readonly unknown[] {
  if (values.length === count) return values;
  throw new ReturnsError(
    `${name} yielded ${values.length} ${values.length === 1 ? 'value' : 'values'}, but its ` +
      `numReturns is ${count}: let it yield at least as many`,
  );
}

function tellOfMore({ count, note }: ReturnsOptions): void {
  note(`yielded more than its numReturns of ${count}: the further values are dropped`);
}

/** Values may be promises, as a single result may. */
function settled(values: readonly unknown[]): readonly unknown[] | Promise<readonly unknown[]> {
  return values.some(isThenable) ? Promise.all(values) : values;
}

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

/** Text is one value, not a list of letters. */
const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.iterator in value;

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? 'an object that is no list' : `a ${typeof value}`;
}
