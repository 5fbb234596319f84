import { stat } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import {
  ActorDiedError,
  get,
  getRuntimeContext,
  init,
  remote,
  shutdown,
  WorkerCrashedError,
} from 'rayx';
import { until } from './beacon';
import { errorOf } from './timing';

const thread = remote(() => getRuntimeContext().workerId);

describe('a thread with one task', function () {
  this.timeout(20_000);
  beforeEach(() => init({ numCpus: 1, logToDriver: false }));
  afterEach(() => shutdown());

  it('lives on when a promise rejects that nobody awaits', async () => {
    const before = await get(thread.remote());
    const floating = remote(
      async () => {
        void Promise.reject(new RangeError('floating'));
        await sleep(100);
      },
      { maxRetries: 0 },
    );
    expect((await errorOf(() => get(floating.remote()))).message).to.include('floating');
    expect(await get(thread.remote())).to.equal(before);
  });

  it('lives on when a promise rejects after its task has ended', async () => {
    const before = await get(thread.remote());
    const rejected = new SharedArrayBuffer(4);
    const leave = remote((shared: SharedArrayBuffer) => {
      setTimeout(() => {
        void Promise.reject(new RangeError('too late'));
        setTimeout(() => Atomics.store(new Int32Array(shared), 0, 1));
      });
    });
    await get(leave.remote(rejected));
    await until(() => Atomics.load(new Int32Array(rejected), 0) === 1);
    expect(await get(thread.remote())).to.equal(before);
  });

  it('is replaced after an exception outside its task', async () => {
    const before = await get(thread.remote());
    const later = remote(
      async () => {
        setTimeout(() => {
          throw new RangeError('in a timer');
        }, 10);
        await sleep(1000);
      },
      { maxRetries: 0 },
    );
    expect((await errorOf(() => get(later.remote()))).message).to.include('in a timer');
    expect(await get(thread.remote())).to.not.equal(before);
  });

  it('ends by process.exit() though the task catches everything', async () => {
    const stubborn = remote(
      function stubborn() {
        try {
          process.exit(4);
        } catch {
          return 'caught';
        } finally {
          process.exitCode = 5;
        }
      },
      { maxRetries: 0 },
    );
    const error = await errorOf(() => get(stubborn.remote()));
    expect(error).to.be.instanceOf(WorkerCrashedError);
    expect(error.message).to.include('stubborn called process.exit(4)');
  });

  it('survives process.exit() of what a task left behind', async () => {
    const leave = remote(() => {
      setTimeout(() => process.exit(1), 20);
    });
    await get(leave.remote());
    const nap = remote(async () => {
      await sleep(200);
      return 'rested';
    });
    expect(await get(nap.remote())).to.equal('rested');
  });

  it("gives Node's own errors for what threads cannot do", async () => {
    for (const call of [
      () => process.chdir('/'),
      () => process.abort(),
      () => process.setuid!(0),
    ]) {
      const error = await errorOf(() => get(remote(call, { maxRetries: 0 }).remote()));
      expect((error.cause as NodeJS.ErrnoException).code).to.equal(
        'ERR_WORKER_UNSUPPORTED_OPERATION',
      );
    }
  });

  it('knows its task after every wait', async () => {
    const child = remote(async () => {
      await sleep(20);
      return getRuntimeContext().taskName;
    });
    const named = (name: string) => child.options({ name }).remote();
    const parent = remote(async () => {
      const names = await Promise.all([get(named('a')), get(named('b'))]);
      return [...names, getRuntimeContext().taskName];
    });
    expect(await get(parent.options({ name: 'parent' }).remote())).to.deep.equal([
      'a',
      'b',
      'parent',
    ]);
  });
});

describe('the thread of an actor', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 2, logToDriver: false }));
  after(() => shutdown());

  class Restless {
    async reject(): Promise<void> {
      void Promise.reject(new RangeError('floating'));
      await sleep(500);
    }
    async crash(): Promise<void> {
      setTimeout(() => {
        throw new RangeError('in a timer');
      }, 10);
      await sleep(500);
    }
    thread(): string {
      return getRuntimeContext().workerId;
    }
    async nested(): Promise<string[]> {
      return get([1, 2, 3].map(() => thread.remote()));
    }
  }
  const RemoteRestless = remote(Restless);

  it('is its own, and runs no tasks', async () => {
    const actors = [RemoteRestless.remote(), RemoteRestless.remote()];
    const own = await get(actors.map((actor) => actor.thread.remote()));
    expect(new Set(own).size).to.equal(2);
    const nested = await get(actors.map((actor) => actor.nested.remote()));
    const others = await get(Array.from({ length: 20 }, () => thread.remote()));
    expect(own.filter((id) => [...nested.flat(), ...others].includes(id))).to.deep.equal([]);
  });

  it('lives on when a method leaves a rejected promise', async () => {
    const actor = RemoteRestless.remote();
    const error = await errorOf(() => get(actor.reject.remote()));
    expect(error).to.be.instanceOf(RangeError).with.property('message').that.includes('floating');
    expect(await get(actor.thread.remote())).to.be.a('string');
  });

  it('fails that one of its calls which an error came from, through timers, files, promises', async () => {
    class Careless {
      async leave(how: string): Promise<string> {
        const reject = (): void => void Promise.reject(new RangeError(how));
        if (how === 'timer') setTimeout(reject, 5);
        if (how === 'file') stat('.', reject);
        if (how === 'promise') void sleep(5).then(reject);
        await sleep(500);
        return how;
      }
    }
    const actor = remote(Careless, { maxConcurrency: 4 }).remote();
    const refs = ['timer', 'file', 'nothing', 'promise'].map((how) => actor.leave.remote(how));
    const [timer, file, nothing, promise] = await Promise.allSettled(refs.map((ref) => get(ref)));
    expect(nothing).to.deep.equal({ status: 'fulfilled', value: 'nothing' });
    for (const [how, outcome] of Object.entries({ timer, file, promise })) {
      const { message } = (outcome as PromiseRejectedResult).reason as Error;
      expect(message).to.equal(`Careless.leave failed: RangeError: ${how}`);
    }
  });

  it('ends with an exception outside its methods, saying which', async () => {
    const actor = RemoteRestless.remote();
    expect((await errorOf(() => get(actor.crash.remote()))).message).to.include('in a timer');
    const error = await errorOf(() => get(actor.thread.remote()));
    expect(error).to.be.instanceOf(ActorDiedError);
    expect(error.message).to.include('RangeError: in a timer');
  });

  it('ends by process.exit() in the constructor', async () => {
    class Quitter {
      constructor() {
        process.exit(3);
      }
      work(): void {}
    }
    const error = await errorOf(() => get(remote(Quitter).remote().work.remote()));
    expect(error).to.be.instanceOf(ActorDiedError);
    expect(error.message).to.include('Quitter called process.exit(3)');
  });
});
