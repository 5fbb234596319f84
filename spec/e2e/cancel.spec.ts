import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { firstValueFrom } from 'rxjs';
import {
  type ActorHandle,
  availableResources,
  cancel,
  fromRef,
  get,
  getRuntimeContext,
  getSync,
  init,
  InvalidArgumentError,
  InvalidOptionError,
  type ObjectRef,
  put,
  RayError,
  remote,
  shutdown,
  TaskCancelledError,
  TaskError,
  wait,
} from 'rayx';
import { type Beacon, cpusFree, lit, makeBeacon, Sign } from './beacon';
import { errorOf } from './timing';

describe('cancel', function () {
  this.timeout(30_000);
  let beacon: ActorHandle<Beacon>;
  before(() => init({ numCpus: 2 }));
  beforeEach(async () => (beacon = await makeBeacon()));
  // Whatever was cancelled has ended, and with it all that it made.
  afterEach(() => cpusFree(2));
  after(() => shutdown());

  /** Runs until it is told to end; what it says is its name before. */
  const patient = remote(async function patient(name: string, to: ActorHandle<Beacon>) {
    const { signal } = getRuntimeContext();
    to.light.remote(name);
    if (!signal?.aborted) await once(signal as AbortSignal, 'abort');
    to.light.remote(`${name} ends: ${(signal?.reason as Error).name}`);
    return name;
  });

  /** Never ends by itself, and looks at nothing. */
  const busy = remote(function busy(to: ActorHandle<Beacon>): number {
    to.light.remote('busy');
    for (;;);
  });

  const light = remote((name: string, to: ActorHandle<Beacon>) => {
    to.light.remote(name);
    return name;
  });

  const isCancelled = async (ref: ObjectRef<unknown>, taskName: string): Promise<void> => {
    const error = await errorOf(() => get(ref));
    expect(error).to.be.instanceOf(TaskCancelledError).and.include({ taskName });
  };

  /** Two tasks that take both CPUs, and run. */
  async function occupy(): Promise<ObjectRef<string>[]> {
    const refs = [patient.remote('left', beacon), patient.remote('right', beacon)];
    await lit(beacon, 'left');
    await lit(beacon, 'right');
    return refs;
  }

  it('keeps a queued task from running', async () => {
    const runners = await occupy();
    const [a, b] = [light.remote('a', beacon), light.remote('b', beacon)];
    cancel(a);
    await isCancelled(a, 'anonymous');
    cancel(runners);
    expect(await get(b)).to.equal('b');
    expect(await get(beacon.seen.remote()))
      .to.include('b')
      .and.not.include('a');
  });

  it('keeps a task from running that waits for its arguments', async () => {
    const runner = patient.remote('runner', beacon);
    const next = light.remote(runner, beacon);
    cancel(next);
    await isCancelled(next, 'anonymous');
    cancel(runner);
  });

  it('of a running task rejects its ref at once and aborts its signal', async () => {
    const ref = patient.remote('runner', beacon);
    await lit(beacon, 'runner');
    cancel(ref);
    const error = await errorOf(() => get(ref));
    expect(error).to.be.instanceOf(TaskCancelledError);
    expect(error).to.include({ code: 'TASK_CANCELLED', reason: 'cancel() was called' });
    expect(error.message).to.equal('the task patient was cancelled: cancel() was called');
    expect(error.stack).to.match(/submitted at\n.*cancel\.spec\.ts/);
    await lit(beacon, 'runner ends: TaskCancelledError');
  });

  it('keeps the resources of a task until it has really ended, and drops its late result', async () => {
    const sign = new Sign();
    const stubborn = remote(async function stubborn(path: string, to: ActorHandle<Beacon>) {
      to.light.remote('runs');
      await once(getRuntimeContext().signal as AbortSignal, 'abort');
      while (!existsSync(path));
      return 'late';
    });
    const ref = stubborn.remote(sign.path, beacon);
    await lit(beacon, 'runs');
    cancel(ref);
    await isCancelled(ref, 'stubborn');
    expect(availableResources().CPU).to.equal(1);
    sign.give();
    await cpusFree(2);
    await isCancelled(ref, 'stubborn');
    sign.remove();
  });

  const waits: Record<string, (ref: ObjectRef<string>) => unknown> = {
    get: (ref) => get(ref),
    getSync: (ref) => getSync(ref),
    wait: (ref) => wait([ref]),
    'a subscription': (ref) => firstValueFrom(fromRef(ref)),
  };
  for (const [name, way] of Object.entries(waits)) {
    it(`ends what a task waits for by ${name}`, async () => {
      const waiter = remote(async function waiter(
        refs: ObjectRef<string>[],
        to: ActorHandle<Beacon>,
      ) {
        to.light.remote('waits');
        try {
          await way(refs[0] as ObjectRef<string>);
        } catch (error) {
          to.light.remote(
            `ends: ${(error as Error).name} of ${(error as TaskCancelledError).taskName}`,
          );
          throw error;
        }
      });
      const never = patient.remote('never', beacon);
      await lit(beacon, 'never');
      const ref = waiter.remote([never], beacon);
      await lit(beacon, 'waits');
      cancel(ref);
      await lit(beacon, 'ends: TaskCancelledError of waiter');
      await isCancelled(ref, 'waiter');
      cancel(never);
    });
  }

  it('lets a task clean up by calls of its own', async () => {
    const careful = remote(async function careful(to: ActorHandle<Beacon>) {
      to.light.remote('runs');
      try {
        await once(getRuntimeContext().signal as AbortSignal, 'abort');
      } finally {
        light.remote('cleaned up', to);
      }
    });
    const ref = careful.remote(beacon);
    await lit(beacon, 'runs');
    cancel(ref);
    await isCancelled(ref, 'careful');
    await lit(beacon, 'cleaned up');
  });

  it('fails what depends on it, with the chain of causes', async () => {
    const runner = patient.remote('runner', beacon);
    const last = light
      .options({ name: 'second' })
      .remote(light.options({ name: 'first' }).remote(runner, beacon), beacon);
    cancel(runner);
    const error = await errorOf(() => get(last));
    expect(error).to.be.instanceOf(TaskError).and.include({ task: 'second', dependency: 'first' });
    expect((error.cause as Error).cause).to.be.instanceOf(TaskCancelledError);
  });

  it('leaves finished tasks and stored values alone, and is harmless twice', async () => {
    const [one, two] = [light.remote('one', beacon), put('two')];
    expect(await get(one)).to.equal('one');
    cancel([one, two], { force: true });
    cancel(one);
    expect(await get([one, two])).to.deep.equal(['one', 'two']);
  });

  it('never runs a cancelled task again', async () => {
    const again = patient.options({ maxRetries: -1 });
    const ref = again.remote('once', beacon);
    await lit(beacon, 'once');
    cancel(ref, { force: true });
    await isCancelled(ref, 'patient');
    await cpusFree(2);
    await get([1, 2, 3].map(() => light.remote('other', beacon)));
    const seen = await get(beacon.seen.remote());
    expect(seen.filter((name) => name === 'once')).to.have.length(1);
  });

  it('from another thread than that which made the call', async () => {
    const stop = remote((refs: ObjectRef<unknown>[]) => cancel(refs));
    const ref = patient.remote('runner', beacon);
    await lit(beacon, 'runner');
    await get(stop.remote([ref]));
    await isCancelled(ref, 'patient');
  });

  describe('with force', () => {
    it('ends a busy loop, which hears nothing else, and replaces its thread', async () => {
      const ref = busy.remote(beacon);
      await lit(beacon, 'busy');
      cancel(ref);
      await isCancelled(ref, 'busy');
      expect(availableResources().CPU).to.equal(1);
      cancel(ref, { force: true });
      await cpusFree(2);
      const [left, right] = await occupy();
      cancel([left, right] as ObjectRef<string>[]);
    });

    it('at once', async () => {
      const ref = busy.remote(beacon);
      await lit(beacon, 'busy');
      cancel(ref, { force: true });
      await isCancelled(ref, 'busy');
    });

    it('rejects refs and frees CPUs though a native call holds up the thread', async () => {
      // Terminating a thread does not interrupt such a call.
      const native = remote(function native(to: ActorHandle<Beacon>): void {
        const { scryptSync } = require('node:crypto') as typeof import('node:crypto');
        to.light.remote('native');
        scryptSync('password', 'salt', 64, { N: 2 ** 15, p: 4, maxmem: 2 ** 30 });
      });
      const ref = native.remote(beacon);
      await lit(beacon, 'native');
      const start = performance.now();
      cancel(ref, { force: true });
      await isCancelled(ref, 'native');
      await cpusFree(2);
      const freed = performance.now() - start;
      const { scryptSync } = await import('node:crypto');
      const begun = performance.now();
      scryptSync('password', 'salt', 64, { N: 2 ** 15, p: 4, maxmem: 2 ** 30 });
      expect(freed).to.be.below(performance.now() - begun);
    });

    it('is a plain cancellation for a queued task', async () => {
      const runners = await occupy();
      const ref = light.remote('queued', beacon);
      cancel(ref, { force: true });
      await isCancelled(ref, 'anonymous');
      const seen = await get(beacon.seen.remote());
      expect(seen).to.have.members(['left', 'right']);
      cancel(runners);
    });

    it('is refused for a call of an actor', async () => {
      const ref = beacon.light.remote('x');
      const error = await errorOf(() => cancel(ref, { force: true }));
      expect(error).to.be.instanceOf(InvalidArgumentError);
      expect(error.message).to.include('kill()');
      await get(ref);
    });
  });

  describe('with children', () => {
    const parent = remote(async function parent(to: ActorHandle<Beacon>) {
      await get([patient.remote('child', to), grandparent.remote(to)]);
    });
    const grandparent = remote(async function grandparent(to: ActorHandle<Beacon>) {
      await get(patient.remote('grandchild', to));
    });

    it('cancels them, however deep', async () => {
      const ref = parent.remote(beacon);
      await lit(beacon, 'child');
      await lit(beacon, 'grandchild');
      cancel(ref);
      await isCancelled(ref, 'parent');
      await lit(beacon, 'child ends: TaskCancelledError');
      await lit(beacon, 'grandchild ends: TaskCancelledError');
    });

    it('leaves them running when told so', async () => {
      const mother = remote(async function mother(to: ActorHandle<Beacon>) {
        const child = patient.remote('child', to);
        to.keep.remote([child]);
        await get(child);
      });
      const ref = mother.remote(beacon);
      await lit(beacon, 'child');
      cancel(ref, { recursive: false });
      await isCancelled(ref, 'mother');
      await cpusFree(1);
      expect(await get(beacon.seen.remote())).to.not.include('child ends: TaskCancelledError');
      cancel(await get(beacon.kept.remote()));
    });

    it('cancels what a busy task goes on to make', async () => {
      const enough = new Sign();
      const maker = remote(function maker(path: string, to: ActorHandle<Beacon>) {
        to.light.remote('makes');
        for (let last = 0; !existsSync(path);) {
          if (performance.now() - last < 1) continue;
          last = performance.now();
          patient.remote('child', to);
        }
      });
      const ref = maker.remote(enough.path, beacon);
      await lit(beacon, 'makes');
      cancel(ref);
      await isCancelled(ref, 'maker');
      enough.give();
      await cpusFree(2);
      enough.remove();
    });

    it('cancels calls of actors that they made', async () => {
      class Slow {
        async work(to: ActorHandle<Beacon>): Promise<void> {
          to.light.remote('works');
          await once(getRuntimeContext().signal as AbortSignal, 'abort');
          to.light.remote('worked');
        }
        name(): string {
          return 'slow';
        }
      }
      const slow = remote(Slow).remote();
      const user = remote(async function user(to: ActorHandle<Beacon>) {
        await get(slow.work.remote(to));
      });
      const ref = user.remote(beacon);
      await lit(beacon, 'works');
      cancel(ref, { force: true });
      await lit(beacon, 'worked');
      expect(await get(slow.name.remote())).to.equal('slow');
    });
  });

  describe('a call of an actor', () => {
    class Worker {
      readonly #done: string[] = [];
      async work(name: string, to: ActorHandle<Beacon>): Promise<string[]> {
        const { signal } = getRuntimeContext();
        to.light.remote(`${name} begins`);
        await once(signal as AbortSignal, 'abort');
        return this.note(name);
      }
      note(name: string): string[] {
        this.#done.push(name);
        return this.#done;
      }
    }

    it('that runs: its signal is aborted, and the next waits until it has ended', async () => {
      const worker = remote(Worker).remote();
      const ref = worker.work.remote('first', beacon);
      const next = worker.note.remote('second');
      await lit(beacon, 'first begins');
      cancel(ref);
      await isCancelled(ref, 'Worker.work');
      expect(await get(next)).to.deep.equal(['first', 'second']);
    });

    it('that was given to the instance, and that stands in its line: never run', async () => {
      const worker = remote(Worker).remote();
      const first = worker.work.remote('first', beacon);
      await lit(beacon, 'first begins');
      // More than an instance is given ahead of time.
      const names = Array.from({ length: 200 }, (_, at) => `n${at}`);
      const refs = names.map((name) => worker.note.remote(name));
      const gone = refs.filter((_, at) => at % 3 === 0);
      cancel(gone);
      for (const ref of gone) await isCancelled(ref, 'Worker.note');
      cancel(first);
      const left = names.filter((_, at) => at % 3 !== 0);
      expect(await get(worker.note.remote('end'))).to.deep.equal(['first', ...left, 'end']);
    });
  });

  it('says clearly what it takes', async () => {
    const wrong = async (work: () => unknown, type: typeof RayError, text: string) => {
      const error = await errorOf(work);
      expect(error).to.be.instanceOf(type).with.property('message').that.includes(text);
    };
    const ref = put(1);
    await wrong(() => cancel(beacon as never), InvalidArgumentError, 'kill()');
    await wrong(() => cancel('x' as never), InvalidArgumentError, 'a ref or a list of refs');
    await wrong(() => cancel([ref, 1] as never), InvalidArgumentError, 'element 1');
    await wrong(() => cancel(ref, { forse: true } as never), InvalidOptionError, 'force');
    await wrong(() => cancel(ref, { force: 1 } as never), InvalidOptionError, 'a boolean');
  });
});
