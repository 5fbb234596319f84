import type { BufferId } from '../../base/ids';
import { type Payload, sharedIn } from '../../protocol/payload';
import { must } from './must';
import type { Parts } from './parts';

/** As `validate`, for shared memory. @param stored every payload that is kept */
export function validateBuffers(parts: Parts, stored: Iterable<Payload>): void {
  const { buffers } = parts;
  const holds = new Map<BufferId, number>();
  const count = (payload: Payload): void => {
    for (const { id } of sharedIn(payload)) {
      if (id !== undefined) holds.set(id, (holds.get(id) ?? 0) + 1);
    }
  };
  for (const payload of stored) count(payload);
  for (const id of holds.keys()) must(parts, buffers.get(id) !== undefined, id, 'held, not known');
  let [used, idle] = [0, 0];
  for (const record of buffers.values()) {
    const { id, state, size, seen, home } = record;
    const check = (right: boolean, what: string): void => must(parts, right, id, what);
    check(record.holds === (holds.get(id) ?? 0), `${record.holds} holds counted`);
    const isHeld = record.holds > 0 || seen.size > 0;
    check(isHeld === (state === 'used'), `${state}, held or not`);
    check(state === 'used' || home?.alive === true, `${state} at a thread that has ended`);
    for (const [client, times] of seen) {
      check(client.alive && times > 0, `seen ${times} times by ${client.id}`);
    }
    if (state === 'used') used += size;
    if (state === 'idle') idle += size;
  }
  const { usage } = buffers;
  must(parts, usage.used === used, '', `${usage.used} bytes of buffers counted, ${used} in use`);
  must(parts, usage.idle === idle, '', `${usage.idle} bytes of buffers counted, ${idle} idle`);
}
