import { InvalidCallError } from '../base/errors';
import type { ObjectId } from '../base/ids';
import { callContext } from '../protocol/context';
import type { Gate } from '../protocol/host';
import type { Arrivals } from './arrivals';
import { isSettled } from './objects';
import type { ClientOptions } from './options';
import { seenHere } from './sites';
import { isAnswered, type WaitFor } from './waiting';

export interface BlockOptions {
  readonly arrivals: Arrivals;
  /** Milliseconds. */
  readonly timeout: number;
  /** Of a task: it goes on only with its CPU. */
  readonly gate: Gate | undefined;
  /** Given where raylet and workers are on this very thread. */
  readonly onStandstill: ClientOptions['onStandstill'];
}

/**
 * To be asked before anything is waited for without `await`.
 *
 * @throws InvalidCallError in an actor that shares its thread: all beside it would stand still
 */
export function checkMayBlock(): void {
  const context = callContext.getStore();
  if (!context?.sharesThread) return;
  throw new InvalidCallError(
    `getSync() in ${context.name} would hold up all actors on the thread that it shares: use await ` +
      "get(), or give its class threads of its own (thread: 'own')",
  );
}

/**
 * Blocks the thread until what is waited for is here, or the time is over.
 *
 * @throws RayError why the task will never be answered, or is told to end
 */
export function blockFor(
  what: WaitFor,
  { arrivals, timeout, gate, onStandstill }: BlockOptions,
): void {
  let open = gate === undefined;
  const isOver = (): boolean => isAnswered(what) && (open || gate?.open === true);
  const isHere = (): boolean => gate?.refusal !== undefined || isOver();
  const onStill = (left: number): void => {
    // Whoever has the CPU cannot give it back before: it is this very thread.
    if (onStandstill !== undefined && isAnswered(what)) open = true;
    else onStandstill?.(pendingIds(what), left);
  };
  try {
    arrivals.block(isHere, timeout, onStill);
  } finally {
    gate?.close();
  }
  if (gate?.refusal !== undefined) throw seenHere(gate.refusal);
}

const pendingIds = ({ objects }: WaitFor): ObjectId[] =>
  objects.filter((object) => !isSettled(object)).map((object) => object.id);
