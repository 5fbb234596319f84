import type { ActorId } from '../../../lib/base/ids';
import type { CreateActor, MethodCall, TaskCall, ToWorker } from '../../../lib/protocol/messages';
import type { ActorPolicy } from '../../../lib/protocol/specs';
import { ThreadChecks } from './thread-checks';

type Invoke = Extract<ToWorker, { type: 'invoke' }>;
type Call = TaskCall | MethodCall | CreateActor;

/** An instance on a simulated thread: what it was given, and what it may begin. */
export class SimInstance {
  readonly mailbox: Invoke[] = [];
  /** It begins no call until it is told to. */
  held = false;
  /** It begins none any more: it has called `exitActor`, or is to go. */
  left = false;
  private readonly checks: ThreadChecks;

  constructor(
    readonly id: ActorId,
    /** Of its class. */
    readonly policy: ActorPolicy | undefined,
    thread: string,
  ) {
    this.checks = new ThreadChecks(thread, undefined);
  }

  /** The next call that may start beside those that run. */
  next(running: readonly Call[]): Invoke | undefined {
    if (this.left || this.held || running.some((call) => 'spec' in call)) return undefined;
    const next = this.mailbox.findIndex(({ call: { group } }) => {
      const others = running.filter((call) => 'method' in call && call.group === group);
      return others.length < this.limitOf(group);
    });
    const [invoke] = next < 0 ? [] : this.mailbox.splice(next, 1);
    if (invoke !== undefined) this.checks.invoke(invoke.call, this.limitOf(invoke.call.group));
    return invoke;
  }

  private limitOf(group: string | undefined): number {
    const { maxConcurrency = 1, concurrencyGroups = {} } = this.policy ?? {};
    return group === undefined ? maxConcurrency : (concurrencyGroups[group] ?? 0);
  }
}
