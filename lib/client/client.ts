import { availableParallelism } from 'node:os';
import { InternalError, ShutdownError, type RayError } from '../base/errors';
import { collectGarbage } from '../base/garbage';
import { idSource, type ClientId, type NodeId, type ObjectId } from '../base/ids';
import type { Refusal } from '../data/trial';
import { fireSignal, markAborted } from '../protocol/abort';
import { callContext, type CallContext } from '../protocol/context';
import type { Gate } from '../protocol/host';
import type { FromClient, ToClient, UnseenFailure, Question } from '../protocol/messages';
import { isEncoded, type Payload, type SystemFailure } from '../protocol/payload';
import { Arrivals } from './arrivals';
import type { CallWriterOptions } from './calls';
import { blockFor } from './blocking';
import { Cancels } from './cancels';
import type { CancelHow, Client } from './contract';
import type { Definition } from './definition';
import { creationsBehind, Failures } from './failures';
import type { StreamHost } from './futures/next-item';
import { rxjs } from './futures/rxjs';
import { valueOf } from './futures/values';
import type { ActorState, MethodCallRequest } from './handles';
import { registerKinds, type KindHost } from './kinds';
import { LargeValues } from './large-values';
import { Ledger } from './ledger';
import { Naming } from './naming';
import { ObjectTable, startWanting, type Released, type StoredObject } from './objects';
import type { ClientOptions } from './options';
import { Outbox } from './outbox';
import { PendingCalls } from './pending-calls';
import { ProgressDesk, type ProgressListener } from './progress';
import { Questions, type AnswerTo } from './questions';
import { Quiet } from './quiet';
import { Reader } from './reader';
import { Receiver } from './receiver';
import { ObjectRef, offerObservable, openRef } from './refs';
import { Signals } from './signals';
import { SpecBook } from './specs';
import { placeIn, type Below } from './sites';
import { Submission } from './submission';
import { Storing } from './storing';
import { StreamMaker } from './stream-maker';
import type { StreamRef } from './streams';
import { Sweeper } from './sweeper';
import { tryOut } from './try-out';
import { UnseenReporter } from './unseen';
import { isAnswered, WaitingDesk, type WaitFor } from './waiting';

/** Makes the client of a thread. Whoever listens to its channel gives it the messages by `receive`. */
export function createClient(options: ClientOptions): Client {
  return new ThreadClient(options);
}

/** What is left of a runtime that has ended as it was asked to. */
const SHUTDOWN = { kind: 'system', code: 'SHUTDOWN', what: 'the runtime' } as const;

class ThreadClient implements Client, KindHost, StreamHost {
  readonly id: ClientId;
  readonly node: NodeId;
  readonly role: 'driver' | 'worker';
  readonly specs: SpecBook;
  closed = false;
  /** Why it was closed. */
  private ending: SystemFailure = SHUTDOWN;

