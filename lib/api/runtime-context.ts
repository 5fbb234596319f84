import { InvalidCallError } from '../base/errors';
import { requireClient } from '../client/current';
import { signalOf } from '../protocol/abort';
import { callContext } from '../protocol/context';

/** Where the calling code runs, and as what. */
export interface RuntimeContext {
  /** This machine's runtime. */
  readonly nodeId: string;
  /** The thread: `<node>-0` is the driver. */
  readonly workerId: string;
  /** The running call; undefined in the driver. Equal to the id of its result's ref. */
  readonly taskId?: string;
  /** `square`, or `Counter.increment`. */
  readonly taskName?: string;
  /** 1 at the first try. */
  readonly attempt?: number;
  /** The actor whose method or constructor runs. */
  readonly actorId?: string;
  /**
   * Aborted when the running call is cancelled or runs into its timeout, with a `TaskCancelledError`
   * or `TaskTimeoutError` as its reason: give it to whatever takes a signal, or look at it from time
   * to time. Undefined in the driver.
   */
  readonly signal?: AbortSignal;
  /** How often this actor was restarted: its constructor can tell that it runs again. */
  readonly restarts?: number;
  /**
   * Tells those who follow the running call how far it is: see `progress()`. The value is copied. After
   * the call has ended it does nothing.
   *
   * @throws InvalidCallError in the driver
   * @throws SerializationError for a value that cannot travel, with its path
   */
  readonly progress: (value: unknown) => void;
}

/**
 * Where the calling code runs: in the driver, in a task, or in a method of an actor.
 *
 * @example
 * const who = remote(() => getRuntimeContext().taskName);
 * await get(who.remote()); // 'who'
 *
 * @example
 * const load = remote(async (url: string) => {
 *   const { signal } = getRuntimeContext();
 *   return (await fetch(url, { signal })).text(); // ends when the call is cancelled
 * });
 */
export function getRuntimeContext(): RuntimeContext {
  const client = requireClient();
  const { node, id } = client;
  const context = callContext.getStore();
  const progress = (value: unknown): void => {
    if (context === undefined) throw noCall();
    client.tellProgress(context, value);
  };
  const known = {
    nodeId: node,
    workerId: id,
    ...(context && {
      taskId: context.call,
      taskName: context.name,
      attempt: context.attempt,
      ...(context.actor !== undefined && {
        actorId: context.actor,
        restarts: context.restarts ?? 0,
      }),
    }),
  };
  // Not a part of the data: the context can be returned or printed. The signal is made when it is
  // asked for.
  return Object.defineProperties(known, {
    progress: { value: progress },
    ...(context && { signal: { get: () => signalOf(context) } }),
  }) as RuntimeContext;
}

const noCall = (): InvalidCallError =>
  new InvalidCallError('progress() tells how far a task is: call it in a task or a method');
