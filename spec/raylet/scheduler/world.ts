import type { ActorId, CallId, ClientId, ObjectId } from '../../../lib/base/ids';
import type { CrashDirective } from '../../../lib/base/options/remote';
import { ClaimTable } from '../../../lib/protocol/claims';
import type { TaskCall, ToWorker } from '../../../lib/protocol/messages';
import type { RemoteSpec } from '../../../lib/protocol/specs';
import { isEncoded, type Outcome, type Payload } from '../../../lib/protocol/payload';
import type { SchedulerEvent, SchedulerMessage } from '../../../lib/raylet/scheduler/events';
import type { Instruction } from '../../../lib/raylet/scheduler/instructions';
import type { Scheduler } from '../../../lib/raylet/scheduler/scheduler';
import type { Random } from './random';
import { SimInstance } from './sim-instance';
import { SimDisk } from './sim-disk';
import { extend, SimCode } from './sim-code';
import { checkGone, posted, SimMemory } from './sim-memory';
import { SimStreams } from './sim-streams';
import { SimTask } from './sim-task';
import { deathOf, driver, encoded } from './support';
import { ThreadChecks } from './thread-checks';

type Run = Extract<ToWorker, { type: 'run' }>;
type Abort = Extract<ToWorker, { type: 'abort' }>;
type Judge = Extract<ToWorker, { type: 'judge' }>;
type Event = SchedulerEvent extends infer E ? (E extends unknown ? Omit<E, 'at'> : never) : never;

/** A client with its channel: the driver's, or that of a simulated worker thread. */
export class SimClient {
  readonly inbox: ToWorker[] = [];
  readonly outbox: SchedulerMessage[] = [];
  /** How often it got each ref that it has not released. */
  readonly received = new Map<ObjectId, number>();
  readonly known = new Set<ObjectId>();
  readonly made = new Set<ObjectId>();
  readonly tasks = new Map<CallId, SimTask>();
  readonly hand: Run[] = [];
  /** Calls that start at once, beside suspended ones, as soon as the thread is not blocked. */
  readonly beside: Run[] = [];
  /** The one that the thread is for, or those that share it. */
  readonly instances = new Map<ActorId, SimInstance>();
  /** Those of them that are to go. */
  readonly leaving = new Set<ActorId>();
  /** Given calls that are not to begin. */
  readonly aborts = new Set<CallId>();
  readonly judgements: Judge[] = [];
  readonly claims = new ClaimTable();
  readonly code = new SimCode(this);
  readonly values = new Map<ObjectId, Payload>();
  private readonly checks: ThreadChecks;
  readonly streams = new SimStreams({
    post: (message) => this.post(message),
    own: (id) => this.own(id),
    release: (id) => this.release(id),
  });
  readonly memory: SimMemory;
  /** Those it was answered with, until somebody takes them. */
  readonly handles: ObjectId[] = [];
  /** For specs that let threads take their time to start. */
  age = 0;
  online = false;
  ended = false;

  constructor(
    readonly world: World,
    readonly id: ClientId,
    readonly actor?: ActorId,
    /** The variables it was started with. */
    env?: RemoteSpec['envVars'],
    /** For any number of instances. */
    readonly shared = false,
  ) {
    this.checks = new ThreadChecks(id, env);
    const isGone = (object: ObjectId): boolean => !this.received.has(object);
    this.memory = new SimMemory(id, (message) => this.outbox.push(message), isGone);
  }

  post(message: SchedulerMessage): void {
    const { random } = this.world;
    if (random) extend(message, (payload) => this.code.send(payload, random));
    if (random) this.memory.send(message, random);
    this.outbox.push(message);
  }

  make(message: SchedulerMessage, ...ids: readonly ObjectId[]): void {
    for (const id of ids) this.own(id);
    this.post(message);
    const call = 'call' in message && typeof message.call === 'object' ? message.call : undefined;
    if (call?.stream) this.streams.submitted(call.id, call.stream);
  }

  private own(id: ObjectId): void {
    this.made.add(id);
    this.received.set(id, 1);
  }