  /** Tasks run on this thread too, and have this client. */
  private readonly oneThread: boolean;
  private readsAnswer = false;
  private readonly nextId = idSource();
  private readonly quiet = new Quiet();
  private readonly objects: ObjectTable;
  private readonly large: LargeValues;
  private readonly storing: Storing;
  private readonly outbox: Outbox;
  private readonly arrivals: Arrivals;
  private readonly desk: WaitingDesk;
  private readonly ledger: Ledger;
  private readonly reader: Reader;
  private readonly questions: Questions;
  private readonly cancels: Cancels;
  private readonly signals: Signals;
  private readonly failures: Failures;
  private readonly pendingCalls = new PendingCalls();
  private readonly naming: Naming;
  private readonly unseen: UnseenReporter;
  private readonly streams: StreamMaker;
  private readonly progress: ProgressDesk;
  private readonly sweeper: Sweeper;
  private readonly submission: Submission;
  private readonly receiver: Receiver;
  constructor(private readonly options: ClientOptions) {
    const { channel, clock, codec, code, memory, numCpus = availableParallelism() } = options;
    const { recordCreationSites: recordSites = false } = options;
    this.id = options.id;
    this.node = options.node;
    this.role = options.role;
    this.outbox = new Outbox(channel, clock, 2 * numCpus);
    const post = (message: FromClient): void => this.outbox.post(message);
    const flush = (): void => this.flush();
    this.arrivals = new Arrivals(channel, clock, this.quiet, (batch) => this.receive(batch));
    this.oneThread = options.onStandstill !== undefined;
    this.ledger = new Ledger(post, flush);
    const writer: CallWriterOptions = {
      client: this.id,
      nextId: this.nextId,
      ...{ codec, recordSites },
      checkOwn: (host) => this.checkOwn(host),
    };
    this.questions = new Questions({
      post,
      flush,
      block: (isHere) => this.arrivals.block(isHere, Infinity),
    });
    const toError = (failure: SystemFailure): RayError => this.failures.toError(failure);
    this.large = new LargeValues({
      memory,
      post,
      flush,
      block: (isHere) => this.arrivals.block(() => this.closed || isHere(), Infinity),
      hold: () => this.hold(),
      toError,
      checkOpen: () => this.checkOpen(),
    });
    this.objects = new ObjectTable(this.quiet, this.large, (released) => this.release(released));
    this.cancels = new Cancels(post, flush, this.objects);
    this.signals = new Signals((ids) => this.cancels.ofSignal(ids));
    this.sweeper = new Sweeper(
      clock,
      () => collectGarbage(() => this.objects.dropCollected()),
      () => this.storing.memorySwept(),
    );
    const read = (payload: Payload): unknown => this.readAnswer(payload);
    this.naming = new Naming(codec, read, (question) => this.questions.ask(question));
    this.specs = new SpecBook(this.nextId, code, codec, post, this.objects);
    const failures = (this.failures = new Failures(codec, code));
    this.desk = new WaitingDesk({ post, flush, quiet: this.quiet, toError });
    this.reader = new Reader(codec, this.large, code, failures);
    const { objects, nextId, questions, ledger, arrivals, sweeper, oneThread } = this;
    this.storing = new Storing({
      ...{ codec, memory, objects, nextId, post, flush, questions, ledger, arrivals, sweeper },
      ...{ toError, oneThread, recordSites },
      isClosed: () => this.closed,
    });
    code.connect({
      gone: (id, received) => ledger.parcelGone(id, received),
      discard: (payload) => this.discard(payload),
    });
    this.unseen = new UnseenReporter(failures, options.onUnhandledError);
    this.streams = new StreamMaker({ host: this, objects, ledger, post });
    this.submission = new Submission({
      host: this,
      writer,
      post: (message) => this.outbox.submit(message),
      objects: this.objects,
      specs: this.specs,
      streams: this.streams,
      naming: this.naming,
      signals: this.signals,
      pending: this.pendingCalls,
      oneThread: this.oneThread,
    });
    this.progress = new ProgressDesk(post, this.objects, this.quiet);
    const { pendingCalls: pending, signals, progress, desk, large, unseen, quiet } = this;
    this.receiver = new Receiver({
      ...{ code, objects, pending, signals, progress, desk, questions, sweeper },
      ...{ memory, large, post, unseen, quiet },
      reportUnseen: (failures) => this.reportUnseen(failures),
      onControl: options.onControl,
    });
    registerKinds(codec, this);
    offerObservable();
  }

  // --- Submission ---

  submit(definition: Definition, args: readonly unknown[], below: Below): unknown {
    this.checkOpen();
    return this.submission.submit(definition, args, below);
  }

  submitStream(definition: Definition, args: readonly unknown[], below: Below): StreamRef<unknown> {
    this.checkOpen();
    return this.submission.submitStream(definition, args, below);
  }

  createActor(definition: Definition, args: readonly unknown[], below: Below): object {
    this.checkOpen();
    return this.submission.createActor(definition, args, below);
  }

