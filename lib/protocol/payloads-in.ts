import type { FromWorker, ToWorker } from './messages';
import { payloadOf, type Payload } from './payload';

/** Calls `visit` with every payload that a message carries, each as often as it does. */
export function payloadsIn(
  message: FromWorker | ToWorker,
  visit: (payload: Payload) => void,
): void {
  switch (message.type) {
    case 'run':
    case 'invoke':
    case 'createInstance':
      if (message.values !== undefined) for (const [, value] of message.values) visit(value);
      visit(message.call.args);
      if (message.type === 'createInstance') visit(message.state);
      return;
    case 'submit':
    case 'callActor':
    case 'createActor':
      return visit(message.call.args);
    case 'settled':
      return visit(payloadOf(message.outcome));
    case 'created':
      return visit(payloadOf(message.outcome));
    case 'done':
      visit(payloadOf(message.outcome));
      message.rest?.forEach(visit);
      return visit(message.crash?.failure.error);
    case 'crashed':
      return visit(message.crash.failure.error);
    case 'judge':
    case 'judged':
      return visit(message.failure?.error);
    case 'put':
    case 'yielded':
    case 'progress':
      return visit(message.value);
    case 'saved':
      return visit(message.state);
    case 'poisoned':
      return visit(message.error);
    case 'parcel':
      return visit(message.parcel.body);
    case 'define':
      return visit(message.spec.callbacks);
    case 'unseen':
      return message.failures.forEach(({ failure }) => visit(payloadOf({ ok: false, failure })));
    case 'drained':
      return message.unseen.forEach(({ failure }) => visit(payloadOf({ ok: false, failure })));
    case 'ask':
      if (message.question.type === 'createNamed') visit(message.question.call.args);
      return;
    default:
  }
}
