import { must } from './must';
import type { Parts } from './parts';
import type { Environment } from './environments';
import type { SpecRecord, WorkerRecord } from './records';
import type { Shape } from './resources';

/** Threads of each environment: counted, idle, and with calls of their own environment only. */
export function validateEnvironments(parts: Parts): void {
  const found = new Map<string, { threads: number; starting: number; idle: number }>();
  for (const [id, worker] of parts.workers.all) {
    const { env, state, host, calls } = worker;
    const check = (right: boolean, what: string): void => must(parts, right, id, what);
    const count = found.get(env.key) ?? { threads: 0, starting: 0, idle: 0 };
    found.set(env.key, count);
    const idle = parts.workers.crewOf(env)?.idle.filter((other) => other === worker).length ?? 0;
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
  const crews = new Set<string>();
  for (const { env, threads, starting, idle } of parts.workers.crews.values()) {
    const { key } = env;
    crews.add(key);
    const told = JSON.stringify({ threads, starting, idle: idle.length });
    const count = JSON.stringify(found.get(key) ?? { threads: 0, starting: 0, idle: 0 });
    must(parts, told === count, '', `environment ${key}: counted ${told}, found ${count}`);
    const isNeeded = threads > 0 || env === parts.environments.usual;
    must(parts, isNeeded, '', `environment ${key}: kept without threads`);
  }
  for (const [key, { threads }] of found) {
    const known = threads === 0 || crews.has(key);
    must(parts, known, '', `environment ${key}: its threads are not known`);
  }
  validateUsers(parts);
}

/** Environments and shapes are kept as long as something has them. */
function validateUsers(parts: Parts): void {
  const { environments, resources, code, workers, queue } = parts;
  const users = new Map<Environment | Shape, number>([[environments.usual, 1]]);
  const use = (used: Environment | Shape): void => void users.set(used, (users.get(used) ?? 0) + 1);
  for (const { env } of workers.all.values()) use(env);
  for (const { shape } of code.allSpecs()) {
    use(shape);
    use(shape.env);
  }
  const known = new Set([...environments.values(), ...resources.shapes.values()]);
  for (const one of known) {
    const found = users.get(one) ?? 0;
    must(parts, one.users === found, '', `${one.key}: ${one.users} users counted, ${found} found`);
  }
  must(parts, users.size === known.size, '', 'an environment or a shape is used that is not known');
  const { shapeCount } = queue;
  must(parts, shapeCount <= resources.shapes.size, '', 'lines for shapes that nothing has');
}

/** A function with `maxCalls` may run only so often on a thread that takes more calls. */
function mayRunMore({ runs }: WorkerRecord, { spec: { task, code } }: SpecRecord): boolean {
  return task?.maxCalls === undefined || (runs?.get(code.id) ?? 0) < task.maxCalls;
}