  callMethod(request: MethodCallRequest, below: Below): unknown {
    this.checkOwn(request.state.host);
    return this.submission.callMethod(request, below);
  }

  streamMethod(request: MethodCallRequest, below: Below): StreamRef<unknown> {
    this.checkOwn(request.state.host);
    return this.submission.streamMethod(request, below);
  }

  getActor(name: string, namespace: string | undefined): object {
    this.checkOpen();
    return this.naming.find(name, namespace);
  }

  killActor({ actor, host }: ActorState, restart: boolean): void {
    this.checkOwn(host);
    this.outbox.post({ type: 'killActor', actor, restart });
    this.flush();
  }

  exitActor(): never {
    const context = callContext.getStore();
    const { exitActor } = this.options;
    if (!context || !exitActor) throw new InternalError('exitActor() on a thread without actors');
    return exitActor(context);
  }

  put(value: unknown, below: Below): ObjectRef<unknown> {
    this.checkOpen();
    return this.refOf(this.storing.put(value, below));
  }

  placeOf(site: string): string | undefined {
    return placeIn(this.options.code.mapStack(site));
  }

  free(objects: readonly StoredObject[]): void {
    if (!this.closed) this.storing.free(objects);
  }

  allocate(bytes: number): SharedArrayBuffer {
    this.checkOpen();
    return this.options.memory.allocate(bytes);
  }

  ask<Q extends Question>(question: Q): AnswerTo<Q['type']> {
    this.checkOpen();
    return this.questions.ask(question);
  }

  refusalsOf(value: unknown): readonly Refusal[] {
    return tryOut(value, this.options.codec, this.options.code);
  }

  cancel(objects: readonly StoredObject[], how: CancelHow): void {
    const ids = objects.map(({ id }) => id);
    this.cancels.post(ids, how, 'cancel() was called');
  }

  // --- Messages ---

  receive(messages: readonly ToClient[]): void {
    this.receiver.receive(messages);
  }

  callEnded(context: CallContext): void {
    this.sweeper.callEnded();
    this.desk.ended(context);
  }

  callAborted(context: CallContext, failure: SystemFailure): void {
    if (!markAborted(context, this.failures.toError(failure))) return;
    this.quiet.run(() => fireSignal(context));
    this.desk.aborted(context);
  }

  discard(payload: Payload): void {
    // Where all are on one thread what workers are sent is not counted.
    if (this.oneThread || !isEncoded(payload)) return;
    for (const id of payload.refs ?? []) this.objects.drop(this.objects.hold(id, true));
  }

  pause(context: CallContext, taken: number): Gate {
    return this.desk.enter(context, { objects: [], count: 1, failFast: false, taken });
  }

  tellProgress(context: CallContext, value: unknown): void {
    if (context.ended || this.closed) return;
    this.progress.tell(context.call, this.options.codec.encode(value, 'progress'));
    // The call may go on for long.
    this.flush();
  }

  flush(): void {
    this.ledger.postAll();
    this.outbox.flush();
  }

  // --- Futures ---

  observe(ref: ObjectRef<unknown>): object {
    return rxjs().defer(() => {
      const { object, host } = openRef(ref);
      this.checkOwn(host);
      return valueOf(this, object);
    });
  }

  want(objects: readonly StoredObject[], blocking = false): void {
    for (const object of objects) object.onAwaited?.(blocking);
    const ids = startWanting(objects);
    if (ids.length > 0) this.outbox.post({ type: 'want', ids });
  }

  hold(): () => void {
    const inTask = callContext.getStore()?.ended === false;
    return this.role === 'driver' && !inTask ? this.arrivals.hold() : () => {};
  }

  follow(object: StoredObject, listener: ProgressListener): () => void {
    return this.progress.follow(object, listener);
  }

  retain(objects: readonly StoredObject[]): () => void {
    return this.objects.retain(objects);
  }

  waitsForGrants(): boolean {
    const context = callContext.getStore();
    return context !== undefined && !context.ended && !this.closed;
  }

