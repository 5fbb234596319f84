import type { ActorId, CallId, ObjectId } from '../../../lib/base/ids';
import type {
  CrashReport,
  CreateActor,
  Dependencies,
  MethodCall,
  StreamPolicy,
  TaskCall,
} from '../../../lib/protocol/messages';
import type { Outcome, Payload } from '../../../lib/protocol/payload';
import type { SchedulerMessage } from '../../../lib/raylet/scheduler/events';
import { escalated, thrown, waitFor } from './support';
import type { SimInstance } from './sim-instance';
import type { SimClient, World } from './world';

type Done = Extract<SchedulerMessage, { type: 'done' }>;

/** What the code of calls does: called for each turn that one of them gets. */
export type Behaviour = (task: SimTask) => void;

/** One call on a simulated thread. */
export class SimTask {
  state: 'running' | 'suspended' | 'blocking' | 'ended' = 'running';
  turns = 0;
  /** Refs its code can name: those in its arguments and those it made. */
  readonly refs = new Set<ObjectId>();
  readonly made: ObjectId[] = [];
  /** It was told to end: it waits for nothing any more. */
  aborted = false;
  /** Streams that it reads. */
  readonly streams: CallId[] = [];
  private waits: number[] = [];
  /** As a generator: what it has yielded, and what it knows to be taken. */
  private yielded = 0;
  taken = 0;
  private paused = false;

  constructor(
    readonly world: World,
    readonly client: SimClient,
    readonly call: TaskCall | MethodCall | CreateActor,
    values: Dependencies = [],
    readonly attempt = 0,
  ) {
    for (const payload of [call.args, ...values.map(([, value]) => value)]) {
      for (const ref of client.receiveRefs(payload)) this.refs.add(ref);
    }
  }

  get function(): string {
    return 'spec' in this.call ? this.call.spec : this.call.method;
  }

  /** It is a method or a constructor. */
  get isOfActor(): boolean {
    return 'actor' in this.call;
  }

  get isMethod(): boolean {
    return 'method' in this.call;
  }

  /** Whose method or constructor it is. */
  get instance(): SimInstance | undefined {
    return 'actor' in this.call ? this.client.instances.get(this.call.actor) : undefined;
  }

  submit(
    fn: string,
    args: Payload,
    refs: readonly ObjectId[] = [],
    { stream, count = 1 }: { readonly stream?: StreamPolicy; readonly count?: number } = {},
  ): ObjectId {
    const base = { ...this.newCall(args, refs), spec: fn, ...(stream && { stream }) };
    const call = this.world.withReturns(base, count);
    if (stream) this.streams.push(call.id);
    this.client.submit(call);
    // Whoever waits for its end, and does not take its items, waits for ever.
    if (stream?.backpressure !== undefined) return call.id;
    const { returns = [call.id] } = call;
    for (const one of returns) this.refs.add(one);
    this.made.push(...returns);
    return call.id;
  }

  callActor(
    actor: ActorId,
    args: Payload,
    refs: readonly ObjectId[] = [],
    group?: string,
  ): ObjectId {
    const base = { ...this.newCall(args, refs), actor, method: 'method' };
    const call = { ...base, ...(group !== undefined && { group }) };
    return this.post({ type: 'callActor', call }, call.id);
  }

  /** Its handle is the ref that this answers with. */
  createActor(spec: string, args: Payload, refs: readonly ObjectId[] = []): ObjectId {
    const call = this.newCall(args, refs);
    this.world.actors.set(call.id, spec);
    return this.post({ type: 'createActor', call: { ...call, actor: call.id, spec } }, call.id);
  }

  put(value: Payload): ObjectId {
    const id = this.world.nextId('put');
    this.client.known.add(id);
    return this.post({ type: 'put', id, value }, id);
  }

  /** It is to end: its waits fail, and it runs. */
  abort(): void {
    this.aborted = true;
    this.waits = [];
    this.state = 'running';
  }

