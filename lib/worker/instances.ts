import type { ActorId, SpecId } from '../base/ids';
import type { RetryRule } from '../base/options/remote';
import {
  dispatch,
  spawn,
  spawnEphemeral,
  stop,
  type ActorRef,
  type ActorSystem,
} from '../nact/actors';
import type { CallContext } from '../protocol/context';
import { ExitSignal } from '../protocol/exit-signal';
import type { CrashReport, ToWorker } from '../protocol/messages';
import type { RemoteSpec } from '../protocol/specs';
import { CallsInTurn, type Invoke } from './calls-in-turn';
import { decodeArguments, parcelsOf, type CallEnd, type CallTools, type UserCall } from './call';
import { parcelsOfSpec } from './callbacks';
import { Instance } from './instance';
import { isSaved, SavedState } from './saved-state';
import { Slots } from './slots';
import type { Streams } from './streams';

export type CreateInstance = Extract<ToWorker, { type: 'createInstance' }>;
export type Judge = Extract<ToWorker, { type: 'judge' }>;
/** `calls`: some wait to be begun. */
type Message = CreateInstance | 'calls';

export interface InstancesOptions {
  readonly system: ActorSystem;
  readonly tools: CallTools;
  readonly streams: Streams;
  readonly specs: ReadonlyMap<SpecId, RemoteSpec>;
  /** Runs an action in a turn of its own, soon. */
  readonly soon: (action: () => void) => void;
}

/** An instance's actor, and below it one for each concurrency group, with a mailbox of its own. */
interface Place {
  readonly instance: Instance;
  readonly actor: ActorRef<Message>;
  readonly calls: CallsInTurn;
  readonly groups: ReadonlyMap<string, CallsInTurn> | undefined;
}

/** The instances of remote classes on this thread: one actor each, whose mailbox is the call order. */
export class Instances {
  private readonly place: ActorRef<never>;
  private readonly places = new Map<ActorId, Place>();
  private shared = false;

  constructor(private readonly options: InstancesOptions) {
    this.place = spawn<undefined, never>(options.system, 'instances', () => undefined, {
      initialState: undefined,
    });
  }

  /** Nothing lives here. */
  get idle(): boolean {
    return this.places.size === 0;
  }

  /** They live here side by side, and come and go while the thread lives on. */
  get shareThread(): boolean {
    return this.shared;
  }

  create(message: CreateInstance): void {
    const { actor: id, spec: specId } = message.call;
    const { restarts = 0 } = message;
    const spec = this.options.specs.get(specId);
    if (spec === undefined) throw new Error(`the spec of actor ${id} never came`);
    const instance = new Instance(id, spec, restarts, this.options.tools);
    const { given } = instance;
    this.shared ||= given !== undefined;
    given?.add(message);
    const actor = spawn<Instance, Message>(
      this.place,
      `${spec.name}-${id}`,
      (_, received) => this.handle(instance, calls, received),
      { initialState: instance },
    );
    const calls: CallsInTurn = this.callsOf(actor, instance, instance.slots);
    const { concurrencyGroups } = spec.actor ?? {};
    const groups = concurrencyGroups && this.spawnGroups(actor, instance, concurrencyGroups);
    this.places.set(id, { instance, actor, calls, groups });
    dispatch(actor, message);
  }

  invoke(message: Invoke): void {
    const { actor: id, group } = message.call;
    const place = this.places.get(id);
    if (place === undefined) throw new Error(`no instance ${id} lives here`);
    this.options.tools.aborts.expect(message.call.id);
    place.instance.given?.add(message);
    const ofGroup = group === undefined ? undefined : place.groups?.get(group);
    (ofGroup ?? place.calls).add(message);
  }

  /** Asks an instance about one that it has made; whatever it does goes on meanwhile. */
  judge(message: Judge): void {
    const instance = this.places.get(message.actor)?.instance;
    if (instance === undefined) throw new Error(`no instance ${message.actor} lives here`);
    // Not at once: the thread may stand in the middle of user code that waits.
    spawnEphemeral(this.place, `judge-${message.token}`, message, (received) =>
      instance.inside(() => instance.supervision.judge(received)),
    );
  }

