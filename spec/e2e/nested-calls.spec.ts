import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { type ActorHandle, get, getSync, init, remote, shutdown, wait } from 'rayx';
import { signForEach } from './beacon';

/** Counts the parents between their first wait and its answer. */
class Gauge {
  #now = 0;
  #most = 0;

  enter(): void {
    this.#now += 1;
    this.#most = Math.max(this.#most, this.#now);
  }

  leave(): void {
    this.#now -= 1;
  }

  most(): number {
    return this.#most;
  }
}

class Mailbox {
  readonly #letters: string[] = [];

  post(letter: string): void {
    this.#letters.push(letter);
  }

  take(): string | undefined {
    return this.#letters.shift();
  }
}

const RemoteMailbox = remote(Mailbox);

describe('nested calls on two CPUs', function () {
  this.timeout(30_000);
  before(() => init({ numCpus: 2 }));
  const sign = signForEach();
  after(() => shutdown());

  it('finish a recursion wider and deeper than the CPUs, few parents waiting', async () => {
    const gauge = remote(Gauge).remote();
    const fib = remote(async (n: number): Promise<number> => {
      if (n < 2) return n;
      const refs = [fib.remote(n - 1), fib.remote(n - 2)] as const;
      gauge.enter.remote();
      const [a, b] = await get(refs);
      gauge.leave.remote();
      return a + b;
    });
    expect(await get(fib.remote(15))).to.equal(610);
    expect(await get(gauge.most.remote())).to.be.within(2, 60);
  });

  it('finish a chain of twelve that block in getSync', async () => {
    const down = remote((depth: number): number =>
      depth === 0 ? 0 : 1 + getSync(down.remote(depth - 1)),
    );
    expect(await get(down.remote(12))).to.equal(12);
  });

  it('resume a parent while others spin', async () => {
    const child = remote(() => 1);
    const parent = remote(async () => get(child.remote()));
    const spinner = remote((path: string) => {
      while (!existsSync(path));
    });
    const answer = parent.remote();
    const others = [1, 2, 3].map(() => spinner.remote(sign.path));
    // They spin until it has its answer.
    expect(await get(answer)).to.equal(1);
    sign.give();
    await get(others);
  });

  it('resume a parent while others block in getSync', async () => {
    const late = remote(async (path: string) => {
      while (!existsSync(path)) await sleep(5);
    });
    const blocked = remote((path: string) => getSync(late.options({ numCpus: 0 }).remote(path)));
    const child = remote(async () => {
      await sleep(200);
      return 1;
    });
    const parent = remote(async () => get(child.remote()));
    const answer = parent.remote();
    const others = [1, 2, 3].map(() => blocked.remote(sign.path));
    // They block until it has its answer.
    expect(await get(answer)).to.equal(1);
    sign.give();
    await get(others);
  });

  it('let an async producer and a consumer in getSync meet at an actor', async () => {
    const mailbox = RemoteMailbox.remote();
    const consumer = remote((source: ActorHandle<Mailbox>) => {
      const letters: string[] = [];
      while (letters.length < 5) {
        const letter = getSync(source.take.remote());
        if (letter !== undefined) letters.push(letter);
      }
      return letters;
    });
    const producer = remote(async (target: ActorHandle<Mailbox>) => {
      for (const letter of ['a', 'b', 'c', 'd', 'e']) {
        await sleep(20);
        await get(target.post.remote(letter));
      }
    });
    const [, letters] = await get([producer.remote(mailbox), consumer.remote(mailbox)]);
    expect(letters).to.deep.equal(['a', 'b', 'c', 'd', 'e']);
  });

  it('give a parent that waits with wait() the refs it gave', async () => {
    const nap = remote(async (milliseconds: number) => {
      await sleep(milliseconds);
      return milliseconds;
    });
    const late = remote(async (path: string) => {
      while (!existsSync(path)) await sleep(5);
      return 1000;
    });
    const first = remote(async (path: string) => {
      const [ready] = await wait([late.remote(path), nap.remote(10)]);
      return get(ready);
    });
    expect(await get(first.remote(sign.path))).to.deep.equal([10]);
    sign.give();
  });

  it('hand a ref on that another task made', async () => {
    const square = remote((x: number) => x * x);
    const start = remote((x: number) => ({ answer: square.remote(x) }));
    const { answer } = await get(start.remote(4));
    expect(await get(answer)).to.equal(16);
    expect(await get(square.remote(answer))).to.equal(256);
  });
});

describe('nested calls and actors on one CPU', function () {
  this.timeout(20_000);
  beforeEach(() => init({ numCpus: 1 }));
  afterEach(() => shutdown());

  const one = remote(() => 1);

  it('go on with a CPU that an actor has taken for life', async () => {
    class Keeper {
      value(): number {
        return 2;
      }
    }
    const RemoteKeeper = remote(Keeper, { numCpus: 1 });
    const parent = remote(async () => get(RemoteKeeper.remote().value.remote()));
    expect(await get(parent.remote())).to.equal(2);
  });

  it('get the CPU of a constructor that waits', async () => {
    class Early {
      readonly value = getSync(one.remote());

      read(): number {
        return this.value;
      }
    }
    const early = remote(Early).remote();
    expect(await get(early.read.remote())).to.equal(1);
  });

  it('get the CPU of a method that waits, time and again', async () => {
    class Asker {
      async ask(): Promise<number> {
        return (await get(one.remote())) + getSync(one.remote());
      }
    }
    const asker = remote(Asker, { numCpus: 1 }).remote();
    expect(await get([asker.ask.remote(), asker.ask.remote()])).to.deep.equal([2, 2]);
  });
});

describe('nested calls on two threads', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 2, maxThreads: 2 }));
  after(() => shutdown());

  it('end though the task that waited for them turns to getSync', async () => {
    const nap = remote(async (milliseconds: number) => {
      await sleep(milliseconds);
      return milliseconds;
    });
    const turncoat = remote(async () => {
      const [slow, fast] = [nap.remote(1000), nap.remote(10)];
      await wait([fast, slow]);
      return getSync(slow);
    });
    const stranger = nap.remote(300);
    expect(await get(turncoat.remote())).to.equal(1000);
    await get(stranger);
  });
});
