import { expect } from 'chai';
import {
  type ActorHandle,
  get,
  getSync,
  init,
  PendingCallsLimitExceededError,
  remote,
  shutdown,
} from 'rayx';

class Desk {
  #leave: (() => void) | undefined;

  work(n: number): number {
    return n;
  }

  fail(): never {
    throw new RangeError('no');
  }

  stay(): Promise<void> {
    return new Promise((resolve) => {
      this.#leave = resolve;
    });
  }

  release(): void {
    this.#leave?.();
  }
}

const Limited = remote(Desk, { maxPendingCalls: 3, maxConcurrency: 2 });

describe('maxPendingCalls', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('refuses one call more than so many pending, in the caller, with the limit', async () => {
    const desk = Limited.remote();
    const refs = [desk.stay.remote(), desk.work.remote(1), desk.work.remote(2)];
    expect(() => desk.work.remote(3))
      .to.throw(PendingCallsLimitExceededError, 'Desk has 3 calls of this caller pending')
      .that.includes({ actorName: 'Desk', limit: 3, code: 'PENDING_CALLS_LIMIT_EXCEEDED' });
    await get(refs.slice(1));
    expect(await get(desk.work.remote(4))).to.equal(4);
    await get(desk.release.remote());
    await get(refs);
  });

  it('counts a call as settled when it failed, and when nobody kept its ref', async () => {
    const desk = Limited.remote();
    await get(desk.fail.remote()).catch(() => {});
    for (let n = 0; n < 3; n += 1) desk.work.remote(n);
    expect(() => desk.work.remote(3)).to.throw(PendingCallsLimitExceededError);
    globalThis.gc?.();
    const free = async (): Promise<number> => {
      for (;;) {
        try {
          return await get(desk.work.remote(5));
        } catch (error) {
          if (!(error instanceof PendingCallsLimitExceededError)) throw error;
          await new Promise(setImmediate);
        }
      }
    };
    expect(await free()).to.equal(5);
  });

  it('is right at once behind getSync', () => {
    const desk = remote(Desk, { maxPendingCalls: 1 }).remote();
    for (let n = 0; n < 5; n += 1) expect(getSync(desk.work.remote(n))).to.equal(n);
  });

  it('counts each caller and each instance by itself', async () => {
    const [one, other] = [Limited.remote(), Limited.remote()];
    const refs = [one.stay.remote(), one.work.remote(1), one.work.remote(2)];
    expect(() => one.work.remote(3)).to.throw(PendingCallsLimitExceededError);
    expect(await get(other.work.remote(6))).to.equal(6);
    const elsewhere = remote(async (desk: ActorHandle<Desk>) => {
      const held = [desk.work.remote(1), desk.work.remote(2), desk.work.remote(3)];
      const refused = ((): string => {
        try {
          desk.work.remote(4);
          return 'nothing';
        } catch (error) {
          return (error as Error).name;
        }
      })();
      return [refused, await get(held)] as const;
    });
    expect(await get(elsewhere.remote(one))).to.deep.equal([
      'PendingCallsLimitExceededError',
      [1, 2, 3],
    ]);
    await get(refs.slice(1));
    await get(one.release.remote());
    await get(refs);
  });

  it('of -1, and without it, there is no limit', async () => {
    const desks = [remote(Desk, { maxPendingCalls: -1 }).remote(), remote(Desk).remote()];
    for (const desk of desks) {
      const refs = Array.from({ length: 500 }, (_, n) => desk.work.remote(n));
      expect((await get(refs)).at(-1)).to.equal(499);
    }
  });
});
