import type { SystemFailure } from '../../../lib/protocol/payload';
import { Bench } from './support';

/** Why an object failed, as it was told in the last event. */
export function reasonOf(bench: Bench, id: string): string | undefined {
  for (const one of bench.instructions) {
    if (one.type !== 'send' || one.message.type !== 'settled' || one.message.id !== id) continue;
    const { outcome } = one.message;
    if (outcome.ok || outcome.failure.kind !== 'system') continue;
    const failure: SystemFailure = outcome.failure;
    return failure.code === 'TASK_CANCELLED' ? failure.reason : failure.code;
  }
  return undefined;
}

/** One CPU, and the functions of these specs. */
export function ready(): Bench {
  const bench = Bench.ready({ numCpus: 1 });
  bench.define('f');
  bench.define('once', { maxRetries: 0 });
  bench.define('Counter');
  return bench;
}

export const cpu = (bench: Bench): number => bench.scheduler.usage().taken.CPU ?? 0;
