import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import {
  ActorDiedError,
  CaptureError,
  get,
  init,
  OutOfMemoryError,
  RayError,
  remote,
  SerializationError,
  shutdown,
  TaskError,
  WorkerCrashedError,
} from 'rayx';
import { ScriptFolder } from './script';
import { errorOf } from './timing';

const square = remote((x: number) => x * x);

describe('bad input', function () {
  this.timeout(30_000);
  beforeEach(() => init({ numCpus: 2 }));
  afterEach(async () => {
    // Whatever happened, the runtime still works.
    expect(await get([1, 2, 3, 4].map((x) => square.remote(x)))).to.deep.equal([1, 4, 9, 16]);
    await shutdown();
  });

  describe('process.exit() in a task', () => {
    it('fails that task with the name, the exit code and the last lines', async () => {
      const leave = (): never => {
        console.log('last words');
        return process.exit(3);
      };
      const quit = remote(leave, { name: 'quit', maxRetries: 0 });
      const error = await errorOf(() => get(quit.remote()));
      expect(error).to.be.instanceOf(WorkerCrashedError);
      expect(error.message).to.include('quit called process.exit(3)');
      expect((error as WorkerCrashedError).lastLines).to.include('last words');
    });

    it('tells the last lines of that task alone, not of those before it on the thread', async () => {
      const chatty = remote(function chatty() {
        console.log('words of another task');
      });
      await get([chatty.remote(), chatty.remote(), chatty.remote(), chatty.remote()]);
      const leave = (): never => process.exit(3);
      const silent = remote(leave, { name: 'silent', maxRetries: 0 });
      const error = await errorOf(() => get(silent.remote()));
      expect((error as WorkerCrashedError).lastLines).to.deep.equal([]);
    });

    it('runs the task again within maxRetries', async () => {
      class Tries {
        #count = 0;
        next(): number {
          return ++this.#count;
        }
      }
      const tries = remote(Tries).remote();
      const flaky = remote(async () => {
        const count = await get(tries.next.remote());
        if (count < 3) process.exit(1);
        return count;
      });
      expect(await get(flaky.options({ maxRetries: 2 }).remote())).to.equal(3);
    });

    it('does not harm tasks beside it', async () => {
      const quit = remote(() => process.exit(1), { maxRetries: 0 });
      const nap = remote(async () => {
        await sleep(300);
        return 'rested';
      });
      const naps = [nap.remote(), nap.remote()];
      await errorOf(() => get(quit.remote()));
      expect(await get(naps)).to.deep.equal(['rested', 'rested']);
    });

    it('ends an actor', async () => {
      class Quitter {
        quit(): void {
          process.exit(1);
        }
        work(): string {
          return 'worked';
        }
      }
      const quitter = remote(Quitter).remote();
      expect(await get(quitter.work.remote())).to.equal('worked');
      expect(await errorOf(() => get(quitter.quit.remote()))).to.be.instanceOf(ActorDiedError);
      expect(await errorOf(() => get(quitter.work.remote()))).to.be.instanceOf(ActorDiedError);
    });
  });

  describe('an error outside the promise of its task', () => {
    it('fails the task when a floating promise rejects', async () => {
      const floating = remote(async () => {
        void Promise.reject(new RangeError('floating'));
        await sleep(500);
        return 'not seen';
      });
      const error = await errorOf(() => get(floating.options({ maxRetries: 0 }).remote()));
      expect(error).to.be.instanceOf(RayError);
      expect(error.message).to.include('floating');
    });

    it('fails the task when a timer throws', async () => {
      const timer = remote(async () => {
        setTimeout(() => {
          throw new RangeError('in a timer');
        }, 10);
        await sleep(1000);
        return 'not seen';
      });
      const error = await errorOf(() => get(timer.options({ maxRetries: 0 }).remote()));
      expect(error).to.be.instanceOf(RayError);
      expect(error.message).to.include('in a timer');
    });
  });

  it('an argument that is a function closing over a socket is refused with its path', async () => {
    const connection = { socket: new Socket() };
    const send = () => connection.socket.readyState;
    const call = remote((work: () => string) => work());
    const error = await errorOf(() => call.remote(send));
    expect(error).to.satisfy(
      (thrown: unknown) => thrown instanceof SerializationError || thrown instanceof CaptureError,
    );
    expect(error.message).to.match(/args\[0\][^]*connection[^]*socket[^]*Socket cannot be sent/);
  });

  it('a thrown value that is no error arrives', async () => {
    const odd = remote(() => {
      throw { reason: 'odd', code: 7 };
    });
    const error = await errorOf(() => get(odd.remote()));
    expect(error).to.be.instanceOf(TaskError);
    expect(error.cause).to.deep.equal({ reason: 'odd', code: 7 });
  });

  it('a result that cannot travel fails its call with the path', async () => {
    const open = remote(() => ({ inner: { socket: new Socket() } }));
    const error = await errorOf(() => get(open.remote()));
    expect(error).to.be.instanceOf(RayError);
    expect(error.message).to.match(/inner\.socket/);
  });
});

