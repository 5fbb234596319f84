import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import {
  ActorDiedError,
  type ActorHandle,
  ActorUnavailableError,
  get,
  getRuntimeContext,
  init,
  kill,
  type ObjectRef,
  put,
  remote,
  shutdown,
  TaskError,
} from 'rayx';
import { until } from './beacon';
import { errorOf } from './timing';

class Fragile {
  readonly #log: string[] = [];

  constructor(readonly label: string = 'fragile') {}

  note(text: string): string[] {
    this.#log.push(text);
    return this.#log;
  }

  life(): { restarts: number | undefined; label: string; pid: string } {
    const { restarts, workerId } = getRuntimeContext();
    return { restarts, label: this.label, pid: workerId };
  }

  exit(code: number): void {
    process.exit(code);
  }

  async throwLater(): Promise<void> {
    setImmediate(() => {
      throw new RangeError('out of the blue');
    });
    await sleep(60_000);
  }

  fill(): number {
    const kept: number[][] = [];
    for (;;) kept.push(new Array<number>(100_000).fill(kept.length));
  }

  attempt(): number | undefined {
    return getRuntimeContext().attempt;
  }

  /** Ends its thread until the file says that it did so often enough. */
  exitTimes(file: string, times: number): number {
    const before = Number(readFileSync(file, 'utf8'));
    if (before >= times) return before;
    writeFileSync(file, String(before + 1));
    process.exit(1);
  }
}

const canListen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer().listen(port, '127.0.0.1');
    server.once('listening', () => server.close(() => resolve(true)));
    server.once('error', () => resolve(false));
  });

const outcomes = (refs: readonly ObjectRef<unknown>[]): Promise<string[]> =>
  Promise.all(refs.map((ref) => get(ref).then(String, (error: Error) => error.name)));

