import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import {
  type ActorHandle,
  get,
  getRuntimeContext,
  init,
  type ObjectRef,
  remote,
  shutdown,
} from 'rayx';
import { ScriptFolder } from './script';

/** Counts how many of its calls are under way. */
class Gate {
  #inside = 0;
  #most = 0;
  #open: (() => void)[] = [];

  /** Stays inside until so many calls are. */
  async enter(together: number): Promise<number> {
    this.#inside += 1;
    this.#most = Math.max(this.#most, this.#inside);
    await new Promise<void>((resolve) => {
      this.#open.push(resolve);
      if (this.#inside >= together) for (const open of this.#open.splice(0)) open();
    });
    this.#inside -= 1;
    return this.#most;
  }

  async pass(): Promise<number> {
    this.#inside += 1;
    this.#most = Math.max(this.#most, this.#inside);
    await sleep(2);
    this.#inside -= 1;
    return this.#most;
  }
}

class Notes {
  readonly #notes: string[] = [];

  add(note: string): string[] {
    this.#notes.push(note);
    return this.#notes;
  }

  async slowly(note: string): Promise<string> {
    const before = getRuntimeContext().taskName;
    await sleep(20);
    return `${note}: ${before}, then ${getRuntimeContext().taskName}`;
  }

  spin(note: string): string[] {
    this.#notes.push(`${note} begins`);
    const end = performance.now() + 20;
    while (performance.now() < end);
    this.#notes.push(`${note} ends`);
    return this.#notes;
  }
}

describe('an actor with maxConcurrency', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('has so many calls under way at once: each waits for the others to come', async () => {
    const gate = remote(Gate, { maxConcurrency: 3 }).remote();
    const entered = [1, 2, 3].map(() => gate.enter.remote(3));
    expect(await get(entered)).to.deep.equal([3, 3, 3]);
  });

  it('never has more, however many are made', async () => {
    const gate = remote(Gate, { maxConcurrency: 4 }).remote();
    const most = await get(Array.from({ length: 200 }, () => gate.pass.remote()));
    expect(Math.max(...most)).to.equal(4);
  });

  it('has more than a hundred under way when it may', async () => {
    const gate = remote(Gate, { maxConcurrency: 150 }).remote();
    const entered = Array.from({ length: 150 }, () => gate.enter.remote(150));
    expect(await get(entered)).to.include(150);
  });

  it('does one call at a time without it', async () => {
    const gate = remote(Gate).remote();
    const most = await get(Array.from({ length: 50 }, () => gate.pass.remote()));
    expect(Math.max(...most)).to.equal(1);
  });

  it('runs synchronous methods one after the other all the same', async () => {
    const notes = remote(Notes, { maxConcurrency: 8 }).remote();
    void notes.spin.remote('a');
    expect(await get(notes.spin.remote('b'))).to.deep.equal([
      'a begins',
      'a ends',
      'b begins',
      'b ends',
    ]);
  });

  it('lets a ready call overtake one whose argument is still to come', async () => {
    const notes = remote(Notes, { maxConcurrency: 2 }).remote();
    const gate = remote(Gate, { maxConcurrency: 2 }).remote();
    const late = remote(async (door: ActorHandle<Gate>) => {
      await get(door.enter.remote(2));
      return 'late';
    }).remote(gate);
    const first = notes.add.remote(late);
    expect(await get(notes.add.remote('early'))).to.deep.equal(['early']);
    void gate.enter.remote(2);
    expect(await get(first)).to.deep.equal(['early', 'late']);
  });

  it('tells its calls apart: each has a context of its own across its awaits', async () => {
    const notes = remote(Notes, { maxConcurrency: 3 }).remote();
    const said = ['a', 'b', 'c'].map((note) =>
      notes.slowly.options({ name: `say ${note}` }).remote(note),
    );
    expect(await get(said)).to.deep.equal([
      'a: say a, then say a',
      'b: say b, then say b',
      'c: say c, then say c',
    ]);
  });

  it('goes on with its other calls when one throws', async () => {
    class Mixed {
      async work(n: number): Promise<number> {
        await sleep(10);
        if (n === 1) throw new RangeError('one is too few');
        return n;
      }
    }
    const mixed = remote(Mixed, { maxConcurrency: 3 }).remote();
    const refs = [0, 1, 2].map((n) => mixed.work.remote(n));
    const ends = await Promise.allSettled(refs.map((ref: ObjectRef<number>) => get(ref)));
    expect(ends.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('lets its calls wait for calls of itself', async () => {
    class Recursive {
      async factorial(n: number, self: ActorHandle<Recursive>): Promise<number> {
        return n <= 1 ? 1 : n * (await get(self.factorial.remote(n - 1, self)));
      }
    }
    const self = remote(Recursive, { maxConcurrency: 10 }).remote();
    expect(await get(self.factorial.remote(6, self))).to.equal(720);
  });

  it('that keeps the only CPU lends it while all its calls wait for tasks', async () => {
    await shutdown();
    await init({ numCpus: 1 });
    class Boss {
      async delegate(n: number): Promise<number> {
        return get(remote((x: number) => x * 2).remote(n));
      }
    }
    const boss = remote(Boss, { maxConcurrency: 3, numCpus: 1 }).remote();
    const done = await get([1, 2, 3, 4, 5].map((n) => boss.delegate.remote(n)));
    expect(done).to.deep.equal([2, 4, 6, 8, 10]);
  });

  it('blocks its other calls by getSync, and is told so once', async () => {
    const script = new ScriptFolder();
    try {
      const { stderr, stdout } = await script.run(`
        const { remote, get, getSync } = require('rayx');
        const slow = remote(async () => {
          await new Promise((resolve) => setTimeout(resolve, 100));
          return 1;
        });
        class Blocker {
          wait() { return new Promise((resolve) => setTimeout(resolve, 300)); }
          block() { return getSync(slow.remote()); }
        }
        (async () => {
          const blocker = remote(Blocker, { maxConcurrency: 3 }).remote();
          const waits = blocker.wait.remote();
          console.log(await get([blocker.block.remote(), blocker.block.remote()]));
          await get(waits);
        })();
      `);
      expect(stdout).to.equal('[ 1, 1 ]\n');
      const warnings = stderr.match(/Blocker\.block blocks .* by getSync\(\); use await get\(\)/g);
      expect(warnings, stderr).to.have.length(1);
    } finally {
      script.remove();
    }
  });
});
