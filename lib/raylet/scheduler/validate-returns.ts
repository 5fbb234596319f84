import { must } from './must';
import type { Parts } from './parts';

/** The objects of calls with several returns: all pending as long as the call is, and known to it. */
export function validateReturns(parts: Parts): void {
  for (const call of parts.calls.table.values()) {
    const { id } = call;
    const returns = call.message.call.returns ?? [id];
    const check = (right: boolean, what: string): void => must(parts, right, id, what);
    check(returns.length === 0 || returns[0] === id, 'its first object has another id');
    const further = call.further ?? [];
    check(further.length === Math.max(0, returns.length - 1), 'it has lost count of its objects');
    for (const [index, object] of further.entries()) {
      check(object.id === returns[index + 1], 'its objects are out of order');
      const pending = call.object.outcome === undefined;
      check((object.outcome === undefined) === pending, 'some of its objects are settled');
      check((object.maker === call) === pending, 'an object does not know it');
      const known = parts.objects.get(object.id) === object;
      check(known || !pending, 'an object is not in the directory');
    }
  }
  for (const object of parts.objects.values()) {
    const { maker, outcome, trace } = object;
    const lives = maker === undefined || parts.calls.table.get(maker.id) === maker;
    must(parts, lives, object.id, 'it is made by a call that has ended');
    must(parts, outcome === undefined || maker === undefined, object.id, 'it is still being made');
    if (trace === undefined) continue;
    const named = trace.id === object.id || trace.others?.has(object.id) === true;
    must(parts, named, object.id, 'its failure is told of others only');
  }
}
