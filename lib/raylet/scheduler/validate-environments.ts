import { must } from './must';
import type { Parts } from './parts';
import type { SpecRecord, WorkerRecord } from './records';

/** Threads of each environment: counted, idle, and with calls of their own environment only. */
export function validateEnvironments(parts: Parts): void {
  const found = new Map<string, { threads: number; starting: number; idle: number }>();
  for (const [id, worker] of parts.workers.all) {
    const { crew, state, host, calls } = worker;
    const { env } = crew;
    const check = (right: boolean, what: string): void => must(parts, right, id, what);
    const count = found.get(env.key) ?? { threads: 0, starting: 0, idle: 0 };
    found.set(env.key, count);
    const idle = crew.idle.filter((other) => other === worker).length;
    const free = state === 'online' && calls.size === 0 && host === undefined;
    check(idle === (free ? 1 : 0), `${idle} times idle, free ${free}`);
    if (host !== undefined) continue;
    if (state === 'starting') count.starting += 1;
    if (state === 'starting' || state === 'online') count.threads += 1;
    count.idle += idle;
    for (const call of calls) {
      check(call.spec?.shape.env === env, `${call.id} runs in another environment`);
      check(!call.spec || state !== 'online' || mayRunMore(worker, call.spec), 'runs too often');
    }
  }
  for (const { env, threads, starting, idle } of parts.workers.crews.values()) {
    const { key } = env;
    const told = JSON.stringify({ threads, starting, idle: idle.length });
    const count = JSON.stringify(found.get(key) ?? { threads: 0, starting: 0, idle: 0 });
    must(parts, told === count, '', `environment ${key}: counted ${told}, found ${count}`);
  }
}

/** A function with `maxCalls` may run only so often on a thread that takes more calls. */
function mayRunMore({ runs }: WorkerRecord, { spec: { task, code } }: SpecRecord): boolean {
  return task?.maxCalls === undefined || (runs?.get(code.id) ?? 0) < task.maxCalls;
}
