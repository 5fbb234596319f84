import { inspect } from 'node:util';
import type { ActorId } from '../base/ids';
import type { RemoteSpec } from '../protocol/specs';
import type { CallTools, UserCall } from './call';
import { isThenable } from './thenable';

/** What a class has whose state survives a restart. */
interface Saving {
  saveState(): unknown;
  restoreState(state: unknown): unknown;
}

/** Whether the state of the object is to survive a restart. */
export function isSaved(object: object, { actor }: RemoteSpec): object is Saving {
  if (!actor?.maxRestarts) return false;
  const { saveState, restoreState } = object as Partial<Saving>;
  return typeof saveState === 'function' && typeof restoreState === 'function';
}

/** The state of one instance on its way to the raylet, which has it for a restart. */
export class SavedState {
  private calls = 0;
  private begun = 0;
  /** Number of the last that was sent: an earlier one that took longer is of no use. */
  private sent = 0;
  private warned = false;

  constructor(
    private readonly object: Saving,
    private readonly spec: RemoteSpec,
    private readonly actor: ActorId,
    private readonly tools: CallTools,
  ) {}

  /** The call's method has ended. Answers a promise only when its state is not there at once. */
  save(call: UserCall): void | Promise<void> {
    const { saveEvery = 1 } = this.spec.actor ?? {};
    this.calls += 1;
    if (this.calls % saveEvery !== 0) return undefined;
    this.begun += 1;
    const number = this.begun;
    try {
      const state = this.object.saveState();
      if (!isThenable(state)) return this.send(number, state);
      return Promise.resolve(state)
        .then((value) => {
          if (!call.context.ended) this.send(number, value);
        })
        .catch((error: unknown) => this.complain(call, error));
    } catch (error) {
      this.complain(call, error);
    }
  }

  private send(number: number, value: unknown): void {
    if (number < this.sent) return;
    const state = this.tools.codec.encode(value, 'state');
    this.sent = number;
    this.tools.report({ type: 'saved', actor: this.actor, state });
  }

  private complain(call: UserCall, error: unknown): void {
    if (this.warned) return;
    this.warned = true;
    const text = `saveState() failed, a restart will have the state of before: ${inspect(error)}`;
    this.tools.note(call.label, text);
  }
}
