import { expect } from 'chai';
import {
  cancel,
  explain,
  get,
  getRuntimeContext,
  init,
  InvalidOptionError,
  put,
  remote,
  shutdown,
  TaskCancelledError,
  TaskError,
} from 'rayx';
import { until } from './beacon';
import { duration, errorOf } from './timing';

class TransientError extends Error {
  constructor(readonly status: number) {
    super(`status ${status}`);
  }
}

describe('retryExceptions', function () {
  this.timeout(30_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  /** Throws until the given attempt. */
  const succeedAt = (last: number, error: Error): number => {
    const { attempt = 0 } = getRuntimeContext();
    if (attempt < last) throw error;
    return attempt;
  };
  const flaky = remote((last: number) => succeedAt(last, new TransientError(503)));

  it('runs a task again for any error, as often as maxRetries allows', async () => {
    const again = flaky.options({ retryExceptions: true, maxRetries: 2 });
    expect(await get(again.remote(3))).to.equal(3);
    const error = await errorOf(() => get(again.remote(4)));
    expect(error).to.be.instanceOf(TransientError).and.to.include({ status: 503 });
  });

  it('is off unless asked for', async () => {
    expect(await errorOf(() => get(flaky.remote(2)))).to.be.instanceOf(TaskError);
    const off = flaky.options({ retryExceptions: false });
    expect(await errorOf(() => get(off.remote(2)))).to.be.instanceOf(TaskError);
  });

  it('takes classes: own ones, built-in ones, and those of errors of calls further in', async () => {
    const own = flaky.options({ retryExceptions: [RangeError, TransientError] });
    expect(await get(own.remote(2))).to.equal(2);
    const other = flaky.options({ retryExceptions: [RangeError] });
    expect(await errorOf(() => get(other.remote(2)))).to.be.instanceOf(TransientError);
    const outer = remote(
      async () => {
        if (getRuntimeContext().attempt === 1) await get(flaky.remote(9));
        return 'well';
      },
      { retryExceptions: [TransientError] },
    );
    expect(await get(outer.remote())).to.equal('well');
  });

  it('takes a function of the error, which sees its class and fields', async () => {
    const retryExceptions = (error: unknown): boolean =>
      error instanceof TransientError && error.status === 503;
    const choosy = flaky.options({ retryExceptions });
    expect(await get(choosy.remote(2))).to.equal(2);
    const gone = remote((last: number) => succeedAt(last, new TransientError(404)), {
      retryExceptions,
    });
    expect(await errorOf(() => get(gone.remote(2)))).to.include({ status: 404 });
  });

  it('counts deaths of the worker and errors together', async () => {
    const both = remote(
      () => {
        const { attempt } = getRuntimeContext();
        if (attempt === 1) process.exit(1);
        if (attempt === 2) throw new Error('once more');
        return attempt;
      },
      { retryExceptions: true },
    );
    expect(await get(both.options({ maxRetries: 2 }).remote())).to.equal(3);
    const error = await errorOf(() => get(both.options({ maxRetries: 1 }).remote()));
    expect(error).to.be.instanceOf(TaskError);
  });

  it('goes on without end for maxRetries: -1', async () => {
    const stubborn = flaky.options({ retryExceptions: true, maxRetries: -1 });
    expect(await get(stubborn.remote(50))).to.equal(50);
  });

  it('waits for its delay, twice as long each time', async () => {
    const slow = flaky.options({ retryExceptions: true, maxRetries: -1, retryDelay: 50 });
    await get(slow.remote(1));
    expect(await duration(() => get(slow.remote(4)))).to.be.at.least(345);
  });

  it('leaves its CPU to others while it waits', async () => {
    const patient = flaky.options({ retryExceptions: true, retryDelay: 60_000, numCpus: 2 });
    const late = patient.remote(2);
    await until(() => explain(late).state === 'waiting to be retried');
    // All CPUs there are, long before the delay is over.
    expect(await get(remote((x: number) => x, { numCpus: 2 }).remote(1))).to.equal(1);
    cancel(late);
    expect(await errorOf(() => get(late))).to.be.instanceOf(TaskCancelledError);
  });

  it('keeps the arguments until the end', async () => {
    const read = remote((value: string) => value + succeedAt(3, new Error('later')), {
      retryExceptions: true,
    });
    expect(await get(read.remote(put('value ')))).to.equal('value 3');
  });

  it('fails with both errors when the function that is asked fails itself', async () => {
    const asked = flaky.options({
      retryExceptions: () => {
        throw new RangeError('no idea');
      },
    });
    const error = await errorOf(() => get(asked.remote(2)));
    expect(error).to.be.instanceOf(TaskError);
    expect(error.message).to.include('status 503').and.to.include('RangeError: no idea');
    const { errors } = error.cause as AggregateError;
    expect(errors[0]).to.be.instanceOf(TransientError);
    expect(errors[1]).to.be.instanceOf(RangeError);
    expect(error.stack).to.match(/retries\.spec\.ts/);
  });

  it('takes no promise for a yes', async () => {
    const promising = (): boolean => Promise.resolve(true) as unknown as boolean;
    const error = await errorOf(() => get(flaky.options({ retryExceptions: promising }).remote(2)));
    expect(error.message).to.include('it answered with a promise');
    const asynchronous = (async () => true) as unknown as () => boolean;
    expect(() => flaky.options({ retryExceptions: asynchronous })).to.throw(
      InvalidOptionError,
      'retryExceptions: an async function answers with a promise',
    );
  });

  it('retries a task that waits, with everything below it', async () => {
    const leaf = remote((x: number) => x);
    const tree = remote(
      async () => {
        const { attempt = 0 } = getRuntimeContext();
        const values = await get([1, 2, 3].map((x) => leaf.remote(x)));
        if (attempt < 3) throw new Error('again');
        return values;
      },
      { retryExceptions: true },
    );
    const calls = Array.from({ length: 20 }, () => tree.remote());
    for (const values of await get(calls)) expect(values).to.deep.equal([1, 2, 3]);
  });
});

describe('retryExceptions of methods', function () {
  this.timeout(30_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  class Log {
    private readonly entries: string[] = [];
    private failures = 0;

    write(text: string, failures = 0): number {
      const { attempt = 0 } = getRuntimeContext();
      if (this.failures < failures) {
        this.failures += 1;
        throw new TransientError(attempt);
      }
      this.failures = 0;
      this.entries.push(text);
      return attempt;
    }

    read(): string[] {
      return this.entries;
    }
  }

  it('makes a call again before the later ones of its caller', async () => {
    const methods = { write: { retryExceptions: [TransientError], retryDelay: 20 } };
    const log = remote(Log, { maxTaskRetries: 3, methods }).remote();
    const attempts = [
      log.write.remote('a', 2),
      log.write.remote('b'),
      log.write.remote('c', 3),
      log.write.remote('d'),
    ];
    const entries = log.read.remote();
    expect(await get(attempts)).to.deep.equal([3, 1, 4, 1]);
    expect(await get(entries)).to.deep.equal(['a', 'b', 'c', 'd']);
  });

  it('does so as often as maxTaskRetries allows: of the call, the method, or the class', async () => {
    const write = { retryExceptions: true };
    const ofClass = remote(Log, { maxTaskRetries: 1, methods: { write } }).remote();
    expect(await get(ofClass.write.remote('a', 1))).to.equal(2);
    expect(await errorOf(() => get(ofClass.write.remote('a', 2)))).to.include({ status: 2 });
    const ofMethod = remote(Log, {
      maxTaskRetries: 1,
      methods: { write: { ...write, maxTaskRetries: 2 } },
    }).remote();
    expect(await get(ofMethod.write.remote('a', 2))).to.equal(3);
    const once = ofMethod.write.options({ maxTaskRetries: 0 });
    expect(await errorOf(() => get(once.remote('a', 2)))).to.include({ status: 1 });
    const none = remote(Log, { methods: { write } }).remote();
    expect(await errorOf(() => get(none.write.remote('a', 1)))).to.include({ status: 1 });
  });

  it('cannot be given with a call', () => {
    const log = remote(Log).remote();
    expect(() => log.write.options({ retryExceptions: true })).to.throw(
      InvalidOptionError,
      'Log.write.options(): retryExceptions cannot be sent with a single call: give it to the ' +
        'class, as in remote(Log, { methods: { write: { retryExceptions } } })',
    );
  });
});

describe('maxCalls', function () {
  this.timeout(30_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('runs a function only so often on a thread', async () => {
    const where = remote(() => getRuntimeContext().workerId, { maxCalls: 3 });
    const ids = await get(Array.from({ length: 20 }, () => where.remote()));
    const counts = new Map<string, number>();
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
    expect(Math.max(...counts.values())).to.be.at.most(3);
    expect(counts.size).to.be.at.least(7);
  });

  it('gives each attempt of a call a thread that is not used again, for 1', async () => {
    const seen = remote(
      () => {
        const { workerId, attempt = 0 } = getRuntimeContext();
        const left = globalThis as { left?: string };
        if (left.left !== undefined) return `${left.left} was here`;
        left.left = workerId;
        if (attempt < 2) throw new Error('again');
        return workerId;
      },
      { maxCalls: 1, retryExceptions: true },
    );
    const ids = await get(Array.from({ length: 6 }, () => seen.remote()));
    expect(new Set(ids).size).to.equal(6);
    expect(ids.join()).to.not.include('was here');
    const other = remote(() => getRuntimeContext().workerId);
    const others = await get(Array.from({ length: 6 }, () => other.remote()));
    for (const id of others) expect(ids).to.not.include(id);
  });

  it('lets a call that waits for others end on its thread', async () => {
    const leaf = remote((x: number) => x, { maxCalls: 1 });
    const parent = remote(async (x: number) => (await get(leaf.remote(x))) + 1, { maxCalls: 1 });
    const values = await get(Array.from({ length: 6 }, (_, x) => parent.remote(x)));
    expect(values).to.deep.equal([1, 2, 3, 4, 5, 6]);
  });
});
