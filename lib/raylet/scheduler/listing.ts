import { shortId, type ObjectId } from '../../base/ids';
import type { ObjectInfo } from '../../protocol/object-info';
import { isPresent, payloadOf, payloadSize, sharedIn, type Payload } from '../../protocol/payload';
import type { Buffers } from './buffers';
import type { Calls } from './calls';
import type { Clients } from './clients';
import type { CodeBook } from './code-book';
import type { Lives } from './lives';
import { type ObjectDirectory, refsIn } from './objects';
import type { ClientRecord, ObjectRecord } from './records';
import type { Workers } from './workers';

/** Tells what is stored and who keeps it. It looks at everything: nobody pays for it but who asks. */
export class Listing {
  constructor(
    private readonly clients: Clients,
    private readonly workers: Workers,
    private readonly buffers: Buffers,
    private readonly objects: ObjectDirectory,
    private readonly code: CodeBook,
    private readonly calls: Calls,
    private readonly lives: Lives,
  ) {}

  objectInfos(): readonly ObjectInfo[] {
    const holders = this.holders();
    const records = [...this.objects.values()].filter(({ spec }) => spec === undefined);
    return records.map((record): ObjectInfo => {
      const { id, name: task, outcome, kept, site } = record;
      const payload = kept ? kept[0] : outcome && payloadOf(outcome);
      return {
        id,
        task,
        state: outcome === undefined ? 'pending' : outcome.ok ? 'stored' : 'failed',
        size: outcome === undefined ? 0 : this.sizeOf(payload),
        location: locationOf(payload),
        holders: [...new Set([...this.clientsWith(record), ...(holders.get(id) ?? [])])],
        ...(site !== undefined && { site }),
      };
    });
  }

  private sizeOf(payload: Payload): number {
    const away = this.buffers.beside(payload).filter(({ part }) => part.memory === undefined);
    return away.reduce((sum, { size }) => sum + size, payloadSize(payload));
  }

  private *clientsWith({ owner, ownerSent, others }: ObjectRecord): Iterable<string> {
    if (ownerSent > 0 && owner.alive) yield this.labelOf(owner);
    for (const [client, { sent }] of others ?? []) if (sent > 0) yield this.labelOf(client);
  }

  private labelOf(client: ClientRecord): string {
    if (client === this.clients.driver) return 'driver';
    const tenants = this.workers.all.get(client.id)?.host?.tenants ?? [];
    const actors = new Set([...tenants].map(({ spec }) => spec.spec.name));
    return `worker ${client.id}${actors.size > 0 ? ` (${[...actors].join(', ')})` : ''}`;
  }

  /** Whatever but clients keeps each object. */
  private holders(): ReadonlyMap<ObjectId, readonly string[]> {
    const holders = new Map<ObjectId, string[]>();
    const add = (ids: readonly ObjectId[], holder: string): void => {
      for (const id of ids) {
        const list = holders.get(id);
        if (list) list.push(holder);
        else holders.set(id, [holder]);
      }
    };
    const addOf = (payload: Payload, holder: string): void => add(refsIn(payload), holder);
    for (const { name, message, progress, actor } of this.calls.table.values()) {
      const { args, refArgs = [] } = message.call;
      const holder = `call ${name}`;
      addOf(args, holder);
      addOf(progress?.last?.[0], holder);
      add(
        refArgs.map(([, id]) => id),
        holder,
      );
      if (message.kind === 'method' && actor?.object) add([actor.object.id], holder);
    }
    for (const { id, outcome, kept } of this.objects.values()) {
      if (outcome !== undefined)
        addOf(kept ? kept[0] : payloadOf(outcome), `object ${shortId(id)}`);
    }
    for (const payload of this.code.payloads()) addOf(payload, 'code');
    for (const {
      spec,
      pinned,
      saved,
      judgement,
      object,
      keepsArgs,
      message,
    } of this.lives.values()) {
      const holder = `actor ${spec.spec.name}`;
      add(pinned, holder);
      if (keepsArgs) addOf(message.args, holder);
      addOf(saved?.state, holder);
      addOf(judgement?.report.failure.error, holder);
      if (spec.spec.actor?.detached && object) add([object.id], holder);
    }
    return holders;
  }
}

function locationOf(payload: Payload): ObjectInfo['location'] {
  if (sharedIn(payload).length === 0) return 'message';
  return isPresent(payload) ? 'shared memory' : 'disk';
}