  /** Submits a call; one that answers with no refs is let go at once. */
  submit(call: TaskCall): void {
    const { returns = [call.id] } = call;
    const { random } = this.world;
    const made = call.spec === 'any' && random?.chance(0.3) ? this.code.choose(random) : undefined;
    const spec = made ?? call.spec;
    this.make({ type: 'submit', call: { ...call, spec } }, call.id, ...returns.slice(1));
    if (returns.length === 0) this.release(call.id);
  }

  receiveRefs(payload: Payload): readonly ObjectId[] {
    if (!isEncoded(payload)) return [];
    this.code.reads(payload);
    for (const ref of payload.refs ?? []) {
      this.received.set(ref, (this.received.get(ref) ?? 0) + 1);
    }
    return payload.refs ?? [];
  }

  release(id: ObjectId): void {
    const count = this.received.get(id);
    if (count === undefined || this.code.keeps(id)) return;
    this.received.delete(id);
    this.known.delete(id);
    this.made.delete(id);
    this.post({ type: 'release', ids: [[id, count]] });
  }

  /** Answers the next question about an instance below, unless the thread is blocked. */
  judge(directive: CrashDirective | undefined): void {
    const asked = this.blocked ? undefined : this.judgements.shift();
    if (asked === undefined) return;
    const { child, token } = asked;
    const said = directive === undefined ? {} : { directive };
    this.post({ type: 'judged', child: child.actorId, token, ...said });
  }

  /** Reads one message. */
  read(): void {
    const message = this.inbox.shift();
    if (message !== undefined) this.memory.read(message);
    if (message !== undefined) this.code.read(message);
    switch (message?.type) {
      case 'run':
        (message.beside ? this.beside : this.hand).push(message);
        return;
      case 'invoke':
        this.instances.get(message.call.actor)?.mailbox.push(message);
        return;
      case 'settled':
        if (message.outcome.ok) {
          this.receiveRefs(message.outcome.value);
          this.values.set(message.id, message.outcome.value);
        }
        if (!this.known.has(message.id)) this.streams.settled(message.id, message.outcome);
        this.known.add(message.id);
        return;
      case 'abort':
        return this.abort(message);
      case 'answer':
        if ('handle' in message.answer)
          this.handles.push(...this.receiveRefs(message.answer.handle));
        return;
      case 'progress':
        this.receiveRefs(message.value);
        return;
      case 'deadlocked':
        this.world.deadlocks += 1;
        this.tasks.get(message.task)?.granted(message.waits);
        return;
      case 'granted':
        this.tasks.get(message.task)?.granted(message.waits);
        return;
      case 'taken': {
        const task = this.tasks.get(message.call);
        if (task !== undefined) task.taken = message.count;
        return;
      }
      case 'judge':
        this.judgements.push(message);
        return;
      case 'resumeInstance': {
        const instance = this.instances.get(message.actor);
        if (instance !== undefined) instance.held = false;
        return;
      }
      default:
    }
  }

  get blocked(): boolean {
    return [...this.tasks.values()].some(({ state }) => state === 'blocking');
  }

  /** Starts the next call, if there is one that may start. Answers whether it did. */
  startNext(): boolean {
    const beside = this.blocked ? undefined : this.beside.shift();
    if (beside !== undefined) return this.start(beside) || this.startNext();
    const invoke = this.nextInvoke();
    if (invoke !== undefined) {
      const { call, values, attempt } = invoke;
      const task = new SimTask(this.world, this, call, values, attempt);
      this.begin(task);
      if (this.aborts.delete(invoke.call.id)) task.throw();
      return true;
    }
    if (this.tasks.size > 0) return false;
    for (let run = this.hand.shift(); run !== undefined; run = this.hand.shift()) {
      if (this.start(run)) return true;
    }
    return false;
  }

  /** The instance goes, with all that it does; what the thread was sent before is read first. */
  drop(actor: ActorId): void {
    while (this.inbox.length > 0) this.read();
    for (const { call, values = [] } of this.instances.get(actor)?.mailbox ?? []) {
      for (const payload of [call.args, ...values.map(([, value]) => value)])
        this.receiveRefs(payload);
    }
    this.leaving.delete(actor);
    this.instances.delete(actor);
    for (const { call } of this.tasksOf(actor)) this.tasks.delete(call.id);
  }

