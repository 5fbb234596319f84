import { inspect } from 'node:util';
import { InvalidOptionError } from '../base/errors';
import type { CrashContext, CrashDirective } from '../base/options/remote';
import type { Callbacks } from '../protocol/callbacks';
import { isThenable } from './thenable';

export type OnCrash = NonNullable<Callbacks['onCrash']>;

/** What an `onCrash` has said of an error. */
export interface CrashVerdict {
  readonly directive: CrashDirective;
  /** The error; with that of the callback, where it did not do its duty. */
  readonly error: unknown;
  /** The directive is not its own: it threw, or answered something else. */
  readonly faulty: boolean;
}

const directives: ReadonlySet<unknown> = new Set<CrashDirective>([
  'resume',
  'restart',
  'stop',
  'escalate',
]);

/** Asks what is to become of an instance. A callback that throws or answers something else means `stop`. */
export function judgeCrash(onCrash: OnCrash, error: unknown, context: CrashContext): CrashVerdict {
  const where = `onCrash of ${context.actorName}`;
  let fault: unknown;
  try {
    const answer: unknown = onCrash(error, context);
    if (isDirective(answer)) return { directive: answer, error, faulty: false };
    fault = new InvalidOptionError(`${where} answered with ${show(answer)}`);
    // Nobody waits for it, so nobody else would handle it.
    if (isThenable(answer)) answer.then(undefined, () => undefined);
  } catch (thrown) {
    fault = thrown;
  }
  const both = new AggregateError(
    [error, fault],
    `${textOf(error)}; and ${where}: ${textOf(fault)}`,
  );
  return { directive: 'stop', error: both, faulty: true };
}

function isDirective(answer: unknown): answer is CrashDirective {
  return directives.has(answer);
}

const show = (answer: unknown): string => {
  const needed = "it must answer 'resume', 'restart', 'stop' or 'escalate'";
  return isThenable(answer)
    ? `a promise, which nobody waits for: make it a function that is not async; ${needed}`
    : `${inspect(answer, { depth: 0 })}: ${needed}`;
};

const textOf = (thrown: unknown): string =>
  thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : inspect(thrown, { depth: 1 });