  /** The instance, about which somebody else has decided, goes on. */
  resume(id: ActorId): void {
    this.places.get(id)?.instance.supervision.resume();
  }

  /**
   * Whether an instance here decides itself what becomes of it after an error that nobody caught.
   *
   * @param culprit the call whose code it came from, ended or not
   */
  supervise(error: unknown, culprit: UserCall | undefined): boolean {
    const instance = this.ownerOf(culprit);
    if (!instance?.supervision.has) return false;
    // A call that runs has failed with it, and its instance was asked.
    if (culprit && !culprit.context.ended) return true;
    const { id, supervision } = instance;
    const crash = instance.inside(() => supervision.ask(error, 'background'));
    if (crash !== undefined) this.options.tools.report({ type: 'crashed', actor: id, crash });
    return true;
  }

  /** Whose code an error came from; with nothing else here, what belongs to no call is the instance's. */
  private ownerOf(culprit: UserCall | undefined): Instance | undefined {
    if (culprit !== undefined) return this.placeOf(culprit.context)?.instance;
    if (this.shared) return undefined;
    const [only] = this.places.values();
    return only?.instance;
  }

  /** Where the instance lives that a call is of, unless that is gone: it may have come back since. */
  private placeOf({ actor = '', restarts }: CallContext): Place | undefined {
    const place = this.places.get(actor);
    return place?.instance.restarts === restarts ? place : undefined;
  }

  private spawnGroups(
    parent: ActorRef<Message>,
    instance: Instance,
    limits: Readonly<Record<string, number>>,
  ): ReadonlyMap<string, CallsInTurn> {
    return new Map(
      Object.entries(limits).map(([group, limit], at) => [
        group,
        this.spawnGroup(parent, `${at}-${group}`, instance, new Slots(limit)),
      ]),
    );
  }

  private spawnGroup(
    parent: ActorRef<Message>,
    name: string,
    instance: Instance,
    slots: Slots,
  ): CallsInTurn {
    const handle = (): undefined | Promise<undefined> => calls.handle()?.then(() => undefined);
    const actor = spawn<undefined, 'calls'>(parent, name, handle, { initialState: undefined });
    const calls = this.callsOf(actor, instance, slots);
    return calls;
  }

  private callsOf<M>(actor: ActorRef<M | 'calls'>, instance: Instance, slots: Slots): CallsInTurn {
    return new CallsInTurn({
      post: () => dispatch(actor, 'calls'),
      start: (call) => this.start(instance, slots, call),
      soon: this.options.soon,
      clock: this.options.tools.clock,
    });
  }

  /** Begins nothing more for the instance of a call, and answers that: it is about to end. */
  leave(context: CallContext): ActorId | undefined {
    const left = this.placeOf(context);
    if (left !== undefined) close(left);
    return left?.instance.id;
  }

  /** The instance is gone, the thread lives on: nothing more is heard of it. */
  drop(id: ActorId): void {
    const place = this.places.get(id);
    const { tools } = this.options;
    this.places.delete(id);
    if (place !== undefined) close(place);
    place?.instance.given?.abandon(tools.client, tools.aborts);
    tools.report({ type: 'dropped', actor: id });
  }

  private handle(
    instance: Instance,
    calls: CallsInTurn,
    message: Message,
  ): Instance | Promise<Instance> {
    const pending = message === 'calls' ? calls.handle() : this.runConstructor(instance, message);
    return pending === undefined ? instance : pending.then(() => instance);
  }

  /** Starts a call as soon as the instance may begin one. */
  private start(instance: Instance, slots: Slots, message: Invoke): void | Promise<void> {
    const { suspended } = instance.supervision;
    if (suspended !== undefined) return suspended.then(() => this.start(instance, slots, message));
    return slots.hold(this.runMethod(instance, message));
  }

