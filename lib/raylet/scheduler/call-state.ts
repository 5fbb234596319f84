/**
 * Where a call stands; `states.ts` has the legal moves.
 * - pending: a ref among its arguments is not settled
 * - ready: in the ready queue, or in its actor's line
 * - loading: ready, but for an argument that is on its way back from disk
 * - assigned: in the hand of a worker; it may have started
 * - revoking: in hand, and asked back
 * - running: has certainly started
 * - waiting: gave its CPU back until one of its waits is answered
 * - resuming: answered, in the queue for a CPU
 * - delayed: failed, and waits for its next attempt
 * - abandoned: was told to end, and its thread is still at it; what it does counts no more
 * - finished: its object is settled
 */
export type CallState =
  | 'pending'
  | 'ready'
  | 'loading'
  | 'assigned'
  | 'revoking'
  | 'running'
  | 'waiting'
  | 'resuming'
  | 'delayed'
  | 'abandoned'
  | 'finished';
