import { itemId } from '../../protocol/messages';
import type { Parts } from './parts';

/** The part of `validate` that looks at generators: their items, and who reads them. */
export function validateStreams(
  parts: Parts,
  must: (right: boolean, id: string, what: string) => void,
): void {
  let open = 0;
  for (const call of parts.calls.table.values()) {
    const { id, message, stream, waits } = call;
    const check = (right: boolean, what: string): void => must(right, id, what);
    check((message.call.stream !== undefined) === (stream !== undefined), 'a stream or not');
    const pauses = [...(waits?.values() ?? [])].filter(({ taken }) => taken !== undefined);
    check(pauses.length === 0 || (stream !== undefined && pauses.length === 1), 'pauses twice');
    // Of one that was told to end nothing is expected any more.
    if (stream === undefined || call.object.outcome !== undefined) continue;
    open += 1;
    const { item, owner, count, taken } = stream;
    check(parts.items.open.has(call), 'an open stream is lost');
    for (const { taken: wanted = 0, answered } of pauses) {
      check(answered === taken >= wanted, 'pauses though enough is taken');
    }
    if (item === undefined) {
      // It goes on all the same, or is being asked back, to be cancelled.
      const ends = call.state === 'revoking';
      check(ends || taken === Infinity, 'goes on though its reader has left');
      continue;
    }
    check(taken <= count || taken === Infinity, `${taken} of ${count} items taken`);
    check(owner.alive, 'nobody reads it');
    check(item.id === itemId(id, count), `${item.id} is next after ${count}`);
    check(parts.objects.get(item.id) === item, 'its next item is not in the directory');
    check(item.outcome === undefined && item.owner === owner, 'its next item is there');
  }
  must(open === parts.items.open.size, '', 'ended streams are open');
}
