import type { ActorId, WorkerId } from '../base/ids';
import { dispatch, spawn, stop, type ActorRef, type ActorSystem } from '../nact/actors';
import type { Outcome, SystemFailure } from '../protocol/payload';
import type { Links } from './links';
import type { Instruction } from './scheduler/instructions';
import type { Workers } from './workers';

type Creation = Extract<Instruction, { type: 'createActor' }>;

export interface SupervisorsOptions {
  readonly system: ActorSystem;
  readonly links: Links;
  readonly workers: Workers;
  /** What was posted goes soon, and with it what other supervisors post meanwhile. */
  readonly flush: () => void;
  readonly onAlive: (actor: ActorId, worker: WorkerId) => void;
  /** It has gone from a thread that others live on. */
  readonly onLeft: (actor: ActorId, worker: WorkerId) => void;
  /** Its constructor threw. */
  readonly onDied: (actor: ActorId, failure: SystemFailure) => void;
}

/** What the supervisor of one instance is told. */
type Message =
  | { readonly type: 'create'; readonly creation: Creation }
  | { readonly type: 'created'; readonly worker: WorkerId; readonly outcome: Outcome }
  | { readonly type: 'end'; readonly worker: WorkerId; readonly gently: boolean }
  | { readonly type: 'dropped'; readonly worker: WorkerId }
  | { readonly type: 'exited'; readonly worker: WorkerId }
  | { readonly type: 'bury' };

/** What a supervisor knows of its instance. */
interface Life {
  /** The latest of its creations. */
  readonly creation: Creation;
  /** Threads it was made on, and may still be. */
  readonly threads: readonly WorkerId[];
  /** Nothing more will be made. */
  readonly buried: boolean;
}

/**
 * One supervisor for each instance of a remote class, from its first thread to the end of its last:
 * it has the instance made, and its threads ended, or the instance taken off them where it is not
 * alone. Whether and when is up to the scheduler.
 */
export class Supervisors {
  private readonly place: ActorRef<never>;
  private readonly supervisors = new Map<ActorId, ActorRef<Message>>();
  /** Who lives on which thread. */
  private readonly tenants = new Map<WorkerId, Set<ActorId>>();

  constructor(private readonly options: SupervisorsOptions) {
    this.place = spawn<undefined, never>(options.system, 'actors', () => undefined, {
      initialState: undefined,
    });
  }

  /** Has the instance made, for the first time or anew. */
  create(creation: Creation): void {
    const { actor } = creation.call;
    const tenants = this.tenants.get(creation.worker);
    if (tenants === undefined) this.tenants.set(creation.worker, new Set([actor]));
    else tenants.add(actor);
    if (!this.supervisors.has(actor)) this.supervisors.set(actor, this.supervise(creation));
    this.tell(actor, { type: 'create', creation });
  }

  /** The constructor has ended on that thread. */
  created(actor: ActorId, worker: WorkerId, outcome: Outcome): void {
    this.tell(actor, { type: 'created', worker, outcome });
  }

  /** The instance has gone from that thread. */
  dropped(actor: ActorId, worker: WorkerId): void {
    this.tenants.get(worker)?.delete(actor);
    this.tell(actor, { type: 'dropped', worker });
  }

  /** The thread of the instance is to end, or the instance to leave it. */
  end(actor: ActorId, worker: WorkerId, gently: boolean): void {
    this.tell(actor, { type: 'end', worker, gently });
  }

  /** The instance is dead for ever. */
  bury(actor: ActorId): void {
    this.tell(actor, { type: 'bury' });
  }

  /** A thread has ended, perhaps with an instance on it. */
  exited(worker: WorkerId): void {
    const tenants = this.tenants.get(worker) ?? [];
    this.tenants.delete(worker);
    for (const actor of tenants) this.tell(actor, { type: 'exited', worker });
  }

  private supervise(creation: Creation): ActorRef<Message> {
    return spawn<Life, Message>(
      this.place,
      `${creation.spec.name}-${creation.call.actor}`,
      (life, message) => this.handle(life, message),
      { initialState: { creation, threads: [], buried: false } },
    );
  }

  private tell(actor: ActorId, message: Message): void {
    const supervisor = this.supervisors.get(actor);
    if (supervisor) dispatch(supervisor, message);
  }

  private handle(life: Life, message: Message): Life {
    switch (message.type) {
      case 'create':
        return this.make(life, message.creation);
      case 'created':
        this.report(life, message.worker, message.outcome);
        return life;
      case 'end':
        this.endOn(message.worker, life, message.gently);
        return life;
      case 'dropped':
        this.options.onLeft(life.creation.call.actor, message.worker);
        return this.leave(life, message.worker);
      case 'exited':
        return this.leave(life, message.worker);
      case 'bury':
        return this.leaveIfDone({ ...life, buried: true });
    }
  }

  private make(life: Life, creation: Creation): Life {
    const { call, worker, spec, values, restarts, state } = creation;
    const { links } = this.options;
    links.post(worker, { type: 'define', spec });
    links.post(worker, {
      type: 'createInstance',
      call,
      ...(values && { values }),
      ...(restarts !== undefined && { restarts }),
      ...(state !== undefined && { state }),
    });
    this.options.flush();
    return { ...life, creation, threads: [...life.threads, worker] };
  }

  private endOn(worker: WorkerId, { creation }: Life, gently: boolean): void {
    const { links, workers, flush } = this.options;
    const { call, spec } = creation;
    if (spec.actor?.sharesThread) {
      links.post(worker, { type: 'dropInstance', actor: call.actor });
      flush();
    } else if (gently) workers.retire(worker);
    else workers.terminate(worker);
  }

  private report({ creation }: Life, worker: WorkerId, outcome: Outcome): void {
    const { call, spec } = creation;
    const { onAlive, onDied } = this.options;
    // What comes of threads of before is of no interest.
    if (worker !== creation.worker) return;
    if (outcome.ok) return onAlive(call.actor, worker);
    onDied(call.actor, {
      kind: 'system',
      code: 'ACTOR_DIED',
      actorName: spec.name,
      actorId: call.actor,
      reason: 'its constructor threw',
      cause: outcome.failure,
    });
  }

  private leave(life: Life, worker: WorkerId): Life {
    const threads = life.threads.filter((other) => other !== worker);
    return this.leaveIfDone({ ...life, threads });
  }

  private leaveIfDone(life: Life): Life {
    if (!life.buried || life.threads.length > 0) return life;
    const { actor } = life.creation.call;
    const supervisor = this.supervisors.get(actor);
    this.supervisors.delete(actor);
    if (supervisor) stop(supervisor);
    return life;
  }
}
