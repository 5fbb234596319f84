import { TaskTimeoutError } from '../base/errors';
import type { ResolvedRemoteOptions, RetryRule } from '../base/options/remote';
import type { Callbacks } from '../protocol/callbacks';
import type { ActorPolicy, MethodPolicy, TaskPolicy } from '../protocol/specs';

/* What options say to the raylet and to workers: nothing where they leave all as usual. */

const DEFAULT_GRACE = 1000;

export function taskPolicyOf({ given }: ResolvedRemoteOptions): TaskPolicy | undefined {
  const { retryDelay, retryExceptions, maxCalls, timeout, graceMs = DEFAULT_GRACE } = given;
  return unlessEmpty<TaskPolicy>({
    ...(retryDelay && { retryDelay }),
    ...(maxCalls && { maxCalls }),
    ...(timeout !== undefined && timeout !== Infinity && { timeout, graceMs }),
    ...(retriesTimeouts(retryExceptions) && { retriesTimeouts: true }),
  });
}

export function actorPolicyOf(options: ResolvedRemoteOptions): ActorPolicy | undefined {
  const { given } = options;
  const methods = methodPoliciesOf(options);
  const { maxRestarts, restartDelay, maxTaskRetries, maxConcurrency, saveEvery } = given;
  const { concurrencyGroups, lifetime, thread } = given;
  return unlessEmpty<ActorPolicy>({
    ...(maxRestarts && { maxRestarts }),
    ...(restartDelay && { restartDelay }),
    ...(maxTaskRetries && { maxTaskRetries }),
    ...(maxConcurrency !== undefined && maxConcurrency > 1 && { maxConcurrency }),
    ...(saveEvery !== undefined && saveEvery > 1 && { saveEvery }),
    ...(lifetime === 'detached' && { detached: true }),
    ...(thread === 'shared' && { sharesThread: true }),
    ...(concurrencyGroups && { concurrencyGroups }),
    ...(methods && { methods }),
  });
}

function methodPoliciesOf({ given }: ResolvedRemoteOptions): ActorPolicy['methods'] {
  const policies = Object.entries(given.methods ?? {}).flatMap(([name, options]) => {
    const { maxTaskRetries, retryDelay, retryExceptions } = options ?? {};
    const policy = unlessEmpty<MethodPolicy>({
      ...(maxTaskRetries !== undefined && { maxTaskRetries }),
      ...(retryDelay && { retryDelay }),
      ...(retryExceptions && { retriesErrors: true }),
    });
    return policy === undefined ? [] : [[name, policy] as const];
  });
  return unlessEmpty(Object.fromEntries(policies));
}

export function callbacksOf({ given }: ResolvedRemoteOptions): Callbacks | undefined {
  const { retryExceptions, onCrash, methods = {} } = given;
  const rules = Object.entries(methods).flatMap(([name, one]) =>
    one?.retryExceptions ? [[name, one.retryExceptions] as const] : [],
  );
  return unlessEmpty<Callbacks>({
    ...(retryExceptions && { retryExceptions }),
    ...(onCrash && { onCrash }),
    ...(rules.length > 0 && { retryMethods: Object.fromEntries(rules) }),
  });
}

/** What can be said of a thread that had to be ended, and can be asked no more. */
function retriesTimeouts(rule: RetryRule | undefined): boolean {
  if (typeof rule !== 'object') return rule === true;
  return rule.some(
    (type) => type === TaskTimeoutError || TaskTimeoutError.prototype instanceof type,
  );
}

function unlessEmpty<T extends object>(record: T): T | undefined {
  return Object.keys(record).length > 0 ? record : undefined;
}
