import { inspect } from 'node:util';
import type { ToWorker } from '../../../lib/protocol/messages';
import type { Failure, Outcome } from '../../../lib/protocol/payload';
import type { Instruction } from '../../../lib/raylet/scheduler/instructions';

type RunMessage = Extract<ToWorker, { type: 'run' }>;

/** An instruction as a line: `n-1 <- run a`, `n-0 <- settled a ok`, `start n-3`. */
export function inShort(one: Instruction): string {
  switch (one.type) {
    case 'send':
      return `${one.to} <- ${messageInShort(one.message)}`;
    case 'startWorker': {
      const actor = one.actor === undefined ? '' : ` for ${one.actor}`;
      const shared = one.shared ? ' to be shared' : '';
      const env = Object.entries(one.envVars ?? {}).map(([name, value]) => ` ${name}=${value}`);
      return `start ${one.worker}${actor}${shared}${env.join('')}`;
    }
    case 'retireWorker':
      return `retire ${one.worker}`;
    case 'terminateWorker':
      return `terminate ${one.worker}: ${one.reason}`;
    case 'revoke':
      return `revoke ${one.worker}: ${one.claims.map(({ call }) => call).join(' ')}`;
    case 'createActor':
      return `create ${one.call.actor} on ${one.worker}${given(one.values)}${again(one.restarts)}`;
    case 'endActor':
      return `end ${one.actor} on ${one.worker}${one.gently ? ' gently' : ''}`;
    case 'buryActor':
      return `bury ${one.actor}`;
    case 'tickAfter':
      return `tick after ${one.delay}${one.whenFree ? ' when free' : ''}`;
    case 'spill':
      return `spill ${one.file}`;
    case 'restore':
      return `restore ${one.file}`;
    case 'unlink':
      return `unlink ${one.file}`;
    case 'dropped':
      return `drop ${one.bytes} bytes`;
    case 'warn':
      return `warn ${one.text}`;
    case 'event':
      return `event ${one.event.type}`;
  }
}

function messageInShort(message: ToWorker): string {
  switch (message.type) {
    case 'parcel':
      return `parcel ${message.parcel.id}`;
    case 'define':
      return `define ${message.spec.name}`;
    case 'forget':
      return `forget ${message.parcels.join(' ')}`;
    case 'undefine':
      return `undefine ${message.spec}`;
    case 'run': {
      const beside = message.beside ? ' beside' : '';
      return `run ${message.call.id}${given(message.values)}${again(message.attempt)}${beside}`;
    }
    case 'invoke':
      return `invoke ${message.call.id}${given(message.values)}${again(message.attempt)}`;
    case 'settled':
      return `settled ${message.id} ${outcomeInShort(message.outcome)}`;
    case 'progress':
      return `progress ${message.id} ${inspect(message.value)}`;
    case 'taken':
      return `taken ${message.call} ${message.count}`;
    case 'deadlocked':
      return `deadlocked ${message.task} ${message.waits.join(' ')}: ${message.failure.circle.join(' > ')}`;
    case 'judge':
      return `judge ${message.child.actorId} by ${message.actor}`;
    case 'granted':
      return `granted ${message.task} ${message.waits.join(' ')}`;
    case 'forgotten':
      return `forgotten ${message.id}`;
    case 'abort':
      return `abort ${message.call} ${failureInShort(message.failure)}`;
    case 'unseen':
      return `unseen ${message.failures.map(({ id }) => id).join(' ')}`;
    case 'ready':
      return `ready ${message.workers}`;
    default:
      return message.type;
  }
}

const given = (values: RunMessage['values']): string =>
  values === undefined ? '' : ` with ${values.map(([id]) => id).join(' ')}`;

const outcomeInShort = (outcome: Outcome): string => {
  if (!outcome.ok) return failureInShort(outcome.failure);
  return outcome.end ? 'end' : 'ok';
};
const again = (times = 0): string => (times > 0 ? ` again ${times}` : '');

export function failureInShort(failure: Failure): string {
  if (failure.kind === 'thrown') return 'thrown';
  if (failure.kind === 'dependency') return `failed by ${failure.via.join(' < ')}`;
  return failure.code;
}
