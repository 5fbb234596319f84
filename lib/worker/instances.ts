import type { ActorId, SpecId } from '../base/ids';
import type { RetryRule } from '../base/options/remote';
import { dispatch, spawn, stop, type ActorRef, type ActorSystem } from '../nact/actors';
import type { CreateActor, MethodCall, RemoteSpec, ToWorker } from '../protocol/messages';
import {
  decodeArguments,
  parcelsOf,
  UserCall,
  type CallEnd,
  type CallTools,
  type CallTraits,
} from './call';
import { parcelsOfSpec } from './callbacks';
import { Slots } from './slots';
import type { Streams } from './streams';

export type CreateInstance = Extract<ToWorker, { type: 'createInstance' }>;
export type Invoke = Extract<ToWorker, { type: 'invoke' }>;
type Message = CreateInstance | Invoke;

export interface InstancesOptions {
  readonly system: ActorSystem;
  readonly tools: CallTools;
  readonly streams: Streams;
  readonly specs: ReadonlyMap<SpecId, RemoteSpec>;
}

/** What lives in an instance's actor: the object itself, once its constructor has run. */
interface Instance {
  readonly spec: RemoteSpec;
  readonly slots: Slots;
  /** Never more than one call of it is under way. */
  readonly alone: boolean;
  /** How often it was made anew. */
  readonly restarts: number;
  object?: object;
  /** Calls that run. */
  underWay: number;
  /** It was said that a call blocks the others. */
  warned: boolean;
}

/** An instance's actor, and below it one for each concurrency group, with a mailbox of its own. */
interface Place {
  readonly actor: ActorRef<Message>;
  readonly groups: ReadonlyMap<string, ActorRef<Invoke>>;
}

/** The instances of remote classes on this thread: one actor each, whose mailbox is the call order. */
export class Instances {
  private readonly place: ActorRef<never>;
  private readonly places = new Map<ActorId, Place>();

  constructor(private readonly options: InstancesOptions) {
    this.place = spawn<undefined, never>(options.system, 'instances', () => undefined, {
      initialState: undefined,
    });
  }

  /** Nothing lives here. */
  get idle(): boolean {
    return this.places.size === 0;
  }

  create(message: CreateInstance): void {
    const { actor: id, spec: specId } = message.call;
    const { restarts = 0 } = message;
    const spec = this.options.specs.get(specId);
    if (spec === undefined) throw new Error(`the spec of actor ${id} never came`);
    const { maxConcurrency = 1, concurrencyGroups = {} } = spec.actor ?? {};
    const limits = Object.entries(concurrencyGroups);
    const alone = maxConcurrency === 1 && limits.length === 0;
    const slots = new Slots(maxConcurrency);
    const instance: Instance = { spec, restarts, slots, alone, underWay: 0, warned: false };
    const actor = spawn<Instance, Message>(
      this.place,
      `${spec.name}-${id}`,
      (_, received) => this.handle(instance, received),
      { initialState: instance },
    );
    const groups = new Map(
      limits.map(([group, limit], at) => [
        group,
        this.spawnGroup(actor, `${at}-${group}`, instance, new Slots(limit)),
      ]),
    );
    this.places.set(id, { actor, groups });
    dispatch(actor, message);
  }

  invoke(message: Invoke): void {
    const { actor: id, group } = message.call;
    const place = this.places.get(id);
    if (place === undefined) throw new Error(`no instance ${id} lives here`);
    this.options.tools.aborts.expect(message.call.id);
    const ofGroup = group === undefined ? undefined : place.groups.get(group);
    if (ofGroup === undefined) dispatch(place.actor, message);
    else dispatch(ofGroup, message);
  }

  private spawnGroup(
    parent: ActorRef<Message>,
    name: string,
    instance: Instance,
    slots: Slots,
  ): ActorRef<Invoke> {
    const handle = (_: undefined, message: Invoke): undefined | Promise<undefined> =>
      slots.hold(this.runMethod(instance, message))?.then(() => undefined);
    return spawn<undefined, Invoke>(parent, name, handle, { initialState: undefined });
  }

  /** Begins nothing more for the instance: it is about to end. */
  leave(actor: ActorId): void {
    const left = this.places.get(actor);
    if (left !== undefined) stop(left.actor);
  }

  private handle(instance: Instance, message: Message): Instance | Promise<Instance> {
    const pending =
      message.type === 'invoke'
        ? instance.slots.hold(this.runMethod(instance, message))
        : this.runConstructor(instance, message);
    return pending === undefined ? instance : pending.then(() => instance);
  }

  private runConstructor(instance: Instance, message: CreateInstance): void | Promise<void> {
    const { call, values } = message;
    const { tools } = this.options;
    const { spec } = instance;
    const user = this.userCall(instance, call, spec.name, instance.restarts, ({ outcome }) => {
      tools.report({ type: 'created', actor: call.actor, outcome });
    });
    return user.run([...parcelsOfSpec(spec), ...parcelsOf(call.args, values)], () => {
      const args = decodeArguments(tools.codec, call, values);
      const Class = tools.code.resolve(spec.code.id) as new (...args: unknown[]) => object;
      instance.object = new Class(...args);
    });
  }

  private runMethod(instance: Instance, message: Invoke): void | Promise<void> {
    const { call, values, attempt = 0 } = message;
    const { tools, streams } = this.options;
    const { name } = instance.spec;
    instance.underWay += 1;
    const onEnd = (end: CallEnd): void => {
      instance.underWay -= 1;
      tools.report({ type: 'done', call: call.id, blocked: user.context.blocked, ...end });
    };
    const label = call.name ?? `${name}.${call.method}`;
    const user = this.userCall(instance, call, label, attempt, onEnd, {
      returns: call.returns?.length,
      retryRule: () => this.retryRule(instance, call.method),
    });
    return user.run(parcelsOf(call.args, values), () => {
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

  private userCall(
    instance: Instance,
    call: CreateActor | MethodCall,
    name: string,
    attempt: number,
    onEnd: (end: CallEnd) => void,
    traits: CallTraits = {},
  ): UserCall {
    const { spec, restarts, alone } = instance;
    const context = {
      call: call.id,
      name,
      // People count from 1.
      attempt: attempt + 1,
      depth: call.depth,
      caller: call.actor,
      actor: call.actor,
      restarts,
      ended: false,
      blocked: false,
      ...(!alone && { onBlock: () => this.warnOfBlocking(instance, name) }),
    };
    return new UserCall(context, spec.name, this.options.tools, onEnd, traits);
  }

  private retryRule({ spec }: Instance, method: string): RetryRule | undefined {
    const rules = this.options.tools.callbacks.of(spec)?.retryMethods ?? {};
    return Object.hasOwn(rules, method) ? rules[method] : undefined;
  }

  private warnOfBlocking(instance: Instance, name: string): void {
    const others = instance.underWay - 1;
    if (instance.warned || others < 1) return;
    instance.warned = true;
    const calls = others === 1 ? 'another call' : `${others} other calls`;
    const text = `${name} blocks ${calls} of its actor by getSync(); use await get() instead`;
    this.options.tools.note(instance.spec.name, text);
  }
}
