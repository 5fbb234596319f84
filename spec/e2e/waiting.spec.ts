import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { from, lastValueFrom, map, mergeMap, toArray } from 'rxjs';
import {
  fromRef,
  get,
  getRuntimeContext,
  getSync,
  GetTimeoutError,
  init,
  mapRemote,
  type ObjectRef,
  put,
  remote,
  shutdown,
  TaskError,
  wait,
} from 'rayx';
import { cpusFree, Sign } from './beacon';
import { errorOf } from './timing';

const one = remote(() => 1);
const spin = remote((milliseconds: number) => {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
});
const fail = remote(function fail(): number {
  throw new RangeError('went wrong');
});

class Log {
  readonly #entries: string[] = [];
  add(entry: string): string[] {
    this.#entries.push(entry);
    return this.#entries;
  }
}

describe('waiting in a task on one CPU', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 1 }));
  after(() => shutdown());

  const ways: Record<string, (ref: ObjectRef<number>) => unknown> = {
    get: (ref) => get(ref),
    getSync: (ref) => getSync(ref),
    wait: async (ref) => (await wait([ref]))[0].length,
    'a subscription': (ref) => lastValueFrom(fromRef(ref)),
  };
  for (const [name, way] of Object.entries(ways)) {
    it(`gives the CPU to what is waited for: ${name}`, async () => {
      const parent = remote(() => way(one.remote()));
      expect(await get(parent.remote(), { timeout: 5000 })).to.equal(1);
    });
  }

  it('goes on from step to step of a pipeline, in the task that made it', async () => {
    const next = remote((x: number) => x + 1);
    const chain = remote(async function chain() {
      const seen = await lastValueFrom(
        from(next.remote(1)).pipe(
          mergeMap((x) => next.remote(x)),
          mapRemote(next, 1),
          map((x) => [x, getRuntimeContext().taskName] as const),
          toArray(),
        ),
      );
      // The CPU came back with the values: what follows needs it once more.
      return [seen, await get(next.remote(4))] as const;
    });
    expect(await get(chain.remote(), { timeout: 5000 })).to.deep.equal([[[4, 'chain']], 5]);
  });

  it('is no waiting when the value is there: the CPU stays', async () => {
    const log = remote(Log).remote();
    const parent = remote(async (name: string) => {
      log.add.remote(`${name} starts`);
      const ref = put(name);
      for (let i = 0; i < 20; i++) await get(ref);
      log.add.remote(`${name} ends`);
    });
    await get(['a', 'b'].map((name) => parent.remote(name)));
    expect(await get(log.add.remote('end'))).to.deep.equal([
      'a starts',
      'a ends',
      'b starts',
      'b ends',
      'end',
    ]);
  });

  it('ends in time when its signal says so, though the CPU is taken', async () => {
    const sign = new Sign();
    const busy = remote((path: string) => {
      while (!existsSync(path));
    });
    const patient = remote(async (path: string) => {
      const options = { signal: AbortSignal.timeout(300) };
      return (await errorOf(() => get(busy.remote(path), options))).name;
    });
    // What it waits for has its CPU, and does not end before it was told.
    expect(await get(patient.remote(sign.path))).to.equal('TimeoutError');
    sign.give();
    await cpusFree(1);
    sign.remove();
  });

  it('has the errors of getSync in a task as in the driver', async () => {
    const seen = remote(() => {
      const thrown = (work: () => unknown): unknown => {
        try {
          return work();
        } catch (error) {
          return error;
        }
      };
      const failed = thrown(() => getSync([one.remote(), fail.remote()]));
      const late = thrown(() => getSync(spin.remote(500), { timeout: 10 }));
      return [
        failed instanceof TaskError && failed instanceof RangeError,
        late instanceof GetTimeoutError,
        getSync([]),
      ];
    });
    expect(await get(seen.remote())).to.deep.equal([true, true, []]);
  });

  it("keeps a caller's order over its async branches", async () => {
    const log = remote(Log).remote();
    const branches = remote(async () => {
      const expected: string[] = [];
      const branch = async (name: string, pause: number) => {
        for (let i = 0; i < 5; i++) {
          await sleep(pause);
          expected.push(`${name}${i}`);
          log.add.remote(`${name}${i}`);
        }
      };
      await Promise.all([branch('a', 2), branch('b', 3), branch('c', 0)]);
      return { expected, entries: (await get(log.add.remote('end'))).slice(0, -1) };
    });
    const { expected, entries } = await get(branches.remote());
    expect(entries).to.have.length(15).and.to.deep.equal(expected);
  });
});

describe('get of very many refs', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 1 }));
  after(() => shutdown());

  it('is no matter of the stack', async () => {
    const ref = spin.remote(10);
    const values = await get(Array.from({ length: 200_000 }, () => ref));
    expect(values).to.have.length(200_000);
    const failed = fail.remote();
    const error = await errorOf(() => get(Array.from({ length: 200_000 }, () => failed)));
    expect(error).to.be.instanceOf(RangeError);
  });
});
