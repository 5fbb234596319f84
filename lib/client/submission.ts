import type { ActorId, ObjectId } from '../base/ids';
import { callContext } from '../protocol/context';
import type { CallDraft } from '../protocol/call-draft';
import type {
  CallBase,
  CreateActor,
  FromClient,
  MethodCall,
  StreamPolicy,
  TaskCall,
} from '../protocol/messages';
import { streamPolicy, writeCall, type CallWriterOptions } from './calls';
import type { Definition } from './definition';
import { createHandle, type HandleHost, type MethodCallRequest } from './handles';
import type { Naming } from './naming';
import type { ObjectTable, StoredObject } from './objects';
import type { PendingCalls } from './pending-calls';
import type { ObjectRef } from './refs';
import { checkArity } from './remotes';
import { returnsOf } from './returns';
import { shapeOf } from './shapes';
import type { Signals } from './signals';
import { Sites, type Below, type SubmitSite } from './sites';
import type { SpecBook } from './specs';
import type { StreamMaker } from './stream-maker';
import type { StreamRef } from './streams';

export interface SubmissionOptions {
  readonly host: HandleHost & { refOf(object: StoredObject): ObjectRef<unknown> };
  readonly writer: CallWriterOptions;
  /** Sends a call: the first of a turn leave at once. */
  readonly post: (message: FromClient) => void;
  readonly objects: ObjectTable;
  readonly specs: SpecBook;
  readonly streams: StreamMaker;
  readonly naming: Naming;
  readonly signals: Signals;
  readonly pending: PendingCalls;
  /** Tasks run on this thread too, and have this client. */
  readonly oneThread: boolean;
}

/** Calls of functions and methods, and the making of actors: from what the user wrote to the message. */
export class Submission {
  private readonly pending: PendingCalls;
  private readonly sites = new Sites();

  constructor(private readonly options: SubmissionOptions) {
    this.pending = options.pending;
  }

  submit(definition: Definition, args: readonly unknown[], below: Below): unknown {
    const spec = this.options.specs.ensure(definition);
    const { signal, numReturns } = definition.options.given;
    const call = this.describeCall(args, below, signal, numReturns);
    call.spec = spec.id;
    this.options.post({ type: 'submit', call: call as TaskCall });
    return this.refsTo(call, this.sites.take(definition, below));
  }

  submitStream(definition: Definition, args: readonly unknown[], below: Below): StreamRef<unknown> {
    const spec = this.options.specs.ensure(definition);
    const { given } = definition.options;
    const stream = streamPolicy(given);
    const call = this.describeCall(args, below, given.signal);
    call.spec = spec.id;
    call.stream = stream;
    this.options.post({ type: 'submit', call: call as TaskCall });
    const site = this.sites.take(definition, below);
    return this.options.streams.make(this.options.objects.create(call.id, site), site, stream);
  }

  createActor(definition: Definition, args: readonly unknown[], below: Below): object {
    const spec = this.options.specs.ensure(definition);
    const draft = this.describeCall(args, below);
    // The actor and the object that tells how its creation went are one thing to whoever holds them.
    const actor = (draft.actor = draft.id);
    draft.spec = spec.id;
    const creator = callContext.getStore()?.actor;
    if (creator !== undefined) draft.creator = creator;
    const call = draft as CreateActor;
    const creation = this.options.objects.create(actor, this.sites.take(definition, below));
    const handle = createHandle({
      actor,
      shape: shapeOf(definition),
      creation,
      host: this.options.host,
    });
    const { name } = definition.options.given;
    if (name !== undefined)
      return this.options.naming.create(handle, call, definition.options.given);
    this.options.post({ type: 'createActor', call });
    return handle;
  }

  callMethod(request: MethodCallRequest, below: Below): unknown {
    const call = this.sendMethodCall(request, below);
    return this.refsTo(call, this.sites.take(request.method, below), true);
  }

  streamMethod(request: MethodCallRequest, below: Below): StreamRef<unknown> {
    const stream = streamPolicy(request.options);
    const { id } = this.sendMethodCall(request, below, stream);
    const site = this.sites.take(request.method, below);
    const object = this.options.objects.create(id, site);
    object.ofActor = true;
    return this.options.streams.make(object, site, stream);
  }

  private sendMethodCall(
    { state, method, args, options }: MethodCallRequest,
    below: Below,
    stream?: StreamPolicy,
  ): MethodCall {
    const { actor, shape } = state;
    const [name, arity] = method;
    checkArity({ name: `${shape.name}.${name}`, arity }, args);
    const counted = this.counted(actor);
    this.pending.check(counted, shape);
    const { name: label, concurrencyGroup: group, maxTaskRetries, retryDelay } = options;
    const draft = this.describeCall(args, below, options.signal, options.numReturns);
    draft.actor = actor;
    draft.method = name;
    if (stream) draft.stream = stream;
    if (label !== undefined) draft.name = label;
    if (group !== undefined) draft.group = group;
    if (maxTaskRetries !== undefined) draft.maxRetries = maxTaskRetries;
    if (retryDelay !== undefined) draft.retryDelay = retryDelay;
    const call = draft as MethodCall;
    this.options.post({ type: 'callActor', call });
    this.pending.made(call.id, counted, shape);
    return call;
  }

  /** Under which name calls of an actor are counted: on one thread each caller's by themselves. */
  private counted(actor: ActorId): string {
    return this.options.oneThread ? `${actor} ${callContext.getStore()?.caller}` : actor;
  }

  private describeCall(
    args: readonly unknown[],
    below: Below,
    signal?: AbortSignal,
    numReturns?: number,
  ): CallDraft {
    const call = writeCall(args, below, this.options.writer);
    const returns = returnsOf(numReturns, call.id, this.options.writer.nextId);
    if (returns !== undefined) call.returns = returns;
    if (signal === undefined) return call;
    if (signal.aborted) call.aborted = true;
    else this.options.signals.watch(signal, call.id);
    return call;
  }

  /** What a call answers with: a ref, several, or none. */
  private refsTo({ id, returns }: CallBase, site: SubmitSite, ofActor = false): unknown {
    if (returns === undefined) return this.refTo(id, site, ofActor);
    if (returns.length === 0) {
      // Nobody can look at its failure, but whoever is told of it wants to know where it comes from.
      this.options.objects.drop(this.options.objects.create(id, site));
      return undefined;
    }
    const refs = returns.map((one) => this.refTo(one, site, ofActor));
    return refs.length === 1 ? refs[0] : refs;
  }

  private refTo(id: ObjectId, site: SubmitSite, ofActor: boolean): ObjectRef<unknown> {
    const object = this.options.objects.create(id, site);
    object.ofActor = ofActor;
    return this.options.host.refOf(object);
  }
}