describe('bad input in a script', function () {
  this.timeout(30_000);
  let folder: ScriptFolder;
  before(() => (folder = new ScriptFolder()));
  after(() => folder.remove());

  const prelude = `
    const { get, init, remote } = require('rayx');
    const square = remote((x) => x * x);
    async function attempt(ref) {
      try { console.log(await get(ref)); } catch (error) { console.log(error.name + ': ' + error.message); }
      console.log(await get(square.remote(3)));
    }
    init({ numCpus: 2, workerHeapMb: 64 });
  `;
  const script = (text: string) => folder.run(prelude + text);

  it('a module that throws where it is loaded again fails the call with its error', async () => {
    folder.write(
      'choosy.cjs',
      `if (!require('node:worker_threads').isMainThread) throw new Error('only on the main thread');
       exports.help = () => 1;`,
    );
    const { status, stdout } = await script(
      `const { help } = require('./choosy.cjs'); attempt(remote(() => help()).remote());`,
    );
    expect(stdout).to.match(/only on the main thread[^]*\n9\n$/);
    expect(status).to.equal(0);
  });

  it('a module that is gone fails the call, naming it', async () => {
    folder.write('fleeting.cjs', `exports.help = () => 1;`);
    const { status, stdout } = await script(`
      const { help } = require('./fleeting.cjs');
      require('node:fs').unlinkSync(require.resolve('./fleeting.cjs'));
      attempt(remote(() => help()).remote());`);
    expect(stdout).to.match(/Error: [^]*fleeting\.cjs[^]*\n9\n$/);
    expect(status).to.equal(0);
  });

  it('a task that fills its heap fails alone', async () => {
    const { status, stdout } = await script(`
      const hog = remote(function hog() {
        const kept = [];
        for (;;) kept.push(new Array(1000).fill(kept.length));
      }, { maxRetries: 0 });
      attempt(hog.remote());`);
    expect(stdout).to.match(new RegExp(`^${OutOfMemoryError.name}: [^]*hog[^]*\\n9\\n$`));
    expect(status).to.equal(0);
  });

  it('calls behind one that ends its thread run elsewhere', async () => {
    const { status, stdout } = await folder.run(`
      const { get, init, remote } = require('rayx');
      init({ numCpus: 1, workerHeapMb: 64 });
      const work = remote(function work(fill) {
        const kept = [];
        while (fill) kept.push(new Array(1000).fill(kept.length));
        return 1;
      }, { maxRetries: 0 });
      const many = (count) => Array.from({ length: count }, () => work.remote(false));
      (async () => {
        await get(many(500));
        const hog = work.remote(true);
        const behind = many(50);
        await get(hog).catch((error) => console.log(error.name));
        console.log((await get(behind)).length);
      })();`);
    expect(stdout).to.equal(`${OutOfMemoryError.name}\n50\n`);
    expect(status).to.equal(0);
  });

  it('a promise that rejects after its task has ended is one line of output', async () => {
    const { status, stdout, stderr } = await script(`
      const rejected = new SharedArrayBuffer(4);
      const leave = remote(function leave(shared) {
        setTimeout(() => {
          Promise.reject(new Error('too late'));
          setTimeout(() => Atomics.store(new Int32Array(shared), 0, 1));
        }, 50);
        return 'left';
      });
      attempt(leave.remote(rejected));
      const poll = setInterval(() => {
        if (Atomics.load(new Int32Array(rejected), 0) === 0) return;
        clearInterval(poll);
        attempt(square.remote(2));
      }, 5);`);
    expect(stdout).to.equal('left\n9\n4\n9\n');
    expect(stderr).to.match(/^\(leave\b.*rejected after the task ended: .*too late/m);
    expect(status).to.equal(0);
  });
});
