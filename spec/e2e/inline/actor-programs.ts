import { setTimeout as sleep } from 'node:timers/promises';
import {
  availableResources,
  exitActor,
  get,
  getActor,
  getRuntimeContext,
  kill,
  listNamedActors,
  remote,
  type ObjectRef,
} from 'rayx';
import { eventually } from '../eventually';
import { errorOf } from '../timing';

/* As the programs beside: life, death and names of actors. */

class Counter {
  value = 0;
  increment(): number {
    return (this.value += 1);
  }
  restarts(): number | undefined {
    return getRuntimeContext().restarts;
  }
  async slowly(milliseconds: number): Promise<number> {
    await sleep(milliseconds);
    return this.increment();
  }
  leave(): string {
    try {
      exitActor();
    } catch {
      return 'stayed';
    }
  }
  async leaveLater(): Promise<void> {
    await sleep(5);
    exitActor();
  }
  crash(): void {
    process.exit(1);
  }
}
const RemoteCounter = remote(Counter);
const Light = remote(Counter, { thread: 'shared', maxRestarts: 1, maxTaskRetries: 1 });

/** How calls ended: values as text, errors by name and reason, for which every actor is `Counter ····`. */
const ends = (refs: readonly ObjectRef<unknown>[]): Promise<string[]> =>
  Promise.all(
    refs.map((ref) =>
      get(ref).then(String, (error: Error & { reason?: string }) =>
        `${error.name} ${error.reason}`.replace(/\bCounter [\da-f]{4}\b/, 'Counter ····'),
      ),
    ),
  );

export const actorPrograms: Readonly<Record<string, () => Promise<unknown>>> = {
  'actors on shared threads': async () => {
    const counters = Array.from({ length: 20 }, () => Light.remote());
    const [first, second, third] = counters;
    if (!first || !second || !third) return undefined;
    await get(counters.map((counter) => counter.increment.remote()));
    const slow = first.slowly.options({ maxTaskRetries: 0 }).remote(2000);
    await get(second.increment.remote());
    kill(first, { noRestart: false });
    second.leave.remote();
    const crash = third.crash.options({ maxTaskRetries: 0 }).remote();
    return [
      await ends([slow, first.increment.remote(), first.restarts.remote()]),
      await ends([second.increment.remote(), crash, third.increment.remote()]),
      await get(counters.slice(3).map((counter) => counter.increment.remote())),
    ];
  },
  kill: async () => {
    const counter = RemoteCounter.remote();
    await get(counter.increment.remote());
    const refs = [counter.slowly.remote(60_000), counter.increment.remote()];
    kill(counter);
    return ends([...refs, counter.increment.remote()]);
  },

  exitActor: async () => {
    const all: string[] = [];
    for (const method of ['leave', 'leaveLater'] as const) {
      const counter = RemoteCounter.options({ maxRestarts: -1 }).remote();
      const refs = [counter[method].remote(), counter.increment.remote()];
      all.push(...(await ends(refs)));
      all.push(...(await ends([counter.increment.remote()])));
    }
    all.push(`${await errorOf(() => exitActor())}`);
    return all;
  },

  restarts: async () => {
    const counter = RemoteCounter.options({ maxRestarts: 1, maxTaskRetries: -1 }).remote();
    const before = await get(counter.increment.remote());
    const crash = counter.crash.options({ maxTaskRetries: 0 }).remote();
    const [unavailable] = await ends([crash]);
    const after = await get([counter.increment.remote(), counter.restarts.remote()]);
    const [dead] = await ends([counter.crash.remote()]);
    return [before, unavailable, after, dead];
  },

  'names of actors': async () => {
    const options = { name: 'hits', getIfExists: true, lifetime: 'detached' } as const;
    const Hits = RemoteCounter.options(options);
    const visit = remote(async () => get(Hits.remote().increment.remote()));
    const visits = await get([1, 2, 3].map(() => visit.remote()));
    const total = await get(getActor<Counter>('hits').increment.remote());
    const taken = await errorOf(() => RemoteCounter.options({ name: 'hits' }).remote());
    const listed = listNamedActors();
    kill(getActor('hits'));
    const gone = await errorOf(() => getActor('hits'));
    return [visits.sort(), total, taken.name, listed, gone.name, listNamedActors()];
  },

  'the end with the last handle': async () => {
    const options = { name: 'brief', numCpus: 2 };
    const value = await (async () => {
      const counter = RemoteCounter.options(options).remote();
      await get(counter.increment.remote());
      return get(getActor<Counter>('brief').slowly.remote(10));
    })();
    const cpus = await eventually(
      () => {
        global.gc?.();
        return availableResources()['CPU'];
      },
      (free) => free === 2,
    );
    return [value, cpus, listNamedActors()];
  },
};
