import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { from, lastValueFrom, toArray } from 'rxjs';
import {
  availableResources,
  cancel,
  CaptureError,
  completed,
  DeadlockError,
  get,
  getRuntimeContext,
  getSync,
  GetTimeoutError,
  mapRemote,
  progress,
  put,
  registerClass,
  remote,
  SerializationError,
  TaskError,
  values,
  wait,
  type ActorHandle,
  type ObjectRef,
} from 'rayx';
import { errorOf } from '../timing';

/*
 * Small programs that come to the same whether their calls run on threads or inline. They share a
 * runtime with two CPUs: each leaves none in use and no name taken.
 */

const square = remote(function square(x: number) {
  return x * x;
});
const add = remote((a: number, b: number) => a + b);
/** Nothing of it may outlast its runtime, nor the program that cancels it. */
const nap = remote(async function nap(milliseconds: number) {
  const { signal } = getRuntimeContext();
  await sleep(milliseconds, undefined, { ref: false, ...(signal && { signal }) });
  return milliseconds;
});
const refuse = remote(function refuse(reason: string): number {
  throw new RangeError(reason);
});

class Counter {
  #value: number;
  constructor(start = 0) {
    this.#value = start;
  }
  increment(by = 1): number {
    return (this.#value += by);
  }
  async slowly(by: number): Promise<number> {
    const before = this.#value;
    await sleep(20);
    return (this.#value = before + by);
  }
}
const RemoteCounter = remote(Counter);

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
  get length(): number {
    return Math.hypot(this.x, this.y);
  }
}

class Secret {
  #word: string;
  constructor(word: string) {
    this.#word = word;
  }
  get word(): string {
    return this.#word;
  }
}
registerClass(Secret, {
  name: 'inline secret',
  encode: ({ word }) => word,
  decode: (word) => new Secret(word),
});

export const programs: Readonly<Record<string, () => Promise<unknown>>> = {
  'values by get, getSync and in lists': async () => {
    const refs = [1, 2, 3].map((x) => square.remote(x));
    return [await get(square.remote(3)), getSync(square.remote(4)), await get(refs), getSync(refs)];
  },

  'refs as arguments': async () =>
    get(add.remote(square.remote(2), add.remote(square.remote(3), 1))),

  'refs inside arguments': async () => {
    const sum = remote(async (refs: readonly ObjectRef<number>[]) => {
      const values = await get(refs);
      return values.reduce((total, value) => total + value, 0);
    });
    return get(sum.remote([square.remote(1), square.remote(2), put(10)]));
  },

  'refs of dropped names': async () => {
    const read = remote(({ ref }: { ref: ObjectRef<number> }) => getSync(ref));
    const refs = Array.from({ length: 50 }, (_, x) => read.remote({ ref: square.remote(x) }));
    return get(refs);
  },

  'a ref that a task made, handed on': async () => {
    const start = remote((x: number) => ({ answer: square.remote(x) }));
    const { answer } = await get(start.remote(4));
    return [await get(answer), await get(square.remote(answer))];
  },

  'nested calls': async () => {
    const total = remote(async function total(depth: number): Promise<number> {
      if (depth === 0) return 1;
      const [left, right] = await get([total1.remote(depth - 1), total1.remote(depth - 1)]);
      return left + right;
    });
    const total1 = total;
    return get(total.remote(5));
  },

  'nested calls by getSync': async () => {
    const fibonacci = remote((n: number): number =>
      n < 2 ? n : getSync(fibonacci.remote(n - 1)) + getSync(fibonacci.remote(n - 2)),
    );
    return get(fibonacci.remote(9));
  },

  'wait, ready and pending': async () => {
    const refs = [nap.remote(20_000), nap.remote(1)];
    const [ready, pending] = await wait(refs);
    const none = await wait([nap.remote(20_000)], { timeout: 5 });
    for (const ref of [...pending, ...none[1]]) cancel(ref);
    return [
      ready.map((ref) => refs.indexOf(ref)),
      pending.length,
      none.map(({ length }) => length),
    ];
  },

  'a timeout, and the value afterwards': async () => {
    const ref = nap.remote(300);
    const error = await errorOf(() => get(ref, { timeout: 5 }));
    return [error instanceof GetTimeoutError, await get(ref)];
  },

  'an actor, in the order of its calls': async () => {
    const counter = RemoteCounter.remote(10);
    const calls = [
      counter.increment.remote(),
      counter.slowly.remote(5),
      counter.increment.remote(2),
    ];
    return [await get(calls), getSync(counter.increment.remote())];
  },

  'two instances with a state each': async () => {
    const counters = [RemoteCounter.remote(), RemoteCounter.remote(100)];
    return get(counters.map((counter) => counter.increment.remote()));
  },

  'handles in arguments, closures and results': async () => {
    const counter = RemoteCounter.remote();
    const use = remote((given: ActorHandle<Counter>) => getSync(given.increment.remote()));
    const useClosure = remote(async () => get(counter.increment.remote()));
    const make = remote(() => RemoteCounter.remote(40));
    const made = await get(make.remote());
    return [
      await get(use.remote(counter)),
      await get(useClosure.remote()),
      await get(made.increment.remote(2)),
    ];
  },

  'an actor that does several calls at once, and takes so many of each caller': async () => {
    class Desk {
      now = 0;
      most = 0;
      async work(): Promise<number> {
        this.most = Math.max(this.most, (this.now += 1));
        await sleep(10);
        this.now -= 1;
        return this.most;
      }
    }
    const desk = remote(Desk, { maxConcurrency: 2, maxPendingCalls: 3 }).remote();
    const fill = async (target: ActorHandle<Desk>) => {
      const calls = [target.work.remote(), target.work.remote(), target.work.remote()];
      const error = await errorOf(() => target.work.remote());
      return [error.name, Math.max(...(await get(calls)))];
    };
    const mine = fill(desk);
    return [await get(remote(fill).remote(desk)), await mine];
  },

  'a constructor that throws': async () => {
    class Broken {
      constructor() {
        throw new TypeError('cannot be made');
      }
      use(): void {}
    }
    const error = await errorOf(() => get(remote(Broken).remote().use.remote()));
    return [error.name, error.message.includes('cannot be made'), String(error.cause)];
  },

  'what a task throws, and what depends on it': async () => {
    const error = await errorOf(() => get(refuse.remote('no')));
    const dependant = await errorOf(() => get(square.remote(refuse.remote('no'))));
    return [
      [error instanceof TaskError, error instanceof RangeError, error.message, String(error.cause)],
      [dependant instanceof RangeError, (dependant as TaskError).dependency],
    ];
  },

  'the same error by getSync': async () => {
    const error = await errorOf(() => getSync(refuse.remote('no')));
    return [error instanceof TaskError, error instanceof RangeError, error.message];
  },

  'arguments and results as copies': async () => {
    const list = { values: [1, 2] };
    const change = remote((given: { values: number[] }) => {
      given.values.push(3);
      return given;
    });
    const changed = await get(change.remote(list));
    const stored = put(list);
    list.values.length = 0;
    return [changed, list, await get(stored)];
  },

  'the same object twice, and itself': async () => {
    const same = remote((a: object[], b: { self?: unknown }) => [a[0] === a[1], b.self === b]);
    const [one, circle] = [{}, {} as { self?: unknown }];
    circle.self = circle;
    return get(same.remote([one, one], circle));
  },

  'instances of own and registered classes': async () => {
    const mirror = remote((point: Point) => new Point(point.y, point.x));
    const whisper = remote((secret: Secret) => new Secret(secret.word.toLowerCase()));
    const point = await get(mirror.remote(new Point(3, 4)));
    const secret = await get(whisper.remote(new Secret('HUSH')));
    return [point instanceof Point, point.x, point.length, secret instanceof Secret, secret.word];
  },

  'functions among arguments and results': async () => {
    const apply = remote((f: (x: number) => number, x: number) => f(x));
    const adder = remote((by: number) => (x: number) => x + by);
    const plus = await get(adder.remote(2));
    return [await get(apply.remote((x) => x * 3, 5)), plus(40)];
  },

  'large binary values': async () => {
    const sum = remote((data: Float64Array) => data.reduce((total, x) => total + x, 0));
    const ref = put(new Float64Array(100_000).fill(2));
    return [await get([sum.remote(ref), sum.remote(ref)]), (await get(ref)).length];
  },

  'remote functions among arguments': async () => {
    const twice = remote(async (f: typeof square, x: number) => get(f.remote(f.remote(x))));
    return get(twice.remote(square, 3));
  },

  'what cannot travel, with its path': async () => {
    const gone = { inner: new WeakRef({}) };
    const argument = (await errorOf(() => square.remote(gone as never))) as SerializationError;
    const use = remote(function use() {
      return gone.inner;
    });
    const closure = (await errorOf(() => use.remote())) as CaptureError;
    const result = await errorOf(() => get(remote(() => new WeakRef({})).remote()));
    return [argument.name, argument.path, closure.name, closure.path, result.name];
  },

  'the context of a task': async () => {
    const who = remote(function who() {
      const { taskName, attempt, taskId } = getRuntimeContext();
      return { taskName, attempt, taskId };
    });
    const ref = who.remote();
    const { taskId, ...rest } = await get(ref);
    return [rest, taskId === ref.id, getRuntimeContext().taskName];
  },

  'no more at once than there are CPUs': async () => {
    const work = remote(async () => {
      const start = Date.now();
      await sleep(20);
      return [start, Date.now()] as const;
    });
    const times = await get(Array.from({ length: 6 }, () => work.remote()));
    const atOnce = times.map(
      ([start]) => times.filter(([other, end]) => other <= start && start < end).length,
    );
    return [Math.max(...atOnce), availableResources().CPU];
  },

  'a task that waits and lends its CPU': async () => {
    const parent = remote(async function parent(depth: number): Promise<number> {
      return depth === 0 ? 0 : 1 + (await get(parent1.remote(depth - 1)));
    });
    const parent1 = parent;
    return get([parent.remote(6), parent.remote(6), parent.remote(6)]);
  },

  'process.exit in a task': async () => {
    const quit = remote(() => process.exit(3), { name: 'quit', maxRetries: 0 });
    const error = await errorOf(() => get(quit.remote()));
    return [error.name, error.message];
  },

  'process.exit in an actor': async () => {
    class Quitter {
      quit(): void {
        process.exit(3);
      }
      stay(): string {
        return 'here';
      }
    }
    const quitter = remote(Quitter).remote();
    const [first, second] = [quitter.quit.remote(), quitter.stay.remote()];
    const errors = [await errorOf(() => get(first)), await errorOf(() => get(second))];
    return errors.map(({ name, message }) => [name, message.includes('process.exit(3)')]);
  },

  'cancelled calls, by force and without': async () => {
    const patient = remote(async function patient() {
      const { signal } = getRuntimeContext();
      if (signal) await once(signal, 'abort');
      return 1;
    });
    const [told, forced] = [patient.remote(), patient.remote()];
    const refs = [told, forced, square.remote(told)];
    await sleep(20);
    cancel(told);
    cancel(forced, { force: true });
    const errors = await Promise.all(refs.map((ref) => errorOf(() => get(ref))));
    return [errors.map(({ name }) => name), await get(square.remote(2))];
  },

  'calls that wait for each other': async () => {
    class Link {
      pass(self: ActorHandle<Link>, depth: number): number {
        return depth === 0 ? 0 : getSync(self.pass.remote(self, depth - 1));
      }
      async passOn(self: ActorHandle<Link>, depth: number): Promise<number> {
        return depth === 0 ? 0 : get(self.passOn.remote(self, depth - 1));
      }
    }
    const link = remote(Link).remote();
    const errors = [
      await errorOf(() => get(link.pass.remote(link, 1))),
      await errorOf(() => get(link.passOn.remote(link, 1))),
    ];
    return errors.map((error) => [error instanceof DeadlockError, error.message]);
  },

  'several returns, and retries of errors': async () => {
    const split = remote((text: string) => text.split(' '), { numReturns: 2 });
    const words = await get([...split.remote('two words')]);
    class Attempts {
      #count = 0;
      next(): number {
        return (this.#count += 1);
      }
    }
    const attempts = remote(Attempts).remote();
    const unsure = remote(
      async (counter: ActorHandle<Attempts>) => {
        const count = await get(counter.next.remote());
        if (count < 3) throw new RangeError(`attempt ${count}`);
        return count;
      },
      { retryExceptions: [RangeError], retryDelay: 1 },
    );
    return [words, await get(unsure.remote(attempts))];
  },

  'a task that is too late': async () => {
    const late = remote(async () => sleep(60_000, undefined, { ref: false }), { timeout: 30 });
    const error = await errorOf(() => get(late.remote()));
    return [error.name, await get(square.remote(2))];
  },

  pipelines: async () => {
    const squares = from([1, 2, 3]).pipe(mapRemote(square, 2), toArray());
    const ended = completed([add.remote(10, 1), square.remote(4)]).pipe(toArray());
    const inOrder = (numbers: number[]) => numbers.sort((a, b) => a - b);
    return [inOrder(await lastValueFrom(squares)), inOrder(await lastValueFrom(ended))];
  },

  'streams: read, held back, left, failed': async () => {
    const count = remote(function* (to: number) {
      for (let n = 1; n <= to; n += 1) yield n;
      if (to === 3) throw new RangeError('three is too many');
    });
    const read: unknown[] = [];
    for (const stream of [count.remote(2), count.options({ backpressure: 1 }).remote(4)]) {
      for await (const ref of stream) read.push(await get(square.remote(ref)));
      read.push(await get(stream.completed()));
    }
    const failed = await errorOf(() => lastValueFrom(values(count.remote(3))));
    const left = count.remote(Infinity);
    for await (const ref of left) if ((await get(ref)) === 5) break;
    const cancelled = await errorOf(() => get(left.completed()));
    return [read, failed.message, cancelled.name, await get(square.remote(2))];
  },

  'progress of a task': async () => {
    const work = remote(async () => {
      await sleep(20);
      for (const part of [1, 2, 3]) getRuntimeContext().progress({ part });
    });
    return lastValueFrom(progress(work.remote()).pipe(toArray()));
  },

  'a chain of dependent calls': async () => {
    let ref: ObjectRef<number> = put(0);
    for (let n = 0; n < 300; n += 1) ref = add.remote(ref, 1);
    return get(ref);
  },
};
