import { inspect } from 'node:util';
import type { RetryRule } from '../base/options/remote';
import { isThenable } from './thenable';

/** What a rule says of an error. */
export interface Verdict {
  readonly retry: boolean;
  /** What the call is to fail with, if it comes to that: the error, or it and that of the rule. */
  readonly error: unknown;
}

/**
 * Asks whether an error is to be retried. A function that throws, or answers a promise, says no, and
 * its own error goes along with the first.
 */
export function judge(rule: RetryRule | undefined, error: unknown): Verdict {
  if (rule === undefined || typeof rule === 'boolean') return { retry: rule === true, error };
  try {
    return { retry: names(rule, error), error };
  } catch (fault) {
    const message =
      `${describe(error)}; and its retryExceptions, asked whether to retry, failed: ` +
      describe(fault);
    const both = new AggregateError([error, fault], message);
    both.stack = `${both.name}: ${message}${framesOf(error)}`;
    return { retry: false, error: both };
  }
}

function names(rule: Exclude<RetryRule, boolean>, error: unknown): boolean {
  if (typeof rule !== 'function') return rule.some((type) => error instanceof type);
  const answer: unknown = rule(error);
  // A promise is truthy, whatever it is going to say.
  if (!isThenable(answer)) return Boolean(answer);
  // It is not waited for, and so nobody else would handle it.
  answer.then(undefined, () => undefined);
  throw new TypeError(
    'it answered with a promise, which nobody waits for: make it a function that is not async',
  );
}

/** Where the error came up: that of the rule has its own. */
function framesOf(error: unknown): string {
  const stack: unknown = error instanceof Error ? error.stack : undefined;
  return typeof stack === 'string' ? (/(?:\n\s+at .*)+/.exec(stack)?.[0] ?? '') : '';
}

function describe(thrown: unknown): string {
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : inspect(thrown);
}
