import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import {
  ActorDiedError,
  type ActorHandle,
  type CrashContext,
  type CrashDirective,
  get,
  getSync,
  init,
  type RayError,
  remote,
  shutdown,
  TaskError,
} from 'rayx';
import { errorOf } from './timing';

/** Holds a number, and says by its error what is to become of it. */
class Account {
  #sum: number;

  constructor(start = 0) {
    if (start < 0) throw new RangeError(`no debts: ${start}`);
    this.#sum = start;
  }

  add(amount: number): number {
    return (this.#sum += amount);
  }

  fail(wish: string): never {
    throw new Error(wish);
  }

  async slowly(): Promise<number> {
    await sleep(50);
    return this.#sum;
  }

  /** Fails when the call is over. */
  later(wish: string, how: 'throw' | 'reject'): void {
    setTimeout(() => {
      if (how === 'throw') throw new Error(wish);
      void Promise.reject(new Error(wish));
    }, 5);
  }
}

/** Does what the error says. */
const asWished = (error: unknown): CrashDirective => (error as Error).message as CrashDirective;

/** What a call ends with, however often it must be made. */
async function eventually<T>(call: () => Promise<T>, wanted: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await call();
    if (wanted(value)) return value;
    await sleep(5);
  }
}

describe('supervision', function () {
  this.timeout(20_000);
  let unhandled: RayError[] = [];
  before(() => init({ numCpus: 2, onUnhandledError: (error) => unhandled.push(error) }));
  after(() => shutdown());
  beforeEach(() => {
    unhandled = [];
  });

  describe('by default', () => {
    it('lets an instance live on when a method throws', async () => {
      const account = remote(Account).remote(5);
      await errorOf(() => get(account.fail.remote('by default')));
      expect(await get(account.add.remote(1))).to.equal(6);
    });

    it('lets a constructor that throws be the end', async () => {
      const account = remote(Account).remote(-1);
      const error = await errorOf(() => get(account.add.remote(1)));
      expect(error).to.be.instanceOf(ActorDiedError);
      expect(error.message).to.include('its constructor threw');
    });
  });

  describe('by onCrash', () => {
    const Supervised = remote(Account, { onCrash: asWished });

    it('resume: the call fails and the instance keeps its state', async () => {
      const account = Supervised.remote(5);
      const error = await errorOf(() => get(account.fail.remote('resume')));
      expect(error).to.be.instanceOf(TaskError).with.property('message').that.includes('resume');
      expect(await get(account.add.remote(1))).to.equal(6);
    });

    it('stop: the call fails with its error, all others with ActorDiedError because of it', async () => {
      const account = Supervised.remote(5);
      const failing = account.fail.remote('stop');
      const queued = account.add.remote(1);
      expect(await errorOf(() => get(failing))).to.be.instanceOf(TaskError);
      for (const call of [queued, account.add.remote(2)]) {
        const error = await errorOf(() => get(call));
        expect(error).to.be.instanceOf(ActorDiedError);
        expect(error.message).to.include("its method fail() threw; its onCrash said 'stop'");
        expect(error.cause).to.be.instanceOf(TaskError).with.property('task', 'Account.fail');
      }
    });

    it('restart: without maxRestarts there is none left, and the instance is dead', async () => {
      const account = Supervised.remote(5);
      await errorOf(() => get(account.fail.remote('restart')));
      const error = await errorOf(() => get(account.add.remote(1)));
      expect(error).to.be.instanceOf(ActorDiedError);
      expect(error.message).to.include("its onCrash said 'restart'");
    });

    it('is told what threw, and where', async () => {
      const seen: unknown[] = [];
      class Witness {
        fail(): never {
          throw new RangeError('seen');
        }
        last(): unknown {
          return seen.at(-1);
        }
      }
      const witness = remote(Witness, {
        onCrash: (error: unknown, context: CrashContext) => {
          seen.push([(error as Error).name, context]);
          return 'resume';
        },
      }).remote();
      await errorOf(() => get(witness.fail.remote()));
      const [name, context] = (await get(witness.last.remote())) as [string, CrashContext];
      expect(name).to.equal('RangeError');
      expect(context).to.include({ actorName: 'Witness', restarts: 0 });
      expect(context.during).to.deep.equal({ method: 'fail' });
      expect(context.actorId).to.be.a('string').and.not.empty;
    });

    it('prints in the name of the instance, and may use the runtime', async () => {
      const log = remote(Account).remote(0);
      const noted = remote(Account, {
        onCrash: () => {
          log.add.remote(1);
          return 'resume';
        },
      }).remote();
      await errorOf(() => get(noted.fail.remote('resume')));
      expect(
        await eventually(
          () => get(log.add.remote(0)),
          (sum) => sum === 1,
        ),
      ).to.equal(1);
    });

    it('decides about errors that its timers and promises left uncaught', async () => {
      for (const how of ['throw', 'reject'] as const) {
        const account = Supervised.remote(7);
        await get(account.later.remote('resume', how));
        await sleep(50);
        expect(await get(account.add.remote(0)), how).to.equal(7);
        await get(account.later.remote('stop', how));
        const error = await errorOf(() =>
          eventually(
            () => get(account.add.remote(0)),
            () => false,
          ),
        );
        expect(error, how).to.be.instanceOf(ActorDiedError);
        expect(error.message).to.include("it left an error uncaught; its onCrash said 'stop'");
        expect((error.cause as Error).message).to.include('stop');
      }
    });

    it('that throws means stop, with both errors', async () => {
      const account = remote(Account, {
        onCrash: () => {
          throw new TypeError('not today');
        },
      }).remote();
      await errorOf(() => get(account.fail.remote('the first')));
      const error = await errorOf(() => get(account.add.remote(1)));
      expect(error).to.be.instanceOf(ActorDiedError);
      expect(error.message).to.include('its onCrash gave no answer');
      const both = (error.cause as Error).cause as AggregateError;
      expect(both).to.be.instanceOf(AggregateError);
      expect(both.errors.map(String)).to.deep.equal(['Error: the first', 'TypeError: not today']);
      expect(error.cause).to.be.instanceOf(AggregateError);
    });

    it('that answers anything else means stop, and is told so; a promise too', async () => {
      const answers = { nothing: () => undefined, late: async () => 'resume' };
      for (const [name, onCrash] of Object.entries(answers)) {
        const account = remote(Account, {
          onCrash: onCrash as unknown as () => CrashDirective,
        }).remote();
        await errorOf(() => get(account.fail.remote('the first')));
        const error = await errorOf(() => get(account.add.remote(1)));
        const both = (error.cause as Error).cause as AggregateError;
        const text = String(both.errors[1]);
        expect(text).to.include('InvalidOptionError: onCrash of Account answered with');
        expect(text).to.include("it must answer 'resume', 'restart', 'stop' or 'escalate'");
        expect(text.includes('make it a function that is not async'), name).to.equal(
          name === 'late',
        );
      }
    });

    it('of a constructor that threw: resume is stop, as there is nothing to go on with', async () => {
      const account = remote(Account, { onCrash: () => 'resume' }).remote(-1);
      const error = await errorOf(() => get(account.add.remote(1)));
      expect(error).to.be.instanceOf(ActorDiedError);
      expect((error.cause as Error).message).to.include('no debts: -1');
    });
  });

  describe('by escalation', () => {
    interface Seen {
      readonly message: string;
      readonly context: CrashContext;
    }

    /** Makes children, and decides about them. */
    class Parent {
      // A child lives as long as somebody holds it.
      readonly children: ActorHandle<Account>[] = [];

      adopt(start = 0): ActorHandle<Account> {
        const child = remote(Account, { onCrash: () => 'escalate' }).remote(start);
        this.children.push(child);
        return child;
      }

      block(child: ActorHandle<Account>): string {
        const failing = child.fail.remote('resume');
        try {
          getSync(child.add.remote(1));
        } catch (error) {
          void get(failing).catch(() => {});
          return (error as Error).name;
        }
        return 'nothing';
      }
    }

    /** Decides as the error wishes. */
    const RemoteParent = remote(Parent, { onCrash: asWished, maxConcurrency: 2 });

    it('asks the actor that made the instance, and does what that says: resume', async () => {
      const parent = RemoteParent.remote();
      const child = await get(parent.adopt.remote(3));
      const failing = child.fail.remote('resume');
      const queued = child.add.remote(1);
      expect(await errorOf(() => get(failing))).to.be.instanceOf(TaskError);
      expect(await get(queued)).to.equal(4);
    });

    it('stop', async () => {
      const parent = RemoteParent.remote();
      const child = await get(parent.adopt.remote());
      const failing = child.fail.remote('stop');
      const queued = child.add.remote(1);
      await errorOf(() => get(failing));
      const error = await errorOf(() => get(queued));
      expect(error).to.be.instanceOf(ActorDiedError);
      expect(error.message).to.include("its method fail() threw; onCrash of Parent said 'stop'");
      expect(await get(parent.adopt.remote())).to.be.an('object');
    });

    it('tells it of the child, on the thread of the one that decides', async () => {
      const log: Seen[] = [];
      class Noting {
        make(): ActorHandle<Account> {
          return remote(Account, { onCrash: () => 'escalate' }).remote();
        }
        seen(): Seen[] {
          return log;
        }
      }
      const noting = remote(Noting, {
        onCrash: (error, context) => {
          log.push({ message: (error as Error).message, context });
          return 'resume';
        },
      }).remote();
      const child = await get(noting.make.remote());
      await errorOf(() => get(child.fail.remote('watch this')));
      const [seen] = await eventually(
        () => get(noting.seen.remote()),
        (all) => all.length > 0,
      );
      expect(seen?.message).to.equal('watch this');
      expect(seen?.context).to.include({ actorName: 'Noting', restarts: 0 });
      expect(seen?.context.child).to.include({ actorName: 'Account' });
      expect(seen?.context.during).to.deep.equal({ method: 'fail' });
    });

    it('goes further up, about the same child', async () => {
      const log: CrashContext[] = [];
      class Middle {
        make(): ActorHandle<Account> {
          return remote(Account, { onCrash: () => 'escalate' }).remote();
        }
      }
      class Top {
        make(): ActorHandle<Middle> {
          return remote(Middle, { onCrash: () => 'escalate' }).remote();
        }
        seen(): CrashContext[] {
          return log;
        }
      }
      const top = remote(Top, {
        onCrash: (_, context) => {
          log.push(context);
          return 'resume';
        },
      }).remote();
      const middle = await get(top.make.remote());
      const child = await get(middle.make.remote());
      const failing = child.fail.remote('up');
      expect(await get(child.add.remote(2))).to.equal(2);
      await errorOf(() => get(failing));
      expect((await get(top.seen.remote())).map((one) => one.child?.actorName)).to.deep.equal([
        'Account',
      ]);
    });

    it('means stop where the driver or a task made the instance; the error is reported', async () => {
      const ofDriver = remote(Account, { onCrash: () => 'escalate' }).remote();
      const ofTask = await get(
        remote(() => remote(Account, { onCrash: () => 'escalate' }).remote()).remote(),
      );
      for (const child of [ofDriver, ofTask]) {
        await errorOf(() => get(child.fail.remote('no one above')));
        const error = await errorOf(() => get(child.add.remote(1)));
        expect(error).to.be.instanceOf(ActorDiedError);
        expect(error.message).to.include('no living actor has made it');
      }
      await eventually(
        async () => unhandled.length,
        (count) => count >= 2,
      );
      expect(unhandled.map(({ message }) => message)).to.deep.equal(
        Array.from({ length: 2 }, () => 'Account.fail failed: no one above'),
      );
    });

    it('means stop where the one above has no onCrash', async () => {
      const parent = remote(Parent).remote();
      const child = await get(parent.adopt.remote());
      await errorOf(() => get(child.fail.remote('resume')));
      const error = await errorOf(() => get(child.add.remote(1)));
      expect(error).to.be.instanceOf(ActorDiedError);
      expect(error.message).to.include('Parent above it has no onCrash');
      await eventually(
        async () => unhandled.length,
        (count) => count === 1,
      );
    });

    it('means stop where the one above stands in getSync: it may wait for this very child', async () => {
      const parent = RemoteParent.remote();
      const child = await get(parent.adopt.remote());
      expect(await get(parent.block.remote(child))).to.equal('ActorDiedError');
      const error = await errorOf(() => get(child.add.remote(1)));
      expect(error.message).to.include('Parent above it stands in getSync()');
    });

    it('of a constructor reaches the one that called it', async () => {
      const parent = RemoteParent.remote();
      const child = await get(parent.adopt.remote(-1));
      const error = await errorOf(() => get(child.add.remote(1)));
      expect(error).to.be.instanceOf(ActorDiedError);
      // It answered with the message of the error, which is no directive.
      expect(error.message).to.include('its constructor threw; onCrash of Parent gave no answer');
      expect(error.cause).to.be.instanceOf(AggregateError);
    });
  });
});
