import type { Journal } from './journal';
import type { CallState } from './call-state';
import type { CallRecord } from './records';

/** Every legal move of a call. Whatever is not here is a bug. */
export const transitions: Readonly<Record<CallState, readonly CallState[]>> = {
  pending: ['ready', 'finished'],
  ready: ['loading', 'assigned', 'finished'],
  // What cannot be read back is made again, or fails it.
  loading: ['ready', 'pending', 'finished'],
  // A grant or a time-out shows that it has started; the death of its worker or instance puts it back.
  assigned: ['revoking', 'running', 'waiting', 'abandoned', 'ready', 'delayed', 'finished'],
  // Not taken back means started.
  revoking: ['ready', 'running', 'waiting', 'delayed', 'finished'],
  running: ['waiting', 'abandoned', 'ready', 'delayed', 'finished'],
  waiting: ['resuming', 'running', 'ready', 'delayed', 'finished'],
  // Its thread stands still for something else meanwhile.
  resuming: ['running', 'waiting', 'ready', 'delayed', 'finished'],
  delayed: ['ready', 'finished'],
  abandoned: ['ready', 'finished'],
  finished: [],
};

/** Moves a call, and notes it. */
export function move(journal: Journal, call: CallRecord, to: CallState): void {
  const from = call.state;
  if (!transitions[from].includes(to)) {
    throw journal.bug(`the call ${call.name} cannot go from ${from} to ${to}`, call.id);
  }
  call.state = to;
  const { at } = journal;
  switch (to) {
    case 'ready':
      return journal.log({ at, type: 'callReady', call: call.id });
    case 'assigned': {
      const worker = call.worker?.client.id ?? '';
      return journal.log({ at, type: 'callAssigned', call: call.id, worker });
    }
    case 'waiting':
      return journal.log({ at, type: 'callWaiting', call: call.id });
    case 'delayed':
      return journal.log({ at, type: 'callDelayed', call: call.id });
    case 'running':
      if (from === 'revoking' || from === 'assigned') return;
      return journal.log({ at, type: 'callResumed', call: call.id });
    case 'abandoned':
      return journal.log({ at, type: 'callAbandoned', call: call.id });
    case 'finished': {
      const ok = call.object.outcome?.ok ?? false;
      return journal.log({ at, type: 'callFinished', call: call.id, ok });
    }
    default:
  }
}
