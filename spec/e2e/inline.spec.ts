import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import {
  fromRef,
  get,
  getSync,
  init,
  InlineBlockingError,
  InvalidCallError,
  put,
  remote,
  ShutdownError,
  shutdown,
  TaskError,
  WorkerCrashedError,
  type ObjectRef,
} from 'rayx';
import { repository } from '../support/source-tree';
import { actorPrograms } from './inline/actor-programs';
import { programs } from './inline/programs';
import { errorOf } from './timing';

const square = remote(function square(x: number) {
  return x * x;
});
const nap = remote(async function nap(milliseconds: number) {
  await sleep(milliseconds);
  return milliseconds;
});

describe('a program', function () {
  this.timeout(30_000);
  const all = Object.entries({ ...programs, ...actorPrograms });
  /** What each came to on threads. */
  const results = new Map<string, unknown>();

  // One runtime for all of them: to start one takes longer than what most programs do.
  describe('on threads ends:', () => {
    before(() => init({ mode: 'threads', numCpus: 2 }));
    after(() => shutdown());

    for (const [name, program] of all) {
      it(name, async () => void results.set(name, await program()));
    }
  });

  describe('inline comes to the same as on threads:', () => {
    before(() => init({ mode: 'inline', numCpus: 2 }));
    after(() => shutdown());

    for (const [name, program] of all) {
      it(name, async () => {
        const result = await program();
        expect(results.has(name), 'a result on threads').to.equal(true);
        expect(result).to.deep.equal(results.get(name));
      });
    }
  });
});

