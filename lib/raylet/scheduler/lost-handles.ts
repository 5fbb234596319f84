import type { Clients } from './clients';
import type { Journal } from './journal';
import type { Lives } from './lives';
import type { ReadyQueue } from './ready-queue';
import type { ActorRecord, CallRecord, ClientRecord } from './records';
import { type ResourcePool, unitsHeld } from './resources';

/** Milliseconds from one look to the next: a call that is the first of its shape at both is starved. */
const LOOK_AFTER = 50;
/** Milliseconds until clients are asked about an instance once more, twice as many each time. */
const ASK_AGAIN = 100;

/**
 * A handle that no code can reach keeps its instance until the engine of its thread collects it, and
 * that has no reason to. So when others want what an idle instance has, its resources or its name,
 * the clients with handles of it are asked to collect. Where they are kept on purpose that is in
 * vain, and comes ever more rarely.
 */
export class LostHandles {
  /** When the next look at starved calls is due. */
  nextLook = Infinity;
  /** Calls that had no room at the last look. */
  private stood: ReadonlySet<CallRecord> = new Set();

  constructor(
    private readonly journal: Journal,
    private readonly clients: Clients,
    private readonly resources: ResourcePool,
    private readonly queue: ReadyQueue,
    private readonly lives: Lives,
  ) {}

  /** Something happened: calls may have no room from now on. */
  stir(): void {
    if (this.lives.keepers.size === 0 || this.queue.isEmpty) return;
    this.nextLook = Math.min(this.nextLook, this.journal.at + LOOK_AFTER);
  }

  /** Looks at starved calls, if that is due. */
  look(): void {
    const { at } = this.journal;
    if (at < this.nextLook) return;
    this.nextLook = Infinity;
    const before = this.stood;
    this.stood = new Set(this.callsWithoutRoom());
    const lacking = new Set<string>();
    for (const call of this.stood) {
      const { spec } = call;
      if (!before.has(call) || spec === undefined) this.nextLook = at + LOOK_AFTER;
      else for (const [name] of this.resources.lacking(spec.shape)) lacking.add(name);
    }
    const keepers = [...this.lives.keepers].filter(({ holds }) =>
      holds ? unitsHeld(holds).some(([name]) => lacking.has(name)) : false,
    );
    this.nextLook = Math.min(this.nextLook, this.ask(keepers));
  }

  /** Somebody wants the name of the instance. */
  nameWanted(actor: ActorRecord): void {
    this.ask([actor]);
  }

  /** The first of each shape, where others stand in its way. */
  private *callsWithoutRoom(): Iterable<CallRecord> {
    for (const queue of this.queue.waiting()) {
      const { shape } = queue;
      const call = queue.first();
      if (call === undefined || this.resources.fits(shape)) continue;
      if (this.resources.feasible(shape)) yield call;
    }
  }

  /** Answers when it would be time to ask again about one of them. */
  private ask(actors: readonly ActorRecord[]): number {
    const { at } = this.journal;
    const clients = new Set<ClientRecord>();
    let next = Infinity;
    for (const actor of actors) {
      if (!isIdle(actor)) continue;
      const { times, until } = actor.asked ?? { times: 0, until: at };
      if (until <= at) {
        actor.asked = { times: times + 1, until: at + ASK_AGAIN * 2 ** times };
        for (const client of clientsWith(actor)) clients.add(client);
      }
      next = Math.min(next, actor.asked?.until ?? Infinity);
    }
    for (const client of clients) this.clients.post(client, { type: 'collect' });
    return next;
  }
}

/** No call of it is under way, and no stored value holds a handle of it: only clients do. */
const isIdle = ({ object }: ActorRecord): boolean => object?.pins === 0;

function* clientsWith({ object }: ActorRecord): Iterable<ClientRecord> {
  if (object === undefined) return;
  if (object.ownerSent > 0) yield object.owner;
  for (const [client, { sent }] of object.others ?? []) if (sent > 0) yield client;
}