  private runConstructor(instance: Instance, message: CreateInstance): void | Promise<void> {
    const { call, values, state } = message;
    const { tools } = this.options;
    const { spec, restarts, supervision } = instance;
    let crash: CrashReport | undefined;
    const onEnd = ({ outcome }: CallEnd): void => {
      const { actor } = call;
      if (crash !== undefined && (crash.directive !== 'stop' || crash.faulty)) {
        tools.report({ type: 'crashed', actor, crash });
      } else tools.report({ type: 'created', actor, outcome });
    };
    const user = instance.userCall(call, spec.name, restarts, onEnd, {
      epilogue: (thrown) => {
        if (thrown === undefined || thrown.error instanceof ExitSignal) return;
        crash = supervision.ask(thrown.error, 'constructor');
      },
    });
    instance.context = user.context;
    const needed = [...parcelsOfSpec(spec), ...parcelsOf(call.args, values), ...parcelsOf(state)];
    return user.run(needed, () => {
      instance.given?.read(call.id);
      // Read while they can be: it may be asked when it has been told to leave.
      tools.callbacks.of(spec);
      const args = decodeArguments(tools.codec, call, values);
      const before = state === undefined ? undefined : { state: tools.codec.decode(state) };
      const Class = tools.code.resolve(spec.code.id) as new (...args: unknown[]) => object;
      const object = (instance.object = new Class(...args));
      if (!isSaved(object, spec)) return undefined;
      instance.saved = new SavedState(object, spec, instance.id, tools);
      return before && object.restoreState(before.state);
    });
  }

  private runMethod(instance: Instance, message: Invoke): void | Promise<void> {
    const { call, values, attempt = 0 } = message;
    const { tools, streams } = this.options;
    const { name } = instance.spec;
    instance.underWay += 1;
    const label = call.name ?? `${name}.${call.method}`;
    let crash: CrashReport | undefined;
    const onEnd = (end: CallEnd): void => {
      instance.underWay -= 1;
      const more = { blocked: user.context.blocked, ...(crash !== undefined && { crash }) };
      tools.report({ type: 'done', call: call.id, ...more, ...end });
    };
    const user = instance.userCall(call, label, attempt, onEnd, {
      returns: call.returns?.length,
      retryRule: () => this.retryRule(instance, call.method),
      epilogue: (thrown) => {
        const { supervision, saved } = instance;
        if (thrown?.error instanceof ExitSignal) return undefined;
        // What a call throws that was told to end says nothing of the instance.
        if (thrown !== undefined && user.context.abortedBy === undefined) {
          crash = supervision.ask(thrown.error, { method: call.method });
        }
        // What it has is not to be trusted unless it goes on with it.
        return supervision.suspended === undefined ? saved?.save(user) : undefined;
      },
    });
    return user.run(parcelsOf(call.args, values), () => {
      instance.given?.read(call.id);
      const args = decodeArguments(tools.codec, call, values);
      if (!user.mayRun()) return undefined;
      const { object } = instance;
      const method = (object as Record<string, unknown> | undefined)?.[call.method];
      if (typeof method !== 'function') {
        const message = `${name} has no method ${call.method}()`;
        user.refuse({ kind: 'system', code: 'INVALID_CALL', message });
        return undefined;
      }
      const result = Reflect.apply(method, object, args) as unknown;
      return call.stream === undefined ? result : streams.run(user, result, call.stream);
    });
  }

  private retryRule({ spec }: Instance, method: string): RetryRule | undefined {
    const rules = this.options.tools.callbacks.of(spec)?.retryMethods ?? {};
    return Object.hasOwn(rules, method) ? rules[method] : undefined;
  }
}

/** Begins nothing more there. */
function close({ actor, calls, groups }: Place): void {
  stop(actor);
  calls.close();
  for (const ofGroup of groups?.values() ?? []) ofGroup.close();
}
