import type { ObjectId } from '../../base/ids';
import type { Parts } from './parts';
import { type CallRecord, isSuspended } from './records';

/** What keeps an object from settling. */
export interface Standstill {
  /** Name of the call that it hangs on. */
  readonly task: string;
  /** It has begun, or lies with whoever is to begin it: time alone does not bring it on. */
  readonly begun: boolean;
}

type Known = Pick<Parts, 'calls' | 'objects' | 'workers'>;

/** The call that an object hangs on: the one that makes it, or one that this has to wait for. */
export function standstill(id: ObjectId, parts: Known): Standstill {
  const call = foremost(id, parts);
  if (call === undefined) return { task: parts.objects.get(id)?.name ?? 'a call', begun: false };
  const [before = call] = call.actor?.inFlight ?? [];
  if (call.worker !== undefined) return { task: before.name, begun: true };
  return { task: (before === call ? running(parts) : before)?.name ?? call.name, begun: false };
}

/** Through arguments and constructors to a call that waits for none. */
function foremost(id: ObjectId, { calls, objects }: Known): CallRecord | undefined {
  let call = calls.table.get(id);
  for (let before = call; before !== undefined; before = nextOf(before)) call = before;
  return call;

  function nextOf({ state, message, actor }: CallRecord): CallRecord | undefined {
    const { refArgs = [] } = message.call;
    if (state === 'pending') {
      const pending = refArgs.find(([, ref]) => objects.get(ref)?.outcome === undefined);
      return pending && calls.table.get(pending[1]);
    }
    return message.kind === 'method' ? actor?.creation : undefined;
  }
}

/** A call that has a CPU. */
function running({ workers }: Known): CallRecord | undefined {
  for (const { calls } of workers.all.values()) {
    for (const call of calls) if (!isSuspended(call)) return call;
  }
  return undefined;
}