  enterWait(what: WaitFor): Gate | undefined {
    const context = callContext.getStore();
    return context && this.waitsForGrants() ? this.desk.enter(context, what) : undefined;
  }

  pump(): void {
    this.arrivals.pump();
  }

  block(what: WaitFor, timeout: number): boolean {
    const context = this.waitsForGrants() ? callContext.getStore() : undefined;
    this.want(what.objects, true);
    this.flush();
    if (context) {
      context.blocked = true;
      context.onBlock?.();
    }
    const { onStandstill } = this.options;
    const gate = context && this.desk.enter(context, what, true);
    blockFor(what, { arrivals: this.arrivals, timeout, gate, onStandstill });
    return isAnswered(what);
  }

  prepare(objects: readonly StoredObject[]): void | Promise<void> {
    return this.reader.prepare(objects);
  }

  prepareSync(objects: readonly StoredObject[]): boolean {
    return this.reader.prepareSync(objects);
  }

  read(object: StoredObject, copy?: boolean): unknown {
    this.look([object]);
    return this.reader.read(object, copy);
  }

  look(objects: readonly StoredObject[]): void {
    for (const object of objects) {
      const { outcome } = object;
      if (outcome?.ok || object.looked) continue;
      object.looked = outcome !== undefined;
      object.listener?.itemLookedAt();
      this.ledger.look([object.id, ...(outcome ? creationsBehind(outcome.failure) : [])]);
    }
  }

  // --- Holding and letting go ---

  track(holder: object, object: StoredObject): void {
    this.objects.dropWhenCollected(holder, object);
  }

  watch(ref: ObjectRef<unknown>): void {
    this.objects.watch(ref, openRef(ref).object);
  }

  trackHandle(handle: object, creation: StoredObject): void {
    this.track(handle, creation);
    this.sweeper.handleCame();
  }

  arrived(id: ObjectId): StoredObject {
    const counted = this.reader.hasCounted(id);
    // Orders for workers count what they bring at the worker's client, which this thread has not.
    if (this.oneThread && !counted && !this.readsAnswer)
      this.outbox.post({ type: 'hold', ids: [id] });
    return this.objects.hold(id, !counted);
  }

  /** Refs in an answer count as sent to this client itself. */
  private readAnswer(payload: Payload): unknown {
    this.readsAnswer = true;
    try {
      return this.options.codec.decode(payload);
    } finally {
      this.readsAnswer = false;
    }
  }

  refOf(object: StoredObject): ObjectRef<unknown> {
    return new ObjectRef<unknown>(object, this);
  }

  drop(object: StoredObject): void {
    this.objects.drop(object);
  }

  private release([object, received]: Released): void {
    if (this.closed) return;
    // The failure of a stream is told as that of its call, not of its last item.
    if (object.listener === undefined) this.unseen.released(object);
    if (object.own && object.outcome?.ok) this.options.memory.released(object.outcome.value);
    this.ledger.release(object.id, received);
  }

  // --- The end ---

  reportUnseen(failures: readonly UnseenFailure[]): void {
    this.unseen.unseen(failures, (id) => this.objects.get(id)?.site);
    const told = failures.flatMap(({ failure }) => creationsBehind(failure));
    if (told.length > 0 && !this.closed) this.ledger.look(told);
  }

  close(failure: SystemFailure = SHUTDOWN): void {
    if (this.closed) return;
    this.closed = true;
    this.ending = failure;
    this.desk.openAll();
    this.questions.end();
    this.signals.close();
    this.cancels.close();
    this.large.end(this.failures.toError(failure));
    this.specs.close();
    this.objects.settleAll({ ok: false, failure });
  }

  checkOwn(host: unknown): void {
    if (host !== this) throw new ShutdownError('the runtime of this ref or handle');
    this.checkOpen();
  }

  checkOpen(): void {
    if (this.closed) throw this.failures.toError(this.ending);
  }
}
