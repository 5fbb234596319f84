import { setTimeout as sleep } from 'node:timers/promises';
import { get, getRuntimeContext, getSync, remote, type ActorHandle, type ObjectRef } from 'rayx';

/* What runs in the soak. Everything answers with something that follows from its arguments alone. */

export const double = remote((x: number) => 2 * x);

export const later = remote(async (x: number, milliseconds: number) => {
  await sleep(milliseconds);
  return 2 * x;
});

/** Takes as long as nobody tells it to end. */
export const linger = remote(async () => {
  const { signal } = getRuntimeContext();
  await sleep(60_000, undefined, signal ? { signal } : {});
});

export class Refused extends Error {
  constructor(
    readonly x: number,
    readonly details: Float64Array,
  ) {
    super(`no double of ${x}`);
  }
}

export const fail = remote((x: number): number => {
  throw new Refused(x, new Float64Array(16_384).fill(x));
});

export const fill = remote((x: number, length: number) => new Float64Array(length).fill(x));

export const sum = remote((values: Float64Array) => values.reduce((total, x) => total + x, 0));

/**
 * As much as double(x), by children on every level; some of them are waited for standing still.
 *
 * Exported below: what a compiled `export const` uses is `exports.tree`, a value that may change, so that
 * each thread which has the function declares one of its own for its children.
 */
const tree = remote(async (x: number, depth: number): Promise<number> => {
  if (depth === 0) return 2 * x;
  const below = [tree.remote(x, depth - 1), tree.remote(x, depth - 1)];
  const [left = 0, right = 0] = depth % 2 === 0 ? getSync(below) : await get(below);
  return (left + right) / 2;
});
export { tree };

export const count = remote(async function* (n: number) {
  for (let i = 0; i < n; i += 1) {
    if (i % 8 === 7) await sleep(0);
    yield new Float64Array(i % 4 === 0 ? 16_384 : 1).fill(i);
  }
});

export const tell = remote((steps: number) => {
  const { progress } = getRuntimeContext();
  for (let i = 1; i <= steps; i += 1) progress(i);
  return steps;
});

export class Counter {
  private total = 0;
  private kept: unknown;

  add(x: number): number {
    this.total += x;
    return this.total;
  }

  fail(x: number): never {
    throw new Refused(x, new Float64Array(1));
  }

  keep(value: unknown): void {
    this.kept = value;
  }

  give(): unknown {
    return this.kept;
  }

  async *upTo(n: number): AsyncGenerator<number> {
    for (let i = 0; i < n; i += 1) {
      if (i % 8 === 7) await sleep(0);
      yield i;
    }
  }
}

/** Adds through a handle, and hands that on. */
export const addBy = remote(async (counter: ActorHandle<Counter>, x: number) => {
  const total = await get(counter.add.remote(x));
  return { counter, total };
});

/** Makes an instance of its own and answers with a handle of it, in a ref in an object. */
export const nest = remote((refs: { readonly of: ObjectRef<number> }) => {
  const counter = remote(Counter, { thread: 'shared' }).remote();
  return { counter, sum: counter.add.remote(refs.of), refs };
});
