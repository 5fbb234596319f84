import type { ObjectId } from '../base/ids';
import type { FromClient } from '../protocol/messages';
import type { CancelHow } from './contract';
import type { ObjectTable } from './objects';

/** Tells the raylet which calls are to be cancelled, and notes it of those that this thread knows. */
export class Cancels {
  private closed = false;

  constructor(
    private readonly send: (message: FromClient) => void,
    private readonly flush: () => void,
    private readonly objects: ObjectTable,
  ) {}

  post(ids: readonly ObjectId[], how: CancelHow, reason: string): void {
    if (this.closed) return;
    for (const id of ids) {
      const object = this.objects.get(id);
      if (object !== undefined) object.cancelled = true;
    }
    this.send({ type: 'cancel', ids, ...how, reason });
    this.flush();
  }

  /** The signal that these calls were made with is aborted. */
  ofSignal(ids: readonly ObjectId[]): void {
    this.post(ids, { force: false, recursive: true }, 'its signal was aborted');
  }

  close(): void {
    this.closed = true;
  }
}
