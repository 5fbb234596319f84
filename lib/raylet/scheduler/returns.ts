import type { ObjectId } from '../../base/ids';
import type { Outcome, Payload } from '../../protocol/payload';
import type { ObjectDirectory } from './objects';
import type { CallRecord } from './records';

/** Calls whose values become several objects: the first is the call's own, these are the further ones. */
export class SeveralReturns {
  constructor(private readonly objects: ObjectDirectory) {}

  /** @param returns ids of all its objects, its own included */
  create(call: CallRecord, returns: readonly ObjectId[]): void {
    if (returns.length < 2) return;
    const { owner, name, ownerCall, site } = call.object;
    call.further = returns.slice(1).map((id) => {
      const object = this.objects.create(id, owner, name, ownerCall);
      object.maker = call;
      object.site = site;
      return object;
    });
  }

  /** The call's own object has settled, and so do the others: by values of their own, or by the same failure. */
  settle(call: CallRecord, outcome: Outcome, rest: readonly Payload[] = []): void {
    call.further?.forEach((object, index) => {
      object.maker = undefined;
      if (outcome.ok) this.objects.settle(object, { ok: true, value: rest[index] });
      else this.objects.failWith(object, call.object, outcome.failure);
    });
  }
}
