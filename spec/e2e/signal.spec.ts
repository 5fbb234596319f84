import { getEventListeners, once } from 'node:events';
import { expect } from 'chai';
import {
  type ActorHandle,
  get,
  getRuntimeContext,
  init,
  type ObjectRef,
  remote,
  shutdown,
  TaskCancelledError,
} from 'rayx';
import { type Beacon, cpusFree, lit, makeBeacon, until } from './beacon';
import { errorOf } from './timing';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('the signal option', function () {
  this.timeout(30_000);
  let beacon: ActorHandle<Beacon>;
  let control: AbortController;
  before(() => init({ numCpus: 2 }));
  beforeEach(async () => {
    beacon = await makeBeacon();
    control = new AbortController();
  });
  afterEach(() => cpusFree(2));
  after(() => shutdown());

  const patient = remote(async function patient(name: string, to: ActorHandle<Beacon>) {
    to.light.remote(name);
    await once(getRuntimeContext().signal as AbortSignal, 'abort');
    to.light.remote(`${name} ends`);
    return name;
  });

  const square = remote(function square(x: number) {
    return x * x;
  });

  async function isAborted(ref: ObjectRef<unknown>): Promise<void> {
    const error = await errorOf(() => get(ref));
    expect(error)
      .to.be.instanceOf(TaskCancelledError)
      .and.include({ reason: 'its signal was aborted' });
  }

  it('cancels the call when it is aborted', async () => {
    const ref = patient.options({ signal: control.signal }).remote('a', beacon);
    await lit(beacon, 'a');
    control.abort();
    await isAborted(ref);
    await lit(beacon, 'a ends');
  });

  it('given at the declaration cancels all calls', async () => {
    const tied = remote(
      async (name: string, to: ActorHandle<Beacon>) => {
        to.light.remote(name);
        await once(getRuntimeContext().signal as AbortSignal, 'abort');
      },
      { signal: control.signal },
    );
    const refs = [tied.remote('a', beacon), tied.remote('b', beacon), tied.remote('c', beacon)];
    await lit(beacon, 'a');
    control.abort();
    for (const ref of refs) await isAborted(ref);
    expect(await get(beacon.seen.remote())).to.not.include('c');
  });

  it('aborted before keeps the call from running', async () => {
    control.abort();
    const note = remote((name: string, to: ActorHandle<Beacon>) => to.light.remote(name));
    await isAborted(note.options({ signal: control.signal }).remote('a', beacon));
    await isAborted(note.options({ signal: AbortSignal.abort() }).remote('b', beacon));
    expect(await get(beacon.seen.remote())).to.deep.equal([]);
  });

  it('cancels calls of actors', async () => {
    class Worker {
      async work(to: ActorHandle<Beacon>): Promise<void> {
        to.light.remote('works');
        await once(getRuntimeContext().signal as AbortSignal, 'abort');
      }
      name(): string {
        return 'worker';
      }
    }
    const { signal } = control;
    const worker = remote(Worker).remote();
    const ref = worker.work.options({ signal }).remote(beacon);
    await lit(beacon, 'works');
    control.abort();
    await isAborted(ref);
    expect(await get(worker.name.remote())).to.equal('worker');
    await isAborted(worker.name.options({ signal }).remote());
  });

  it('costs one listener for all calls, and none when they have ended', async () => {
    const { signal } = control;
    const warnings: Error[] = [];
    const note = (warning: Error): number => warnings.push(warning);
    process.on('warning', note);
    const tied = square.options({ signal });
    const refs = Array.from({ length: 500 }, (_, x) => tied.remote(x));
    expect(listeners(signal)).to.equal(1);
    await get(refs);
    await until(() => listeners(signal) === 0);
    process.off('warning', note);
    expect(warnings).to.deep.equal([]);
    control.abort();
    expect(await get(refs[3] as ObjectRef<number>)).to.equal(9);
  });

  it('stays on its thread when the function travels', async () => {
    const tied = square.options({ signal: control.signal });
    const user = remote(async function user(x: number) {
      return get(tied.remote(x));
    });
    expect(await get(user.remote(3))).to.equal(9);
  });

  it('of a task works within it', async () => {
    const parent = remote(async function parent(to: ActorHandle<Beacon>) {
      const inner = new AbortController();
      const ref = patient.options({ signal: inner.signal }).remote('inner', to);
      while (!(await get(to.seen.remote())).includes('inner'));
      inner.abort();
      return get(ref).catch((error: Error) => error.name);
    });
    expect(await get(parent.remote(beacon))).to.equal('TaskCancelledError');
  });
});

describe('the signal of the running call', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('is there in every task and method, and the same each time', async () => {
    const look = (): unknown[] => {
      const [first, second] = [getRuntimeContext().signal, getRuntimeContext().signal];
      return [first instanceof AbortSignal, first === second, first?.aborted];
    };
    class Looker {
      look(): unknown[] {
        return look();
      }
    }
    expect(await get(remote(look).remote())).to.deep.equal([true, true, false]);
    expect(await get(remote(Looker).remote().look.remote())).to.deep.equal([true, true, false]);
  });

  it('is not there in the driver, and is no part of what can be sent', async () => {
    expect(getRuntimeContext().signal).to.equal(undefined);
    const context = await get(
      remote(function own() {
        return { ...getRuntimeContext(), again: getRuntimeContext() };
      }).remote(),
    );
    expect(context).to.include({ taskName: 'own' }).and.not.have.property('signal');
    expect(context.again).to.include({ taskName: 'own' });
  });
});
