import { requireClient } from '../client/current';
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
  /** The actor whose method runs. */
  readonly actorId?: string;
}

/**
 * Where the calling code runs: in the driver, in a task, or in a method of an actor.
 *
 * @example
 * const who = remote(() => getRuntimeContext().taskName);
 * await get(who.remote()); // 'who'
 */
export function getRuntimeContext(): RuntimeContext {
  const { node, id } = requireClient();
  const context = callContext.getStore();
  return {
    nodeId: node,
    workerId: id,
    ...(context && {
      taskId: context.call,
      taskName: context.name,
      attempt: context.attempt,
      ...(context.actor !== undefined && { actorId: context.actor }),
    }),
  };
}