  /** Suspends until all refs are settled; goes on at once when their values are here. */
  wait(refs: readonly ObjectId[], mayBlock = false): void {
    if (this.aborted) return;
    // Where others live on the thread it is refused.
    const blocking = mayBlock && !this.client.shared;
    const open = refs.filter((ref) => !this.client.known.has(ref));
    if (open.length === 0) return;
    const foreign = open.filter((ref) => !this.client.made.has(ref));
    if (foreign.length > 0) this.client.post({ type: 'want', ids: foreign });
    this.state = blocking ? 'blocking' : 'suspended';
    const id = this.world.count();
    this.waits = [id];
    const waits = [waitFor(id, [...open])];
    this.client.post({ type: 'waiting', task: this.call.id, waits, blocking });
  }

  /** Yields an item, and pauses when it is as far ahead of its reader as it may be. */
  yield(value: Payload): void {
    const { call, client } = this;
    const { backpressure = Infinity } = call.stream ?? {};
    client.post({ type: 'yielded', call: call.id, index: this.yielded, value });
    this.yielded += 1;
    if (this.aborted || this.yielded - this.taken < backpressure) return;
    const taken = this.yielded - backpressure + 1;
    const id = this.world.count();
    this.state = 'suspended';
    this.paused = true;
    this.waits = [id];
    const waits = [{ id, refs: [], count: 1, failFast: false, taken }];
    client.post({ type: 'waiting', task: call.id, waits, blocking: false });
  }

  /** These waits are answered, or will never be. */
  granted(waits: readonly number[]): void {
    if (this.aborted || !this.waits.some((id) => waits.includes(id))) return;
    this.state = 'running';
    this.paused = false;
  }

  progress(value: Payload): void {
    this.client.post({ type: 'progress', task: this.call.id, value });
  }

  /** Its wait times out; for more items to be taken it waits as long as it takes. */
  timeOut(): void {
    if (!this.paused) this.goOn();
  }

  private goOn(): void {
    this.paused = false;
    this.state = 'running';
    this.client.post({ type: 'unwait', task: this.call.id, waits: this.waits });
  }

  /** What its instance has is sent, for a restart. */
  save(state: Payload): void {
    const { call, client } = this;
    if ('actor' in call) client.post({ type: 'saved', actor: call.actor, state });
  }

  finish(value: Payload, took = 0.01): void {
    const { returns = [] } = this.call;
    this.end({ ok: true, value }, took, { rest: returns.slice(1).map(() => value) });
  }

  throw(retry = false): void {
    const failure = thrown(this.call.id);
    this.end({ ok: false, failure }, 0.01, retry ? { retry: true } : {});
  }

  /** Its method throws, and `onCrash` of its instance does not just go on. */
  crash(directive: CrashReport['directive']): void {
    if (this.instance !== undefined) this.instance.held = true;
    const crash = { ...escalated(this.call.id), directive };
    this.end({ ok: false, failure: thrown(this.call.id) }, 0.01, { crash });
  }

  /** The instance leaves: nothing more of it is begun. */
  exitActor(): void {
    const { call, client, instance } = this;
    if (!('actor' in call)) return;
    if (instance !== undefined) instance.left = true;
    client.post({ type: 'exitActor', actor: call.actor, call: call.id });
    this.throw();
  }

  exit(exitCode: number): void {
    this.end({ ok: false, failure: thrown(this.call.id) }, 0.01, { exitCode });
  }

  private end(outcome: Outcome, took: number, more: Partial<Done> = {}): void {
    this.state = 'ended';
    const { call, client, world } = this;
    client.tasks.delete(call.id);
    if ('actor' in call && 'spec' in call) return world.created(client, call.actor, outcome);
    client.post({ type: 'done', call: call.id, outcome, took, blocked: false, ...more });
  }

  private newCall(args: Payload, refs: readonly ObjectId[]): Omit<TaskCall, 'spec'> {
    return this.world.callOf(args, refs, {
      ...(this.aborted ? {} : { parent: this.call.id }),
      depth: this.call.depth + 1,
      caller: `${this.call.id}/${this.attempt}`,
    });
  }

  private post(message: SchedulerMessage, made: ObjectId): ObjectId {
    this.client.make(message, made);
    this.refs.add(made);
    this.made.push(made);
    return made;
  }
}