  private tasksOf(actor: ActorId): SimTask[] {
    return [...this.tasks.values()].filter(({ call }) => 'actor' in call && call.actor === actor);
  }

  private nextInvoke(): ReturnType<SimInstance['next']> {
    if (this.blocked) return undefined;
    for (const [id, instance] of this.instances) {
      const next = instance.next(this.tasksOf(id).map(({ call }) => call));
      if (next !== undefined) return next;
    }
    return undefined;
  }

  private start(run: Run): boolean {
    if (!this.claims.start(run.claim)) return false;
    const spec = this.world.specs.get(run.call.spec);
    this.checks.run(spec);
    if (spec !== undefined) this.code.runs(spec);
    const timed = this.world.timed.has(run.call.spec);
    if (timed) this.post({ type: 'started', call: run.call.id, attempt: run.attempt });
    return this.begin(new SimTask(this.world, this, run.call, run.values, run.attempt));
  }

  private abort({ call }: Abort): void {
    const task = this.tasks.get(call);
    if (task !== undefined) task.abort();
    else if ([...this.instances.values()].some(({ mailbox }) => isIn(mailbox, call)))
      this.aborts.add(call);
  }

  private begin(task: SimTask): boolean {
    this.tasks.set(task.call.id, task);
    return true;
  }
}

/**
 * Threads and channels around a scheduler, all simulated: nothing happens but what a spec asks for,
 * in the order it asks for. After every event the scheduler is validated.
 */
export class World {
  at = 0;
  /** Events that the scheduler was handed, ticks left out. */
  events = 0;
  readonly clients = new Map<ClientId, SimClient>();
  readonly driver: SimClient;
  /** Answers of the shell that the scheduler has not been handed yet. */
  readonly answers: Event[] = [];
  /** Threads that are to end: empty ones, and those of instances. */
  readonly retiring = new Set<SimClient>();
  readonly ending = new Set<SimClient>();
  /** Threads that are to end whatever they do. */
  readonly forced = new Map<SimClient, string>();
  /** Functions with a timeout. */
  readonly timed = new Set<string>();
  readonly warnings: string[] = [];
  /** Classes of all actors there have been, by the refs that are their handles. */
  readonly actors = new Map<ObjectId, string>();
  /** Calls that were told that they wait in a circle. */
  deadlocks = 0;
  readonly specs = new Map<string, RemoteSpec>();
  /** Decides which values have memory beside them; none without. */
  random: Random | undefined;
  readonly disk = new SimDisk();
  private ids = 0;

  constructor(readonly scheduler: Scheduler) {
    this.driver = this.add(driver);
    this.handle({ type: 'tick' });
  }

  handle(event: Event): void {
    if (event.type !== 'tick') this.events += 1;
    for (const one of this.scheduler.handle({ ...event, at: this.at })) this.carryOut(one);
    this.scheduler.validate();
  }

  get keepsCode(): boolean {
    const { specs, parcels } = this.scheduler.usage();
    return specs + parcels > 0;
  }

  count(): number {
    this.ids += 1;
    return this.ids;
  }

  nextId(kind: string): string {
    return `${kind}${this.count()}`;
  }

  callOf(
    args: Payload,
    refs: readonly ObjectId[],
    place: Pick<TaskCall, 'parent' | 'depth' | 'caller'>,
  ): Omit<TaskCall, 'spec'> {
    const refArgs = refs.map((ref, index) => [index, ref] as const);
    return { id: this.nextId('call'), args, ...(refs.length > 0 && { refArgs }), ...place };
  }

  /** The call with so many returns. */
  withReturns<C extends Omit<TaskCall, 'spec'>>(call: C, count: number): C {
    if (count === 1) return call;
    const further = Array.from({ length: Math.max(0, count - 1) }, () => this.nextId('call'));
    return { ...call, returns: count === 0 ? [] : [call.id, ...further] };
  }

  /** Hands the scheduler the next message of a client. */
  deliver(client: SimClient): void {
    const message = client.outbox.shift();
    if (message?.type === 'define') this.specs.set(message.spec.id, message.spec);
    if (message !== undefined)
      this.handle({ type: 'messages', from: client.id, messages: [posted(message)] });
  }

