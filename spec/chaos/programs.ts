import { setTimeout as sleep } from 'node:timers/promises';
import { get, getRuntimeContext, remote } from 'rayx';

/*
 * What runs under chaos. Every program answers with something that follows from its arguments alone,
 * so that a value can be checked whatever has happened on the way.
 */

export const double = remote((x: number) => 2 * x);

export const later = remote(async (x: number, milliseconds: number) => {
  await sleep(milliseconds);
  return 2 * x;
});

export const spin = remote((x: number, milliseconds: number) => {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
  return 2 * x;
});

export const fail = remote((x: number): number => {
  throw new RangeError(`no double of ${x}`);
});

/** Large enough to lie in shared memory. */
export const spread = remote((x: number) => new Float64Array(4096).fill(2 * x));

/** As much as double(x), by children on every level. */
export const tree = remote(async (x: number, depth: number): Promise<number> => {
  if (depth === 0) return 2 * x;
  const below = [tree.remote(x, depth - 1), tree.remote(x, depth - 1)];
  const [left = 0, right = 0] = await get(below);
  return (left + right) / 2;
});

/** Takes its thread down in its first attempts, with whatever else is there, and then answers. */
export const crash = remote(
  (x: number, times: number) => {
    if ((getRuntimeContext().attempt ?? 1) <= times) process.exit(1);
    return 2 * x;
  },
  { maxRetries: -1 },
);

/** An error that nobody catches, thrown while it runs: its thread is replaced. */
export const explode = remote(
  async (x: number): Promise<number> => {
    setImmediate(() => {
      throw new Error('chaos');
    });
    await sleep(1000);
    return 2 * x;
  },
  { maxRetries: 0 },
);

/** Fails in its first attempts, and is retried for that. */
export const flaky = remote(
  (x: number, times: number) => {
    if ((getRuntimeContext().attempt ?? 1) <= times) throw new RangeError('not yet');
    return 2 * x;
  },
  { retryExceptions: [RangeError], maxRetries: 5 },
);

/** Never ends by itself. */
export const linger = remote(async (x: number) => sleep(60_000).then(() => 2 * x), {
  timeout: 20,
  graceMs: 0,
});

export const quit = remote((x: number): number => process.exit(x % 256), { maxRetries: 1 });

export class Doubler {
  calls = 0;

  double(x: number): number {
    this.calls += 1;
    return 2 * x;
  }

  async later(x: number, milliseconds: number): Promise<number> {
    await sleep(milliseconds);
    return 2 * x;
  }

  /** Asks another instance, and so on. */
  async tree(x: number, depth: number): Promise<number> {
    return get(tree.remote(x, depth));
  }

  fail(x: number): number {
    throw new RangeError(`no double of ${x}`);
  }

  crash(): never {
    return process.exit(1);
  }
}

export const count = remote(async function* (n: number, milliseconds: number) {
  for (let i = 0; i < n; i += 1) {
    if (milliseconds > 0) await sleep(milliseconds);
    yield i;
  }
});
