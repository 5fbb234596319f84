import type { IdMap } from '../../base/id-map';
import type { ObjectId } from '../../base/ids';
import type { Dependencies } from '../../protocol/messages';
import type { Failure, Outcome, Payload } from '../../protocol/payload';
import { tellLack } from './admission';
import { dependencyFailure, type FailureTrace } from './failures';
import type { Journal } from './journal';
import type { ObjectDirectory } from './objects';
import type { Progress } from './progress';
import {
  type ActorRecord,
  type CallMessage,
  CallRecord,
  type ClientRecord,
  type ObjectRecord,
  type SpecRecord,
  type Lineage,
} from './records';
import { retriesOf } from './retries';
import { SeveralReturns } from './returns';
import { move } from './states';
import type { StreamItems } from './stream-items';

/** A call whose maker has died while it waited for it, and the name of that. */
export type Bereft = readonly [call: CallRecord, maker: string];

/** Calls without result: their arguments, and their end. */
export class Calls {
  /** Calls whose arguments are all there, or that failed for one: what follows is not done yet. */
  readonly resolved: CallRecord[] = [];
  /** What follows is not done yet. */
  readonly bereft: Bereft[] = [];
  private submitted = 0;
  private readonly returns: SeveralReturns;

  constructor(
    private readonly journal: Journal,
    private readonly objects: ObjectDirectory,
    private readonly items: StreamItems,
    private readonly progress: Progress,
    /** A call has made its value; its arguments are still there. */
    private readonly onMade: (call: CallRecord) => void,
    readonly table: IdMap<CallRecord>,
  ) {
    this.returns = new SeveralReturns(objects);
  }

  /** Takes in a call; the client that submits it owns its object. */
  submit(
    message: CallMessage,
    from: ClientRecord,
    spec: SpecRecord | undefined,
    actor: ActorRecord | undefined,
  ): CallRecord {
    const { call } = message;
    const name = nameOf(message, spec, actor);
    const object = this.objects.create(call.id, from, name, call.parent);
    object.site = call.site;
    const parent = call.parent === undefined ? undefined : this.table.get(call.parent);
    const retries = retriesOf(message, spec, actor);
    this.submitted += 1;
    const order = this.submitted;
    const record = new CallRecord(message, order, name, object, parent, spec, actor, retries);
    this.table.set(call.id, record);
    if (parent !== undefined && message.kind !== 'creation') {
      (parent.children ??= new Set()).add(record);
    }
    if (call.stream !== undefined) this.items.begin(record, from);
    if (call.returns !== undefined) this.returns.create(record, call.returns);
    if (spec !== undefined) spec.object.pins += 1;
    if (spec?.lacks !== undefined) tellLack(this.journal, spec);
    this.journal.log({ at: this.journal.at, type: 'callSubmitted', call: call.id, name });
    // A call that is under way keeps its actor, handles or no handles.
    if (message.kind === 'method' && actor?.object) actor.object.pins += 1;
    this.resolve(record, from);
    return record;
  }

  /** The creation of an instance once more: with the same arguments, and the object of the first. */
  again(message: CallMessage, object: ObjectRecord, actor: ActorRecord): CallRecord {
    const { spec } = actor;
    this.submitted += 1;
    const { name } = spec.spec;
    const order = this.submitted;
    const record = new CallRecord(message, order, name, object, undefined, spec, actor, 0);
    record.attempt = actor.restarts;
    spec.object.pins += 1;
    this.table.set(record.id, record);
    this.resolve(record, object.owner);
    return record;
  }

  /** The task whose value was lost once more: with the same arguments, and the same object. */
  rerun({ call, spec, name, retries }: Lineage, object: ObjectRecord): void {
    this.submitted += 1;
    object.site = call.site;
    const message = { kind: 'task', call } as const;
    const left = retries > 0 ? retries - 1 : retries;
    const order = this.submitted;
    const record = new CallRecord(message, order, name, object, undefined, spec, undefined, left);
    spec.object.pins += 1;
    this.table.set(record.id, record);
    this.journal.log({ at: this.journal.at, type: 'callSubmitted', call: call.id, name });
    this.resolve(record, object.owner);
  }

  /** An object settled: draws the consequences for calls that have it as an argument. */
  objectSettled(object: ObjectRecord): void {
    const { dependants } = object;
    if (dependants === undefined) return;
    object.dependants = undefined;
    for (const call of dependants) {
      if (call.state !== 'pending') continue;
      call.unresolved -= 1;
      if (object.outcome?.ok === false) this.failWith(call, object, object.outcome.failure);
      else if (call.unresolved === 0) this.resolved.push(call);
    }
  }

  /**
   * The call has ended: its objects settle, its arguments are no longer needed.
   *
   * @param rest the values after the first, of a call with several that succeeded
   */
  finish(
    call: CallRecord,
    outcome: Outcome,
    cause?: FailureTrace,
    rest?: readonly Payload[],
  ): void {
    // What an abandoned call has come to is too late: its objects were settled before.
    // So was that of a creation that is made again.
    const open = call.state !== 'abandoned' && call.object.outcome === undefined;
    if (open) this.settle(call, outcome, cause, rest);
    this.end(call);
  }

