import { liveParent } from './calls';
import type { Environment } from './environments';
import type { CallRecord, SpecRecord, WorkerRecord } from './records';
import type { Shape } from './resources';
import type { Workers } from './workers';

/** Suspended tasks on a thread above which it is not looked at as a place for a stranger. */
const CROWD = 8;

/** Where a call may go at once, and whether it may have a thread of its own otherwise. */
export type Placement =
  { readonly on: WorkerRecord } | { readonly on: 'new thread' } | { readonly on: undefined };

/**
 * Who shares a thread, in this order:
 * 1. an idle thread; 2. a new one; 3. one whose suspended tasks are all above this call, which
 * therefore cannot wait for anything else they do; 4. one where everybody is known to be short.
 * For short calls 3 comes before 2, so that a small recursion starts no threads. A call that may
 * block its thread takes 1 or 2, whatever the limit of threads.
 */
export function place(
  call: CallRecord,
  spec: SpecRecord,
  workers: Workers,
  mayStart: boolean,
): Placement {
  const idle = workers.crewOf(spec.shape.env)?.idle.at(-1);
  if (idle !== undefined) return { on: idle };
  const { profile } = spec;
  if (profile.blocking) return { on: 'new thread' };

  const above = !mayStart || profile.harmless ? threadOfAncestors(call, spec) : undefined;
  if (above !== undefined && (!mayStart || profile.short || recurs(call, above))) {
    return { on: above };
  }
  if (mayStart) return { on: 'new thread' };
  return { on: threadOfShort(call, spec, workers) };
}

/**
 * Whether one more thread may come. Those where nothing runs because a task blocks them, or may do
 * so as soon as it goes on, serve nobody and do not count; nor do those that belong to the suspended
 * tasks of another environment.
 */
export function mayStart(workers: Workers, maxThreads: number, env: Environment): boolean {
  if (workers.threads < maxThreads) return true;
  let { threads } = workers;
  for (const worker of workers.all.values()) {
    const { host, state, active } = worker;
    if (host !== undefined || state !== 'online' || active > 0) continue;
    const isStrange = worker.env !== env && worker.calls.size > 0;
    if (isStrange || mayBlock(worker)) threads -= 1;
  }
  return threads < maxThreads;
}

/** A thread where nothing runs and all suspended tasks are above the call, the nearest first. */
function threadOfAncestors(call: CallRecord, { shape }: SpecRecord): WorkerRecord | undefined {
  const found = new Map<WorkerRecord, number>();
  for (let above = liveParent(call); above !== undefined; above = liveParent(above)) {
    const { worker } = above;
    if (worker !== undefined && takesMore(worker, shape))
      found.set(worker, (found.get(worker) ?? 0) + 1);
  }
  for (const [worker, count] of found) {
    if (count === worker.calls.size && !mayBlock(worker)) return worker;
  }
  return undefined;
}

/** A function that calls itself has had no chance yet to become known: it has the benefit of doubt. */
function recurs(call: CallRecord, thread: WorkerRecord): boolean {
  for (const above of thread.calls) if (above.spec !== call.spec) return false;
  return true;
}

/** A thread where nothing runs and all suspended tasks are known to be short, as the call is. */
function threadOfShort(
  call: CallRecord,
  spec: SpecRecord,
  workers: Workers,
): WorkerRecord | undefined {
  if (!mayShare(spec)) return undefined;
  for (const worker of workers.all.values()) {
    if (!takesMore(worker, spec.shape) || worker.calls.size > CROWD) continue;
    if ([...worker.calls].every(({ spec: other }) => other !== undefined && mayShare(other))) {
      return worker;
    }
  }
  return undefined;
}

/** Whether a task on the thread could stop all others there. */
function mayBlock({ calls }: WorkerRecord): boolean {
  for (const { spec } of calls) if (spec?.profile.blocking) return true;
  return false;
}

/** Never with a call that may not run again: the other might end the thread. */
const mayShare = ({ profile, spec }: SpecRecord): boolean => profile.short && spec.maxRetries !== 0;

function takesMore(worker: WorkerRecord, shape: Shape): boolean {
  const { host, env, state, active, blocked } = worker;
  return (
    host === undefined && env === shape.env && state === 'online' && active === 0 && blocked === 0
  );
}
