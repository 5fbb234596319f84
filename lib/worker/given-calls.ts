import type { CallId } from '../base/ids';
import type { ClientHost } from '../protocol/host';
import type { ToWorker } from '../protocol/messages';
import type { SystemFailure } from '../protocol/payload';
import type { Aborts } from './aborts';
import type { UserCall } from './call';

type Order = Extract<ToWorker, { type: 'createInstance' | 'invoke' }>;

/**
 * What an instance was given and has not ended. Kept where the instance may have to leave a thread
 * that lives on: nothing of it must be left behind.
 */
export class GivenCalls {
  /** Those whose arguments nobody has read. */
  private readonly unread = new Map<CallId, Order>();
  private readonly running = new Set<UserCall>();

  add(order: Order): void {
    this.unread.set(order.call.id, order);
  }

  began(call: UserCall): void {
    this.running.add(call);
  }

  /** Its arguments are being read. */
  read(call: CallId): void {
    this.unread.delete(call);
  }

  ended(call: UserCall): void {
    this.running.delete(call);
  }

  /** The instance has gone: what runs is told to end, what has not begun never does. */
  abandon(client: Pick<ClientHost, 'discard'>, aborts: Aborts): void {
    for (const call of [...this.running]) call.abandon(ended(call));
    for (const [id, { call, values = [], ...order }] of this.unread) {
      aborts.ended(id);
      client.discard(call.args);
      for (const [, value] of values) client.discard(value);
      if (order.type === 'createInstance') client.discard(order.state);
    }
    this.running.clear();
    this.unread.clear();
  }
}

const ended = ({ context }: UserCall): SystemFailure => ({
  kind: 'system',
  code: 'TASK_CANCELLED',
  taskName: context.name,
  reason: 'its actor was ended',
});