  /** The call goes on, but its objects settle now. */
  abandon(call: CallRecord, outcome: Outcome): void {
    this.settle(call, outcome);
  }

  /**
   * This attempt of the call has died, its waits with it. Calls that it made and did not wait for
   * were to go on without it.
   */
  attemptDied(call: CallRecord): void {
    for (const { objects } of call.waits?.values() ?? []) {
      for (const object of objects) {
        const awaited = this.makerOf(object);
        if (awaited?.parent === call) this.bereft.push([awaited, call.name]);
      }
    }
  }

  /** The call, whose objects are settled or will be by another, is nowhere any more. */
  end(call: CallRecord): void {
    if (call.progress !== undefined) this.progress.end(call.progress);
    move(this.journal, call, 'finished');
    this.table.delete(call.id);
    call.parent?.children?.delete(call);
    // A call that has ended is not cancelled any more, and so those it made are not with it.
    call.children = undefined;
    // A chain of calls, each made by the one before, must not keep them all.
    call.parent = liveParent(call);
    this.unpin(call);
  }

  /** The call that makes the object, if it is one without result. */
  makerOf(object: ObjectRecord): CallRecord | undefined {
    const { id, maker } = object;
    if (maker !== undefined) return maker;
    const call = this.table.get(id) ?? this.table.get(id.slice(0, id.lastIndexOf(':')));
    return call?.object === object || call?.stream?.item === object ? call : undefined;
  }

  /** Values of its top-level refs. */
  values({ message: { call } }: CallRecord): Dependencies | undefined {
    if (call.refArgs === undefined || call.refArgs.length === 0) return undefined;
    const values = new Map<ObjectId, Payload>();
    for (const [, id] of call.refArgs) {
      if (!this.objects.hasValue(id)) {
        throw this.journal.bug(`an argument of ${call.id} is not there`, id);
      }
      values.set(id, this.objects.valueOf(id));
    }
    return [...values];
  }

  /** Ends a call that cannot run. */
  fail(call: CallRecord, failure: Failure, cause?: FailureTrace): void {
    call.unrun = failure;
    this.finish(call, { ok: false, failure }, cause);
    this.resolved.push(call);
  }

  /** Whether a value of its refs was lost since they settled: it fails with that, or waits once more. */
  awaitArguments(call: CallRecord): boolean {
    const needed = (call.message.call.refArgs ?? []).map(([, id]) => this.objects.get(id));
    for (const object of needed) {
      if (object?.kept !== undefined || object?.outcome?.ok !== false) continue;
      this.failWith(call, object, object.outcome.failure);
      return true;
    }
    for (const object of needed) if (object !== undefined) this.depend(call, object);
    if (call.unresolved === 0) return false;
    move(this.journal, call, 'pending');
    return true;
  }

  private settle(
    call: CallRecord,
    outcome: Outcome,
    cause?: FailureTrace,
    rest?: readonly Payload[],
  ): void {
    if (call.stream !== undefined) return this.items.end(call, call.stream, outcome, cause);
    this.objects.settle(call.object, outcome, cause);
    if (outcome.ok) this.onMade(call);
    if (call.further !== undefined) this.returns.settle(call, outcome, rest);
  }

  private resolve(record: CallRecord, from: ClientRecord): void {
    const { refArgs, args } = record.message.call;
    this.objects.keepValue(args);
    if (refArgs !== undefined && refArgs.length > 0) {
      const needed = refArgs.map(([, id]) => this.objects.getOrLost(id, from));
      for (const object of needed) {
        this.objects.use(object);
        this.depend(record, object);
      }
      for (const object of needed) {
        if (object.outcome?.ok !== false) continue;
        return this.failWith(record, object, object.outcome.failure);
      }
    }
    if (record.unresolved === 0) this.resolved.push(record);
  }

  /** The call waits for the object, if that is pending. */
  private depend(call: CallRecord, object: ObjectRecord): void {
    if (object.outcome !== undefined) return;
    call.unresolved += 1;
    (object.dependants ??= []).push(call);
  }

  private failWith(call: CallRecord, object: ObjectRecord, cause: Failure): void {
    this.fail(call, dependencyFailure(call.name, object.name, cause), object.trace);
  }

  private unpin({ message: { kind, call }, actor, spec }: CallRecord): void {
    this.objects.letGoValue(call.args);
    for (const [, id] of call.refArgs ?? []) this.objects.unuse(id);
    if (spec !== undefined) this.objects.unpinOne(spec.object);
    if (kind === 'method' && actor?.object) this.objects.unpinOne(actor.object);
  }
}

/** The nearest call above that has not ended; ended ones on the way are forgotten. */
export function liveParent(call: CallRecord): CallRecord | undefined {
  let { parent } = call;
  while (parent?.state === 'finished') parent = parent.parent;
  call.parent = parent;
  return parent;
}

function nameOf(
  message: CallMessage,
  spec: SpecRecord | undefined,
  actor: ActorRecord | undefined,
): string {
  if (message.kind !== 'method') return spec?.spec.name ?? 'a call';
  const { name, method } = message.call;
  return name ?? `${actor?.spec.spec.name ?? 'an actor'}.${method}`;
}
