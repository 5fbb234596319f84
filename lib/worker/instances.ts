import type { ActorId, SpecId } from '../base/ids';
import { dispatch, spawn, type ActorRef, type ActorSystem } from '../nact/actors';
import type { CreateActor, MethodCall, RemoteSpec, ToWorker } from '../protocol/messages';
import { decodeArguments, parcelsOf, UserCall, type CallEnd, type CallTools } from './call';

export type CreateInstance = Extract<ToWorker, { type: 'createInstance' }>;
export type Invoke = Extract<ToWorker, { type: 'invoke' }>;
type Message = CreateInstance | Invoke;

export interface InstancesOptions {
  readonly system: ActorSystem;
  readonly tools: CallTools;
  readonly specs: ReadonlyMap<SpecId, RemoteSpec>;
}

/** What lives in an instance's actor: the object itself, once its constructor has run. */
interface Instance {
  readonly spec: RemoteSpec;
  object?: object;
}

/** The instances of remote classes on this thread: one actor each, whose mailbox is the call order. */
export class Instances {
  private readonly place: ActorRef<never>;
  private readonly actors = new Map<ActorId, ActorRef<Message>>();

  constructor(private readonly options: InstancesOptions) {
    this.place = spawn<undefined, never>(options.system, 'instances', () => undefined, {
      initialState: undefined,
    });
  }

  /** Nothing lives here. */
  get idle(): boolean {
    return this.actors.size === 0;
  }

  create(message: CreateInstance): void {
    const { actor: id, spec: specId } = message.call;
    const spec = this.options.specs.get(specId);
    if (spec === undefined) throw new Error(`the spec of actor ${id} never came`);
    const actor = spawn<Instance, Message>(
      this.place,
      `${spec.name}-${id}`,
      (instance, received) => this.handle(instance, received),
      { initialState: { spec } },
    );
    this.actors.set(id, actor);
    dispatch(actor, message);
  }

  invoke(message: Invoke): void {
    const actor = this.actors.get(message.call.actor);
    if (actor === undefined) throw new Error(`no instance ${message.call.actor} lives here`);
    this.options.tools.aborts.expect(message.call.id);
    dispatch(actor, message);
  }

  private handle(instance: Instance, message: Message): Instance | Promise<Instance> {
    const pending =
      message.type === 'invoke'
        ? this.runMethod(instance, message)
        : this.runConstructor(instance, message);
    return pending === undefined ? instance : pending.then(() => instance);
  }

  private runConstructor(instance: Instance, message: CreateInstance): void | Promise<void> {
    const { call, values } = message;
    const { tools } = this.options;
    const { spec } = instance;
    const user = this.userCall(instance, call, spec.name, ({ outcome }) => {
      tools.report({ type: 'created', actor: call.actor, outcome });
    });
    return user.run([...spec.code.parcels, ...parcelsOf(call.args, values)], () => {
      const args = decodeArguments(tools.codec, call, values);
      const Class = tools.code.resolve(spec.code.id) as new (...args: unknown[]) => object;
      instance.object = new Class(...args);
    });
  }

  private runMethod(instance: Instance, message: Invoke): void | Promise<void> {
    const { call, values } = message;
    const { tools } = this.options;
    const { name } = instance.spec;
    const user = this.userCall(instance, call, call.name ?? `${name}.${call.method}`, (end) => {
      tools.report({ type: 'done', call: call.id, blocked: user.context.blocked, ...end });
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
      return Reflect.apply(method, object, args) as unknown;
    });
  }

  private userCall(
    { spec }: Instance,
    call: CreateActor | MethodCall,
    name: string,
    onEnd: (end: CallEnd) => void,
  ): UserCall {
    const context = {
      call: call.id,
      name,
      attempt: 1,
      depth: call.depth,
      caller: call.actor,
      actor: call.actor,
      ended: false,
      blocked: false,
    };
    return new UserCall(context, spec.name, this.options.tools, onEnd);
  }
}
