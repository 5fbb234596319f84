import type { Lives } from './lives';
import type { ActorRecord, CallRecord, Lease } from './records';
import { unitsHeld } from './resources';
import type { Workers } from './workers';

/** Somebody who keeps resources from others now. What a task lends while it waits is not counted. */
export interface Holder {
  /** The task, or the instance: its calls come and go. */
  readonly by: CallRecord | ActorRecord;
  readonly units: readonly (readonly [name: string, units: number])[];
}

/** All who hold something. */
export function* holders(workers: Workers, lives: Lives): Iterable<Holder> {
  const leases = new Set<Lease>();
  for (const { calls } of workers.all.values()) {
    for (const { lease } of calls) if (lease !== undefined) leases.add(lease);
  }
  for (const lease of leases) {
    const [by] = lease.calls;
    if (by !== undefined) yield { by, units: unitsHeld(lease) };
  }
  for (const actor of lives.values()) {
    if (actor.holds !== undefined) yield { by: actor, units: unitsHeld(actor.holds) };
  }
}
