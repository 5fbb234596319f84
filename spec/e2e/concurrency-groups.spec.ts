import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import {
  type ActorHandle,
  get,
  getRuntimeContext,
  init,
  InvalidOptionError,
  remote,
  shutdown,
  TaskError,
} from 'rayx';

/** A door that calls stand at until it is opened from another group. */
class Doors {
  readonly #waiting: (() => void)[] = [];
  #inside = 0;
  #most = 0;
  readonly seen: string[] = [];

  wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  open(): number {
    const opened = this.#waiting.splice(0);
    for (const resolve of opened) resolve();
    return opened.length;
  }

  async count(): Promise<number> {
    this.#inside += 1;
    this.#most = Math.max(this.#most, this.#inside);
    await sleep(5);
    this.#inside -= 1;
    return this.#most;
  }

  note(text: string): string[] {
    this.seen.push(text);
    return this.seen;
  }

  name = (): string | undefined => getRuntimeContext().taskName;
}

const RemoteDoors = remote(Doors, {
  concurrencyGroups: { io: 2, compute: 4 },
  methods: {
    wait: { concurrencyGroup: 'io' },
    open: { name: 'open the doors' },
    name: { concurrencyGroup: 'compute', name: 'who am I' },
  },
});

describe('concurrency groups', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('do not hold up the default group, or one another, when one is full', async () => {
    const doors = RemoteDoors.remote();
    const waiting = Array.from({ length: 100 }, () => doors.wait.remote());
    expect(await get(doors.note.remote('past them'))).to.deep.equal(['past them']);
    const computed = doors.note.options({ concurrencyGroup: 'compute' }).remote('too');
    expect(await get(computed)).to.deep.equal(['past them', 'too']);
    // Two stand at the door at a time, which is opened until all were there.
    for (let opened = 0; opened < 100;) opened += await get(doors.open.remote());
    await get(waiting);
  });

  it('have limits of their own', async () => {
    const doors = RemoteDoors.remote();
    const refs = [undefined, 'io', 'compute'].flatMap((group) =>
      Array.from({ length: 20 }, () => {
        const { count } = doors;
        return (group === undefined ? count : count.options({ concurrencyGroup: group })).remote();
      }),
    );
    // 1 in the default group, 2 and 4 in the others.
    expect(Math.max(...(await get(refs)))).to.be.within(4, 7);
    const one = RemoteDoors.remote().count.options({ concurrencyGroup: 'io' });
    expect(Math.max(...(await get(Array.from({ length: 20 }, () => one.remote()))))).to.equal(2);
  });

  it('are chosen per method, and per call over that', async () => {
    const doors = RemoteDoors.remote();
    // The door opens when `wait` stands in its group, and would not if it stood in that of `open`.
    const wait = doors.wait.remote();
    while ((await get(doors.open.remote())) === 0);
    await get(wait);
    const byCall = doors.wait.options({ concurrencyGroup: 'compute' }).remote();
    while ((await get(doors.open.remote())) === 0);
    await get(byCall);
  });

  it('keep the order of a caller in a group that does one at a time', async () => {
    const OneByOne = remote(Doors, { maxConcurrency: 8, concurrencyGroups: { log: 1 } });
    const doors = OneByOne.remote();
    const late = remote(async () => {
      await sleep(100);
      return 'first';
    });
    const note = doors.note.options({ concurrencyGroup: 'log' });
    const first = note.remote(late.remote());
    expect(await get(note.remote('second'))).to.deep.equal(['first', 'second']);
    await get(first);
  });

  it('go along with a handle that is passed on, as all options of its methods do', async () => {
    const doors = RemoteDoors.remote();
    const elsewhere = remote(async (handle: ActorHandle<Doors>) => {
      const waiting = [handle.wait.remote(), handle.wait.remote()];
      let opened = 0;
      while (opened < 2) opened += await get(handle.open.remote());
      await get(waiting);
      return get(handle.name.remote());
    });
    expect(await get(elsewhere.remote(doors))).to.equal('who am I');
  });

  it('that nobody declared are refused, with those there are', () => {
    const doors = RemoteDoors.remote();
    expect(() => doors.wait.options({ concurrencyGroup: 'computer' }))
      .to.throw(InvalidOptionError, 'no concurrency group computer')
      .with.property('message')
      .that.includes('Did you mean compute?')
      .and.includes('Groups: io, compute.');
    // @ts-expect-error the compiler knows the groups too
    expect(() => remote(Doors, { methods: { wait: { concurrencyGroup: 'io' } } })).to.throw(
      InvalidOptionError,
      'the class declares none',
    );
  });
});

describe('options of single methods', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('name a method that the class has, inherited ones and function fields included', () => {
    class Base {
      inherited(): void {}
    }
    class Derived extends Base {
      field = (): void => {};
    }
    remote(Derived, { methods: { inherited: { name: 'a' }, field: { name: 'b' } } });
    // @ts-expect-error the compiler knows the methods too
    expect(() => remote(Derived, { methods: { feild: {} } }))
      .to.throw(InvalidOptionError, 'the option methods names feild')
      .with.property('message')
      .that.includes('Did you mean field?')
      .and.includes('Its methods: field, inherited.');
  });

  it('hold for calls that say nothing else', async () => {
    class Failing {
      fail(): never {
        throw new RangeError('as always');
      }
    }
    const failing = remote(Failing, { methods: { fail: { name: 'the attempt' } } }).remote();
    const first = await get(failing.fail.remote()).catch((error: unknown) => error);
    expect(first).to.be.instanceOf(TaskError).with.property('task', 'the attempt');
    const renamed = failing.fail.options({ name: 'another' }).remote();
    const second = await get(renamed).catch((error: unknown) => error);
    expect(second).to.have.property('task', 'another');
  });

  it('cannot hold a signal: that is for single calls', () => {
    const { signal } = new AbortController();
    expect(() => remote(Doors, { methods: { wait: { signal } } })).to.throw(
      InvalidOptionError,
      'give it to handle.wait.options()',
    );
  });
});
