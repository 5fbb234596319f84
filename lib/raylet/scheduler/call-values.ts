import type { NoRoom, Payload } from '../../protocol/payload';
import { isPresent } from '../../protocol/payload';
import type { Buffers } from './buffers';
import type { Calls } from './calls';
import { lostOnDisk } from './failures';
import type { Journal } from './journal';
import type { Loading } from './loading';
import type { ObjectDirectory } from './objects';
import type { CallRecord } from './records';
import { move } from './states';

/** Arguments of calls that lie on disk: they are brought back before the call goes to a thread. */
export class CallValues {
  /** Calls whose values are being brought back. */
  private count = 0;

  constructor(
    private readonly journal: Journal,
    private readonly buffers: Buffers,
    private readonly objects: ObjectDirectory,
    private readonly calls: Calls,
    private readonly loading: Loading,
    /** Whether calls run: when they end, there may be room for what others need. */
    private readonly isBusy: () => boolean,
  ) {}

  /** Whether the call could go to a thread as it is. */
  areHere(call: CallRecord): boolean {
    const { refArgs = [] } = call.message.call;
    // What was lost on disk since is no value any more, or is being made again.
    if (!refArgs.every(([, id]) => this.objects.hasValue(id))) return false;
    return !this.buffers.someAway || this.payloadsOf(call).every(isPresent);
  }

  /** How many calls wait for theirs. */
  get awaited(): number {
    return this.count;
  }

  /** Brings them back for a call that is in no queue; `onHere` puts it into one again. */
  bring(call: CallRecord, onHere: () => void): void {
    move(this.journal, call, 'loading');
    this.count += 1;
    this.loading.load(this.payloadsOf(call), (failure) => {
      this.count -= 1;
      // It may have been cancelled meanwhile, or its actor have died.
      if (call.state === 'loading') this.came(call, failure, onHere);
    });
  }

  private came(call: CallRecord, failure: NoRoom | undefined, onHere: () => void): void {
    if (failure !== undefined && !this.mayPass(failure)) return this.calls.fail(call, failure);
    if (this.calls.awaitArguments(call)) return;
    const { args } = call.message.call;
    if (failure === undefined && !isPresent(args)) {
      const { problem } = this.buffers.beside(args).find(({ place }) => place === 'lost') ?? {};
      return this.calls.fail(call, lostOnDisk(call.id, 'what it was to be made of', problem));
    }
    move(this.journal, call, 'ready');
    onHere();
  }

  /** Whether there may be room later: the call stands in its queue again then, and tries anew. */
  private mayPass(failure: NoRoom): boolean {
    if (failure.code !== 'OBJECT_STORE_FULL' || failure.size > failure.capacity) return false;
    return this.isBusy();
  }

  private payloadsOf({ message: { call } }: CallRecord): readonly Payload[] {
    const { args, refArgs } = call;
    if (refArgs === undefined) return [args];
    return [args, ...refArgs.map(([, id]) => this.objects.valueOf(id))];
  }
}