describe('inline mode', function () {
  this.timeout(20_000);
  beforeEach(() => init({ mode: 'inline', numCpus: 2 }));
  afterEach(() => shutdown());

  describe('getSync', () => {
    it('runs what has not started on the spot, with all that it needs', () => {
      const order: string[] = [];
      const note = remote((what: string, after: string) => void order.push(`${what}${after}`));
      const text = remote((value: string) => value);
      const ref = note.remote('ran', text.remote('!'));
      expect(order).to.deep.equal([]);
      getSync(ref);
      expect(order).to.deep.equal(['ran!']);
    });

    it('refuses to wait for an async task, naming it, and takes its value later', async () => {
      const ref = nap.remote(10);
      expect(() => getSync(ref))
        .to.throw(InlineBlockingError, /getSync\(\) cannot wait for nap .* await get\(\)/)
        .with.property('taskName', 'nap');
      await sleep(50);
      expect(getSync(ref)).to.equal(10);
    });

    it('refuses at once, whatever its timeout', () => {
      const start = performance.now();
      expect(() => getSync(nap.remote(1), { timeout: 60_000 })).to.throw(InlineBlockingError);
      expect(performance.now() - start).to.be.below(30_000);
    });

    it('takes only what is here when its timeout is 0', async () => {
      const ref = square.remote(3);
      expect(() => getSync(ref, { timeout: 0 })).to.throw(/0 ms|timeout/i);
      await get(ref);
      expect(getSync(ref, { timeout: 0 })).to.equal(9);
    });

    it('names the async task that its own waits for', () => {
      expect(() => getSync(square.remote(nap.remote(1))))
        .to.throw(InlineBlockingError)
        .with.property('taskName', 'nap');
    });

    it('names the async task that has the CPU', () => {
      const [first, second] = [nap.remote(20), nap.remote(20)];
      expect(() => getSync(square.remote(2)))
        .to.throw(InlineBlockingError)
        .with.property('taskName', 'nap');
      return get([first, second]);
    });

    it('names the async method that the actor is in', () => {
      class Sleeper {
        async sleep(): Promise<void> {
          await sleep(5);
        }
        value(): number {
          return 1;
        }
      }
      const sleeper = remote(Sleeper).remote();
      const busy = sleeper.sleep.remote();
      expect(() => getSync(sleeper.value.remote()))
        .to.throw(InlineBlockingError)
        .with.property('taskName', 'Sleeper.sleep');
      return get(busy);
    });

    it('fails the task that would have to wait for an async one', async () => {
      const impatient = remote(function impatient() {
        return getSync(nap.remote(1));
      });
      const error = await errorOf(() => get(impatient.remote()));
      expect(error).to.be.instanceOf(TaskError).and.instanceOf(InlineBlockingError);
      expect(error.cause).to.be.instanceOf(InlineBlockingError).and.include({ taskName: 'nap' });
    });

    it('waits for what time alone brings: a task that is made again after a delay', () => {
      let attempts = 0;
      const unsure = remote(
        () => {
          if ((attempts += 1) < 3) throw new RangeError(`attempt ${attempts}`);
          return attempts;
        },
        { retryExceptions: true, retryDelay: 40 },
      );
      expect(getSync(unsure.remote())).to.equal(3);
    });

    it('has the items of a generator that does not wait, but not its end', async () => {
      const count = remote(function* count() {
        yield 1;
        yield 2;
      });
      const items = count.remote()[Symbol.asyncIterator]();
      const first = await items.next();
      expect(getSync(first.value as ObjectRef<number>)).to.equal(1);
      expect(() => getSync(count.remote().completed()))
        .to.throw(InlineBlockingError)
        .with.property('taskName', 'count');
    });

    it('of a list stops at the first failure, with nothing left to wait for', () => {
      const fail = remote((): number => {
        throw new RangeError('no');
      });
      expect(() => getSync([nap.remote(10), fail.remote()])).to.throw(RangeError, 'no');
    });

    it('does not wait for short calls that lie behind a long one', async () => {
      const mixed = remote(async function mixed(milliseconds: number) {
        if (milliseconds > 0) await sleep(milliseconds);
        return milliseconds;
      });
      for (let n = 0; n < 20; n += 1) await get(mixed.remote(0));
      const long = [mixed.remote(100), mixed.remote(100)];
      const behind = mixed.remote(0);
      expect(() => getSync(behind)).to.throw(InlineBlockingError);
      expect(await get([...long, behind])).to.deep.equal([100, 100, 0]);
    });

    it('in a task goes on with a result though its CPU was given away', async () => {
      const blocked = remote(async (ref: readonly [ObjectRef<number>]) => {
        await sleep(1);
        return getSync(ref[0]) + getSync(square.remote(2));
      });
      const [a, b, c] = [square.remote(1), nap.remote(40), nap.remote(40)];
      const all = [1, 2, 3, 4].map(() => blocked.remote([a]));
      expect(await get(all)).to.deep.equal([5, 5, 5, 5]);
      await get([b, c]);
    });

    it('goes as deep as calls do', () => {
      const down = remote((depth: number): number =>
        depth === 0 ? 0 : 1 + getSync(down.remote(depth - 1)),
      );
      expect(getSync(down.remote(60))).to.equal(60);
    });

    it('runs no callback of the script meanwhile', async () => {
      const order: string[] = [];
      const seen = new Promise<void>((resolve) => {
        fromRef(square.remote(1)).subscribe(() => {
          order.push('subscriber');
          resolve();
        });
      });
      getSync(square.remote(2));
      order.push('after getSync');
      await seen;
      expect(order).to.deep.equal(['after getSync', 'subscriber']);
    });
  });

  describe('runs the functions and classes themselves', () => {
    it('so that variables around them are the script’s own', async () => {
      let calls = 0;
      const count = remote(() => (calls += 1));
      expect(await get([count.remote(), count.remote()])).to.have.members([1, 2]);
      expect(calls).to.equal(2);
    });

    it('so that a function of the script can be replaced under them', async () => {
      const service = { fetch: (name: string) => `real ${name}` };
      const load = remote((name: string) => service.fetch(name));
      expect(await get(load.remote('a'))).to.equal('real a');
      service.fetch = (name) => `fake ${name}`;
      expect(await get(load.remote('a'))).to.equal('fake a');
    });

    it('and gives back the functions that it was given', async () => {
      const same = remote((f: () => number) => f);
      const one = (): number => 1;
      expect(await get(same.remote(one))).to.equal(one);
    });
  });

  it('shows stacks of the files as written, without rayx in them', async () => {
    const fail = remote(function fail() {
      throw new Error('here');
    });
    const outer = remote(async function outer() {
      return get(fail.remote());
    });
    const { stack = '' } = await errorOf(() => get(outer.remote()));
    const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
    expect(frames[0]).to.match(/at fail .*inline\.spec\.ts:\d+/);
    expect(stack.match(/submitted at/g)).to.have.length(2);
    for (const folder of ['dist', 'lib']) expect(stack).not.to.include(join(repository, folder));
    expect(stack).not.to.include('?rayx');
  });

  it('leaves exits of the script to the script', () => {
    const { exit } = process;
    const codes: unknown[] = [];
    const guarded = process.exit;
    process.exit = ((code: unknown) => codes.push(code)) as never;
    try {
      process.exit(4);
    } finally {
      process.exit = guarded;
    }
    expect(codes).to.deep.equal([4]);
    expect(process.exit).to.equal(exit);
  });

  it('runs a task again whose attempt called process.exit', async () => {
    let attempts = 0;
    const quit = remote(() => ((attempts += 1) < 3 ? process.exit(1) : attempts));
    expect(await get(quit.remote())).to.equal(3);
    const never = remote(() => process.exit(1), { maxRetries: 1 });
    expect(await errorOf(() => get(never.remote()))).to.be.instanceOf(WorkerCrashedError);
  });

  it('is not to be shut down by a task', async () => {
    const end = remote(() => shutdown());
    expect(await errorOf(() => get(end.remote()))).to.be.instanceOf(InvalidCallError);
    expect(await get(square.remote(2))).to.equal(4);
  });

  it('rejects what is pending when it is shut down, and its refs from then on', async () => {
    const ref = nap.remote(30);
    const pending = errorOf(() => get(ref));
    await shutdown();
    expect(await pending).to.be.instanceOf(ShutdownError);
    expect(await errorOf(() => get(ref))).to.be.instanceOf(ShutdownError);
  });

  it('can be left for threads, and come back to', async () => {
    for (const mode of ['threads', 'inline', 'inline', 'threads'] as const) {
      await shutdown();
      await init({ mode, numCpus: 1 });
      expect(await get(square.remote(3))).to.equal(9);
      expect(getSync(put(mode))).to.equal(mode);
    }
  });

  it('gives way to the script between two calls', async () => {
    let turns = 0;
    const interval = setInterval(() => (turns += 1), 1);
    await get(Array.from({ length: 20 }, () => nap.remote(5)));
    clearInterval(interval);
    expect(turns).to.be.greaterThan(2);
  });
});
