import type { BufferId, ObjectId } from '../base/ids';
import type { FromClient, ToClient, UnseenFailure } from '../protocol/messages';
import type { Memory } from '../data/memory';
import type { LargeValues } from './large-values';
import type { ObjectTable } from './objects';
import type { ClientOptions, ControlMessage } from './options';
import type { PendingCalls } from './pending-calls';
import type { ProgressDesk } from './progress';
import type { Questions } from './questions';
import type { Quiet } from './quiet';
import type { Signals } from './signals';
import type { Sweeper } from './sweeper';
import type { ClientCode } from './tools';
import type { UnseenReporter } from './unseen';
import type { WaitingDesk } from './waiting';

export interface ReceiverOptions {
  readonly code: Pick<ClientCode, 'take' | 'forget'>;
  readonly objects: ObjectTable;
  readonly pending: PendingCalls;
  readonly signals: Signals;
  readonly progress: ProgressDesk;
  readonly desk: WaitingDesk;
  readonly questions: Questions;
  readonly sweeper: Pick<Sweeper, 'wanted' | 'memoryWanted' | 'collectMemory'>;
  readonly memory: Pick<Memory, 'giveBack' | 'evict'>;
  readonly large: Pick<LargeValues, 'unload' | 'recycled' | 'fetched'>;
  readonly post: (message: FromClient) => void;
  readonly unseen: UnseenReporter;
  readonly quiet: Quiet;
  readonly reportUnseen: (failures: readonly UnseenFailure[]) => void;
  readonly onControl: ClientOptions['onControl'];
}

/** Tells each part of the client what the raylet has to say to it. Only tables change at once. */
export class Receiver {
  /** By this batch: a failure among them that nobody saw may be told later in it. */
  private forgotten: ObjectId[] = [];

  constructor(private readonly options: ReceiverOptions) {}

  receive(messages: readonly ToClient[]): void {
    for (const message of messages) this.take(message);
    const forgotten = this.forgotten;
    if (forgotten.length === 0) return;
    this.forgotten = [];
    const { quiet, unseen } = this.options;
    quiet.run(() => forgotten.forEach((id) => unseen.forgotten(id)));
  }

  private take(message: ToClient): void {
    const { code, objects, progress, desk, questions, quiet } = this.options;
    switch (message.type) {
      case 'parcel':
        return code.take(message.parcel);
      case 'forget':
        // What came before it may yet have to be read.
        return quiet.run(() => code.forget(message.parcels));
      case 'settled':
        this.callEnded(message.id);
        // Of one whose last ref went meanwhile the raylet says no more when it ended well.
        if (message.outcome.ok && !objects.get(message.id)) this.forgotten.push(message.id);
        return objects.settle(message.id, message.outcome);
      case 'progress':
        return progress.arrived(message);
      case 'granted':
        return desk.granted(message.task, message.waits);
      case 'deadlocked':
        return desk.refused(message.task, message.waits, message.failure);
      case 'forgotten':
        this.callEnded(message.id);
        this.forgotten.push(message.id);
        return;
      case 'unseen':
        return this.reportUnseen(message.failures);
      case 'answer':
        return questions.answered(message.token, message.answer);
      case 'collect':
        return message.memory ? this.collectMemory() : this.options.sweeper.wanted();
      case 'recycle':
        this.options.large.recycled(message.id);
        return this.options.memory.giveBack({ id: message.id, memory: message.memory });
      case 'unload':
        return this.options.large.unload(message.ids);
      case 'fetched':
        for (const id of message.again ?? []) objects.reopen(id);
        return this.options.large.fetched(message.token, message.failure);
      case 'evict':
        return this.evict(message.ids);
      case 'fatal':
        questions.end();
        objects.settleAll({ ok: false, failure: message.failure });
        return this.control(message);
      case 'drained':
        this.reportUnseen(message.unseen);
        return this.control(message);
      case 'ready':
      case 'stopped':
        return this.control(message);
    }
  }

  private evict(wanted: readonly BufferId[]): void {
    const { memory, post, sweeper } = this.options;
    const ids = memory.evict(wanted);
    if (ids.length === 0) return;
    post({ type: 'evicted', ids });
    sweeper.memoryWanted();
  }

  /** Where the thread is blocked, perhaps for memory, nothing that is planned would come. */
  private collectMemory(): void {
    const { quiet, sweeper } = this.options;
    if (quiet.isBlocking) sweeper.collectMemory();
    else sweeper.memoryWanted();
  }

  private callEnded(id: ObjectId): void {
    this.options.pending.settled(id);
    this.options.signals.ended(id);
  }

  private reportUnseen(failures: readonly UnseenFailure[]): void {
    this.options.quiet.run(() => this.options.reportUnseen(failures));
  }

  private control(message: ControlMessage): void {
    this.options.quiet.run(() => this.options.onControl?.(message));
  }
}
