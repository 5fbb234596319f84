import type { Parts } from './parts';
import type { CallRecord } from './records';

/** What `validate` says of calls that are to end before their time, and of calls made by calls. */
export function validateCancellation(
  { calls, cancellation, objects, workers }: Parts,
  must: (right: boolean, id: string, what: string) => void,
): void {
  for (const call of cancellation.pending) {
    const asked = call.state === 'revoking' && calls.table.get(call.id) === call;
    must(asked, call.id, `${call.state}, asked back to be cancelled`);
  }
  for (const call of calls.table.values()) {
    const { id, abandonment, object, state, worker, deadline } = call;
    const abandoned = state === 'abandoned';
    must(abandoned === (abandonment !== undefined), id, `${state}, abandoned or not`);
    must((call.waits?.size ?? 0) === 0 || !abandoned, id, 'abandoned with waits');
    const settled = object.outcome !== undefined;
    // That of an instance which is made anew tells of the first time.
    const madeAnew = call.message.kind === 'creation' && call.attempt > 0;
    const early = settled !== (abandonment?.again === false) && !madeAnew;
    must(!early, id, 'its object settled too early or late');
    must(settled || objects.get(id) === object, id, 'its object is not in the directory');
    must(deadline === undefined || worker !== undefined, id, 'a deadline while it does not run');
    validateChildren(call, calls.table, must);
  }
  for (const [id, { state, culprit, calls: mine }] of workers.all) {
    const forced = [...mine].some((call) => call.id === culprit && call.state === 'abandoned');
    must(!forced || state === 'draining', id, 'takes calls though it is to be ended');
  }
}

function validateChildren(
  call: CallRecord,
  table: Parts['calls']['table'],
  must: (right: boolean, id: string, what: string) => void,
): void {
  const { id, message, children } = call;
  for (const child of children ?? []) {
    must(table.get(child.id) === child, id, `keeps ${child.id}, which has ended, as a child`);
    must(child.message.call.parent === id, id, `keeps ${child.id}, which it did not make`);
  }
  const maker = table.get(message.call.parent ?? '');
  if (maker === undefined || message.kind === 'creation') return;
  // What a constructor made before its instance was made anew is nobody's child.
  if (maker.message.kind === 'creation' && maker.attempt > 0) return;
  must(maker.children?.has(call) === true, id, 'what made it does not know it');
}