describe('an actor with maxRestarts', function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'rayx-restarts-'));
    return init({ numCpus: 2, workerHeapMb: 60 });
  });
  after(async () => {
    await shutdown();
    rmSync(folder, { recursive: true });
  });
  const fileOf = (name: string): string => {
    const file = join(folder, name);
    writeFileSync(file, '0');
    return file;
  };

  it('is made anew on another thread after process.exit, with the same arguments', async () => {
    const label = put('from a ref');
    const actor = remote(Fragile, { maxRestarts: 1, maxTaskRetries: 1 }).remote(label);
    const first = await get(actor.life.remote());
    expect(first).to.include({ restarts: 0, label: 'from a ref' });
    await errorOf(() => get(actor.exit.options({ maxTaskRetries: 0 }).remote(1)));
    const second = await get(actor.life.remote());
    expect(second).to.include({ restarts: 1, label: 'from a ref' });
    expect(second.pid).not.to.equal(first.pid);
  });

  for (const fault of ['exit', 'fill'] as const) {
    it(`is made anew after ${fault}(): what ran or waited is unavailable, state is lost`, async () => {
      const actor = remote(Fragile, { maxRestarts: 1 }).remote();
      await get(actor.note.remote('before'));
      const culprit = fault === 'exit' ? actor.exit.remote(3) : actor.fill.remote();
      for (const ref of [culprit, actor.note.remote('behind')]) {
        const error = await errorOf(() => get(ref as ObjectRef<unknown>));
        expect(error).to.be.instanceOf(ActorUnavailableError);
        expect(error).to.have.property('actorName', 'Fragile');
      }
      const after = actor.note.options({ maxTaskRetries: -1 }).remote('after');
      expect(await get(after)).to.deep.equal(['after']);
    });
  }

  it('is made anew after an uncaught exception, which its call rejects with', async () => {
    const actor = remote(Fragile, { maxRestarts: 1, maxTaskRetries: 1 }).remote();
    await get(actor.note.remote('before'));
    const culprit = actor.throwLater.remote();
    const behind = actor.note.remote('behind');
    const error = await errorOf(() => get(culprit));
    expect(error).to.be.instanceOf(TaskError).and.instanceOf(RangeError);
    expect(await get(behind)).to.deep.equal(['behind']);
  });

  it('is dead for ever when its restarts are used up, with the last fault as the reason', async () => {
    const actor = remote(Fragile, { maxRestarts: 2, maxTaskRetries: -1 }).remote();
    const error = await errorOf(() => get(actor.exit.remote(7)));
    expect(error).to.be.instanceOf(ActorDiedError);
    expect(error.message).to.match(/Fragile.*process\.exit\(7\), after 2 restarts/);
    const later = await errorOf(() => get(actor.note.remote('late')));
    expect(later).to.be.instanceOf(ActorDiedError);
    expect(later.message).to.equal(error.message);
  });

  it('is dead with the uncaught exception as the cause', async () => {
    const actor = remote(Fragile).remote();
    const error = await errorOf(() => get(actor.throwLater.remote()));
    const later = await errorOf(() => get(actor.note.remote('late')));
    expect(later).to.be.instanceOf(ActorDiedError);
    expect((later.cause as Error).cause).to.be.instanceOf(RangeError);
    expect(`${error.message} ${later.message}`).to.include('out of the blue');
  });

  it('makes lost calls again in their order, as often as maxTaskRetries say', async () => {
    const file = fileOf('in order');
    const actor = remote(Fragile, { maxRestarts: -1, maxTaskRetries: 2 }).remote();
    const refs = [
      actor.exitTimes.remote(file, 2),
      ...['a', 'b', 'c'].map((text) => actor.note.remote(text)),
    ];
    expect(await get(refs as ObjectRef<unknown>[])).to.deep.equal([
      2,
      ['a'],
      ['a', 'b'],
      ['a', 'b', 'c'],
    ]);
    expect(await get(actor.life.remote())).to.have.property('restarts', 2);
  });

  it('fails a call that ends it more often than maxTaskRetries, and does those behind it', async () => {
    const file = fileOf('too often');
    const actor = remote(Fragile, { maxRestarts: -1, maxTaskRetries: 1 }).remote();
    const refs = [actor.exitTimes.remote(file, 9), actor.note.remote('behind')];
    expect(await outcomes(refs)).to.deep.equal(['ActorUnavailableError', 'behind']);
    expect(readFileSync(file, 'utf8')).to.equal('2');
  });

  it('takes the retries of a call, of its method, then of its class', async () => {
    const RemoteFragile = remote(Fragile, {
      maxRestarts: -1,
      maxTaskRetries: 0,
      methods: { exitTimes: { maxTaskRetries: 1 } },
    });
    const times = (name: string, count: number) => [fileOf(name), count] as const;
    const actor = RemoteFragile.remote();
    const refs = [
      actor.exitTimes.remote(...times('of its method', 1)),
      actor.exitTimes.remote(...times('of its method, too often', 2)),
      actor.exitTimes.options({ maxTaskRetries: 2 }).remote(...times('of the call', 2)),
    ];
    const seen: string[] = [];
    for (const ref of refs) seen.push(...(await outcomes([ref])));
    expect(seen[0]).to.equal('1');
    expect(seen[1]).to.equal('ActorUnavailableError');
    expect(await outcomes([refs[2]!])).to.deep.equal(['2']);
  });

  it('tells a call that is made again which attempt it is', async () => {
    class Twice {
      attempts(file: string): number | undefined {
        const { attempt } = getRuntimeContext();
        if (readFileSync(file, 'utf8') === '0') {
          writeFileSync(file, '1');
          process.exit(1);
        }
        return attempt;
      }
    }
    const actor = remote(Twice, { maxRestarts: 1, maxTaskRetries: 1 }).remote();
    expect(await get(actor.attempts.remote(fileOf('attempts')))).to.equal(2);
  });

  it('counts a constructor whose thread dies as a crash', async () => {
    class Slow {
      constructor(readonly file: string) {
        const before = Number(readFileSync(file, 'utf8'));
        writeFileSync(file, String(before + 1));
        if (before < 2) process.exit(1);
      }
      restarts(): number | undefined {
        return getRuntimeContext().restarts;
      }
    }
    const lucky = remote(Slow, { maxRestarts: 2, maxTaskRetries: -1 }).remote(fileOf('lucky'));
    expect(await get(lucky.restarts.remote())).to.equal(2);
    const doomed = remote(Slow, { maxRestarts: 1, maxTaskRetries: -1 }).remote(fileOf('doomed'));
    expect(await errorOf(() => get(doomed.restarts.remote()))).to.be.instanceOf(ActorDiedError);
  });

  it('is dead at once when its constructor throws, and keeps the cause', async () => {
    class Broken {
      constructor(file: string) {
        writeFileSync(file, String(Number(readFileSync(file, 'utf8')) + 1));
        throw new RangeError('broken');
      }
      method(): void {}
    }
    const file = fileOf('broken');
    const actor = remote(Broken, { maxRestarts: -1, maxTaskRetries: -1 }).remote(file);
    for (let n = 0; n < 2; n += 1) {
      const error = await errorOf(() => get(actor.method.remote()));
      expect(error).to.be.instanceOf(ActorDiedError);
      expect((error.cause as Error).cause).to.be.instanceOf(RangeError);
    }
    expect(readFileSync(file, 'utf8')).to.equal('1');
  });

  it('restarts after kill with noRestart false, as its budget allows', async () => {
    const actor = remote(Fragile, { maxRestarts: 1, maxTaskRetries: -1 }).remote();
    await get(actor.note.remote('before'));
    kill(actor, { noRestart: false });
    expect(await get(actor.note.remote('after'))).to.deep.equal(['after']);
    kill(actor, { noRestart: false });
    const error = await errorOf(() => get(actor.note.remote('late')));
    expect(error).to.be.instanceOf(ActorDiedError);
    expect(error.message).to.include('kill() was called');
  });

  it('never comes back after kill', async () => {
    const actor = remote(Fragile, { maxRestarts: -1, maxTaskRetries: -1 }).remote();
    await get(actor.note.remote('before'));
    kill(actor);
    expect(await errorOf(() => get(actor.note.remote('late')))).to.be.instanceOf(ActorDiedError);
  });

  it('waits restartDelay before it comes back, each time twice as long', async () => {
    const actor = remote(Fragile, {
      maxRestarts: -1,
      restartDelay: 300,
      maxTaskRetries: -1,
    }).remote();
    await get(actor.note.remote('before'));
    const took: number[] = [];
    for (let n = 0; n < 2; n += 1) {
      const start = performance.now();
      kill(actor, { noRestart: false });
      const unavailable = await errorOf(() =>
        get(actor.note.options({ maxTaskRetries: 0 }).remote('meanwhile')),
      );
      expect(unavailable).to.be.instanceOf(ActorUnavailableError);
      await get(actor.note.remote('after'));
      took.push(performance.now() - start);
    }
    expect(took[0]).to.be.at.least(299);
    expect(took[1]).to.be.at.least(599);
  });

  it('finds a port that its thread of before had open free again', async () => {
    class Listener {
      readonly #server: Server;
      readonly #ready: Promise<unknown>;
      constructor(port: number) {
        this.#server = createServer().listen(port, '127.0.0.1');
        this.#ready = new Promise((resolve, reject) => {
          this.#server.once('listening', resolve).once('error', reject);
        });
      }
      async port(): Promise<number> {
        await this.#ready;
        return (this.#server.address() as { port: number }).port;
      }
    }
    const RemoteListener = remote(Listener, { maxRestarts: 1, maxTaskRetries: -1 });
    const any = RemoteListener.remote(0);
    const port = await get(any.port.remote());
    kill(any);
    // The call rejects at once; the port is free when the thread has ended.
    await until(() => canListen(port));
    const listener = RemoteListener.remote(port);
    expect(await get(listener.port.remote())).to.equal(port);
    kill(listener, { noRestart: false });
    expect(await get(listener.port.remote())).to.equal(port);
  });

  it('gives what its constructor needs to each restart, refs inside arguments too', async () => {
    class Holder {
      readonly #box: { ref: ObjectRef<string>; peer: ActorHandle<Fragile> };
      constructor(box: { ref: ObjectRef<string>; peer: ActorHandle<Fragile> }) {
        this.#box = box;
      }
      async read(): Promise<string> {
        const { label } = await get(this.#box.peer.life.remote());
        return `${await get(this.#box.ref)} ${label}`;
      }
    }
    const holder = (() => {
      const peer = remote(Fragile).remote('peer');
      return remote(Holder, { maxRestarts: 2, maxTaskRetries: -1 }).remote({
        ref: put('kept'),
        peer,
      });
    })();
    for (let n = 0; n < 3; n += 1) {
      global.gc?.();
      expect(await get(holder.read.remote())).to.equal('kept peer');
      if (n < 2) kill(holder, { noRestart: false });
    }
  });

  it('lets a constructor wait for other calls each time it runs', async () => {
    const slow = remote(async (text: string) => (await sleep(50), text));
    class Waiter {
      readonly #ready: Promise<string>;
      constructor() {
        this.#ready = get(slow.remote('ready'));
      }
      async state(): Promise<string> {
        return this.#ready;
      }
    }
    const actor = remote(Waiter, { maxRestarts: 1, maxTaskRetries: -1 }).remote();
    expect(await get(actor.state.remote())).to.equal('ready');
    kill(actor, { noRestart: false });
    expect(await get(actor.state.remote())).to.equal('ready');
  });
});
