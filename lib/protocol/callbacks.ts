import type { CrashContext, CrashDirective, RetryRule } from '../base/options/remote';

/**
 * The functions among the options of a remote function or class. They are called on the thread of the
 * call that failed, never in the raylet, so they travel there as one value, beside the code.
 */
export interface Callbacks {
  /** Of a function. */
  readonly retryExceptions?: RetryRule;
  /** Of a class, by the names of methods. */
  readonly retryMethods?: Readonly<Record<string, RetryRule>>;
  readonly onCrash?: (error: unknown, context: CrashContext) => CrashDirective;
}
