import type { ActorId, WorkerId } from '../base/ids';
import { dispatch, spawn, stop, type ActorRef, type ActorSystem } from '../nact/actors';
import type { WorkerExit } from '../protocol/messages';
import type { Failure, Outcome, SystemFailure } from '../protocol/payload';
import type { Links } from './links';
import type { Instruction } from './scheduler/instructions';
import type { Workers } from './workers';

type Creation = Extract<Instruction, { type: 'createActor' }>;

export interface SupervisorsOptions {
  readonly system: ActorSystem;
  readonly links: Links;
  readonly workers: Workers;
  readonly onAlive: (actor: ActorId) => void;
  readonly onDied: (actor: ActorId, failure: SystemFailure) => void;
}

/** What the supervisor of one instance is told. */
type Message =
  | { readonly type: 'create' }
  | { readonly type: 'created'; readonly outcome: Outcome }
  | { readonly type: 'end'; readonly reason: string }
  | { readonly type: 'exited'; readonly exit: WorkerExit };

type Life = 'unborn' | 'alive' | 'dead';

/** One supervisor for each instance of a remote class: it sees to its birth and certifies its death. */
export class Supervisors {
  private readonly place: ActorRef<never>;
  private readonly supervisors = new Map<ActorId, ActorRef<Message>>();
  /** Whose thread it is. */
  private readonly tenants = new Map<WorkerId, ActorId>();

  constructor(private readonly options: SupervisorsOptions) {
    this.place = spawn<undefined, never>(options.system, 'actors', () => undefined, {
      initialState: undefined,
    });
  }

  /** Whether the worker hosts an instance. */
  tenantOf(worker: WorkerId): ActorId | undefined {
    return this.tenants.get(worker);
  }

  create(creation: Creation): void {
    const { actor } = creation.call;
    const supervisor = spawn<Life, Message>(
      this.place,
      `${creation.spec.name}-${actor}`,
      (life, message) => this.handle(creation, life, message),
      { initialState: 'unborn' },
    );
    this.supervisors.set(actor, supervisor);
    this.tenants.set(creation.worker, actor);
    dispatch(supervisor, { type: 'create' });
  }

  /** The constructor has ended. */
  created(actor: ActorId, outcome: Outcome): void {
    this.tell(actor, { type: 'created', outcome });
  }

  /** The instance must die. */
  end(actor: ActorId, reason: string): void {
    this.tell(actor, { type: 'end', reason });
  }

  /** A thread has ended, perhaps with an instance on it. */
  exited(worker: WorkerId, exit: WorkerExit): void {
    const actor = this.tenants.get(worker);
    if (actor !== undefined) this.tell(actor, { type: 'exited', exit });
  }

  private tell(actor: ActorId, message: Message): void {
    const supervisor = this.supervisors.get(actor);
    if (supervisor) dispatch(supervisor, message);
  }

  private handle(creation: Creation, life: Life, message: Message): Life {
    const { call, worker, spec, values } = creation;
    const { links, onAlive } = this.options;
    switch (message.type) {
      case 'create':
        links.post(worker, { type: 'define', spec });
        links.post(worker, { type: 'createInstance', call, ...(values ? { values } : {}) });
        links.flush();
        return life;
      case 'created':
        if (life !== 'unborn') return life;
        if (!message.outcome.ok) {
          return this.bury(creation, 'its constructor threw', message.outcome.failure);
        }
        onAlive(call.actor);
        return 'alive';
      case 'end':
        return life === 'dead' ? life : this.bury(creation, message.reason);
      case 'exited':
        if (life !== 'dead') this.bury(creation, message.exit.reason);
        this.forget(creation);
        return 'dead';
    }
  }

  private bury({ call, spec, worker }: Creation, reason: string, cause?: Failure): Life {
    const { workers, onDied } = this.options;
    workers.terminate(worker);
    onDied(call.actor, {
      kind: 'system',
      code: 'ACTOR_DIED',
      actorName: spec.name,
      actorId: call.actor,
      reason,
      ...(cause ? { cause } : {}),
    });
    return 'dead';
  }

  private forget({ call, worker }: Creation): void {
    const supervisor = this.supervisors.get(call.actor);
    this.supervisors.delete(call.actor);
    this.tenants.delete(worker);
    if (supervisor) stop(supervisor);
  }
}
