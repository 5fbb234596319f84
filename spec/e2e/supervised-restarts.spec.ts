import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import {
  ActorDiedError,
  type ActorHandle,
  type ActorOptions,
  ActorUnavailableError,
  type CrashContext,
  get,
  getRuntimeContext,
  init,
  remote,
  shutdown,
  TaskError,
} from 'rayx';
import { errorOf } from './timing';

class Worker {
  #done = 0;

  work(): { readonly done: number; readonly restarts: number | undefined } {
    this.#done += 1;
    return { done: this.#done, restarts: getRuntimeContext().restarts };
  }

  fail(): never {
    throw new Error('broken');
  }

  exit(): never {
    return process.exit(1);
  }

  failLater(): void {
    setTimeout(() => {
      throw new Error('broken later');
    }, 5);
  }
}

describe('a restart that onCrash asks for', function () {
  this.timeout(30_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('makes the instance anew; the call fails with its error and is not made again', async () => {
    const worker = remote(Worker, {
      onCrash: () => 'restart',
      maxRestarts: 2,
      maxTaskRetries: -1,
    }).remote();
    await get(worker.work.remote());
    const failing = worker.fail.remote();
    const behind = worker.work.remote();
    expect(await errorOf(() => get(failing))).to.be.instanceOf(TaskError);
    expect(await get(behind)).to.deep.equal({ done: 1, restarts: 1 });
  });

  it('costs calls behind it that may not be made again an ActorUnavailableError', async () => {
    const worker = remote(Worker, { onCrash: () => 'restart', maxRestarts: 2 }).remote();
    const failing = worker.fail.remote();
    const behind = worker.work.remote();
    expect(await errorOf(() => get(failing))).to.be.instanceOf(TaskError);
    const error = await errorOf(() => get(behind));
    expect(error).to.be.instanceOf(ActorUnavailableError);
    expect(error.message).to.include("its method fail() threw; its onCrash said 'restart'");
    const again = worker.work.options({ maxTaskRetries: -1 });
    expect(await get(again.remote())).to.deep.equal({ done: 1, restarts: 1 });
  });

  it('is counted: past maxRestarts the instance is dead, with the error as cause', async () => {
    const worker = remote(Worker, {
      onCrash: (_, { restarts }) => (restarts < 5 ? 'restart' : 'stop'),
      maxRestarts: 2,
      maxTaskRetries: -1,
    }).remote();
    for (let round = 0; round < 2; round += 1) {
      await errorOf(() => get(worker.fail.remote()));
      expect((await get(worker.work.remote())).restarts).to.equal(round + 1);
    }
    await errorOf(() => get(worker.fail.remote()));
    const error = await errorOf(() => get(worker.work.remote()));
    expect(error).to.be.instanceOf(ActorDiedError);
    expect(error.message).to.include("its onCrash said 'restart', after 2 restarts");
    expect((error.cause as Error).message).to.include('broken');
  });

  it('tells onCrash how often it was restarted already', async () => {
    const worker = remote(Worker, {
      onCrash: (_, { restarts }) => (restarts < 1 ? 'restart' : 'resume'),
      maxRestarts: -1,
      maxTaskRetries: -1,
    }).remote();
    for (let round = 0; round < 3; round += 1) await errorOf(() => get(worker.fail.remote()));
    expect((await get(worker.work.remote())).restarts).to.equal(1);
  });

  it('reruns a constructor that threw, within the budget', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rayx-restart-'));
    try {
      class Stubborn {
        constructor(file: string) {
          if (existsSync(file)) return;
          writeFileSync(file, 'tried');
          throw new Error('not yet');
        }
        restarts(): number | undefined {
          return getRuntimeContext().restarts;
        }
      }
      const options: ActorOptions = { onCrash: () => 'restart', maxTaskRetries: -1 };
      const patient = remote(Stubborn, { ...options, maxRestarts: 3 });
      const made = patient.remote(join(folder, 'a'));
      expect(await get(made.restarts.remote())).to.equal(1);

      class Hopeless {
        constructor() {
          throw new RangeError('never');
        }
        work(): void {}
      }
      const hopeless = remote(Hopeless, { ...options, maxRestarts: 2 }).remote();
      const error = await errorOf(() => get(hopeless.work.remote()));
      expect(error).to.be.instanceOf(ActorDiedError);
      expect(error.message).to.include("its constructor threw; its onCrash said 'restart'");
      expect(error.message).to.include('after 2 restarts');
      expect((error.cause as Error).message).to.include('never');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is not its to ask for when its thread has died: maxRestarts alone decides', async () => {
    const worker = remote(Worker, { onCrash: () => 'stop', maxRestarts: 1 }).remote();
    expect(await errorOf(() => get(worker.exit.remote()))).to.be.instanceOf(ActorUnavailableError);
    const again = worker.work.options({ maxTaskRetries: 1 }).remote();
    expect(await get(again)).to.deep.equal({ done: 1, restarts: 1 });
    const dead = await errorOf(() => get(worker.exit.remote()));
    expect(dead).to.be.instanceOf(ActorDiedError);
    expect(dead.message).to.include('process.exit(1)').and.not.include('onCrash');
  });

  it('follows an error that the instance left uncaught', async () => {
    const worker = remote(Worker, {
      onCrash: () => 'restart',
      maxRestarts: 1,
      maxTaskRetries: -1,
    }).remote();
    await get(worker.failLater.remote());
    for (;;) {
      const { restarts } = await get(worker.work.remote());
      if (restarts === 1) break;
      await sleep(5);
    }
  });

  it('may be decided by the one above, again and again: calls of the child wait for it', async () => {
    const seen: CrashContext[] = [];
    class Boss {
      hire(): ActorHandle<Worker> {
        const options: ActorOptions = { onCrash: () => 'escalate', maxRestarts: 5 };
        return remote(Worker, { ...options, maxTaskRetries: -1 }).remote();
      }
      seen(): readonly (number | undefined)[] {
        return seen.map(({ restarts }) => restarts);
      }
    }
    const boss = remote(Boss, {
      onCrash: (_, context) => {
        seen.push(context);
        return 'restart';
      },
    }).remote();
    const worker = await get(boss.hire.remote());
    for (let round = 1; round <= 3; round += 1) {
      const failing = worker.fail.remote();
      const behind = worker.work.remote();
      await errorOf(() => get(failing));
      expect(await get(behind)).to.deep.equal({ done: 1, restarts: round });
    }
    expect(await get(boss.seen.remote())).to.deep.equal([0, 1, 2]);
  });

  it('leaves nothing pending, whatever the directives: many calls, some of which fail', async () => {
    class Moody {
      work(n: number): number {
        if (n % 7 === 0) throw new Error(['resume', 'restart'][n % 2] ?? '');
        return n;
      }
    }
    const moody = remote(Moody, {
      onCrash: (error) => (error as Error).message as 'resume' | 'restart',
      maxRestarts: -1,
      maxTaskRetries: -1,
      maxConcurrency: 3,
    }).remote();
    const refs = Array.from({ length: 60 }, (_, n) => moody.work.remote(n));
    const ends = await Promise.allSettled(refs.map((ref) => get(ref)));
    ends.forEach((end, n) => {
      if (n % 7 === 0) expect(end.status, `call ${n}`).to.equal('rejected');
      else expect(end, `call ${n}`).to.deep.equal({ status: 'fulfilled', value: n });
    });
  });
});