  comeOnline(client: SimClient): void {
    client.online = true;
    this.handle({ type: 'workerOnline', worker: client.id });
  }

  /** The thread ends; what it had posted before is read first. */
  end(client: SimClient, kind: 'retired' | 'heap' | 'error' | 'forced'): void {
    client.ended = true;
    // One that is ended by force counts as ended whatever it had posted.
    while (client.outbox.length > 0 && kind !== 'forced') this.deliver(client);
    this.clients.delete(client.id);
    this.retiring.delete(client);
    this.ending.delete(client);
    this.forced.delete(client);
    const exit = { kind, reason: `it ended (${kind})`, lastLines: [] };
    const claims = client.claims.seal();
    this.handle({ type: 'workerExited', worker: client.id, exit, claims });
  }

  /** The instance goes from the thread, which lives on; what that had posted before is read first. */
  drop(client: SimClient, actor: ActorId): void {
    client.drop(actor);
    while (client.outbox.length > 0) this.deliver(client);
    this.answers.push({ type: 'actorLeft', actor, worker: client.id });
  }

  /** A constructor has ended. */
  created({ id: worker }: SimClient, actor: ActorId, { ok }: Outcome): void {
    if (ok) this.answers.push({ type: 'actorAlive', actor, worker });
    else this.answers.push({ type: 'actorDied', actor, failure: deathOf(actor) });
  }

  /** The scheduler hears that threads have ended which it wanted to end. */
  endForced(): void {
    for (const client of this.forced.keys()) this.end(client, 'forced');
  }

  private add(
    id: ClientId,
    actor?: ActorId,
    env?: RemoteSpec['envVars'],
    shared?: boolean,
  ): SimClient {
    const client = new SimClient(this, id, actor, env, shared);
    this.clients.set(id, client);
    return client;
  }

  private carryOut(one: Instruction): void {
    switch (one.type) {
      case 'send': {
        const client = this.clients.get(one.to);
        if (one.message.type === 'run') client?.claims.hold(one.message.claim);
        if (one.message.type === 'recycle') checkGone(one.message.id, this.clients.values());
        client?.inbox.push(posted(one.message));
        return;
      }
      case 'startWorker':
        this.add(one.worker, one.actor, one.envVars, one.shared);
        return;
      case 'retireWorker': {
        const client = this.clients.get(one.worker);
        if (client !== undefined) this.retiring.add(client);
        return;
      }
      case 'terminateWorker': {
        const client = this.clients.get(one.worker);
        if (client !== undefined) this.forced.set(client, one.reason);
        return;
      }
      case 'revoke': {
        const client = this.clients.get(one.worker);
        const calls = one.claims.filter((claim) => client?.claims.revoke(claim));
        const ids = calls.map(({ call }) => call);
        this.answers.push({ type: 'revoked', worker: one.worker, calls: ids });
        return;
      }
      case 'createActor': {
        const client = this.clients.get(one.worker);
        if (client === undefined) return;
        const { actor } = one.call;
        client.instances.set(actor, new SimInstance(actor, one.spec.actor, client.id));
        const { values } = posted({ ...one, type: 'createInstance' });
        client.memory.read({ ...one, type: 'createInstance' });
        client.receiveRefs(one.state);
        const task = new SimTask(this, client, one.call, values, one.restarts);
        client.tasks.set(one.call.id, task);
        return;
      }
      case 'endActor': {
        const client = this.clients.get(one.worker);
        if (client?.shared) client.leaving.add(one.actor);
        else if (client !== undefined) (one.gently ? this.retiring : this.ending).add(client);
        return;
      }
      case 'warn':
        this.warnings.push(one.text);
        return;
      case 'spill':
      case 'restore':
      case 'unlink':
        return this.disk.take(one);
      default:
    }
  }
}

const isIn = (mailbox: SimInstance['mailbox'], id: CallId): boolean =>
  mailbox.some(({ call }) => call.id === id);

/** A value with refs inside. */
export const holding = (refs: readonly ObjectId[]): Payload =>
  refs.length === 0 ? 'value' : encoded('value', { refs });
