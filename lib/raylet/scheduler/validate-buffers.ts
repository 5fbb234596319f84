import type { BufferId } from '../../base/ids';
import { type Payload, sharedIn } from '../../protocol/payload';
import { isInMemory, type BufferRecord } from './buffer-record';
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
  const wanted = new Map<BufferRecord, number>();
  for (const record of parts.loading.wanted) wanted.set(record, 1);
  for (const record of buffers.values()) {
    const { id, state, size, seen, home, place, part, loads } = record;
    const check = (right: boolean, what: string): void => must(parts, right, id, what);
    check(record.holds === (holds.get(id) ?? 0), `${record.holds} holds counted`);
    check(loads === (wanted.get(record) ?? 0), `${loads} loads counted`);
    check(record.pins <= record.holds, `${record.pins} pins, ${record.holds} holds`);
    const isHere = place === 'memory' || place === 'unloading' || place === 'writing';
    check((part.memory !== undefined) === isHere, `${place}, memory or not`);
    check(isHere || (seen.size === 0 && record.pins === 0), `${place}, and somebody needs it`);
    check(place !== 'disk' || record.file !== undefined, 'on disk without a file');
    const isHeld = record.holds > 0 || seen.size > 0 || loads > 0;
    check(isHeld === (state === 'used'), `${state}, held or not`);
    check(state === 'used' || home?.alive === true, `${state} at a thread that has ended`);
    for (const [client, times] of seen) {
      check(client.alive && times > 0, `seen ${times} times by ${client.id}`);
    }
    if (state === 'used' && isInMemory(record)) used += size;
    if (state === 'idle') idle += size;
  }
  const { usage } = buffers;
  must(parts, usage.used === used, '', `${usage.used} bytes of buffers counted, ${used} in use`);
  const atHome = usage.idle - usage.spare;
  must(parts, atHome === idle, '', `${atHome} bytes of buffers counted, ${idle} idle`);
}
