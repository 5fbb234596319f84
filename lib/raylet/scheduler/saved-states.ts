import type { Payload } from '../../protocol/payload';
import type { ObjectDirectory } from './objects';
import type { ActorRecord, ClientRecord } from './records';

/** What instances have saved of their state: kept for a restart, the latest only. */
export class SavedStates {
  constructor(private readonly objects: ObjectDirectory) {}

  keep(actor: ActorRecord, state: Payload, from: ClientRecord): void {
    if (actor.state === 'dead' || actor.worker?.client !== from) return;
    this.replace(actor, { state });
  }

  /** The instance is dead: it will not be made anew. */
  drop(actor: ActorRecord): void {
    this.replace(actor, undefined);
  }

  /** The new one holds its refs before the old one lets go. */
  private replace(actor: ActorRecord, saved: ActorRecord['saved']): void {
    const before = actor.saved;
    if (saved !== undefined) this.objects.keep(saved.state);
    actor.saved = saved;
    if (before !== undefined) this.objects.letGo(before.state);
  }
}
