import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { firstValueFrom, lastValueFrom, type Observable, ReplaySubject, tap, toArray } from 'rxjs';
import {
  get,
  getRuntimeContext,
  init,
  InvalidArgumentError,
  InvalidCallError,
  type ObjectRef,
  progress,
  put,
  remote,
  SerializationError,
  shutdown,
  type StreamRef,
} from 'rayx';
import { errorOf } from './timing';

const work = remote(async function work(steps: number, last = '', start: unknown = undefined) {
  void start; // a ref that is settled when the call is followed
  const context = getRuntimeContext();
  for (let step = 1; step <= steps; step += 1) {
    context.progress({ step, of: steps });
    await sleep(5);
  }
  if (last === 'throw') throw new RangeError('went wrong');
  if (last === 'exit' && context.attempt === 1) process.exit(1);
  return 'done';
});

/** Begins when its `start` is settled: when somebody follows it. */
class Starter {
  #settle = (): void => {};
  readonly #started = new Promise<void>((resolve) => (this.#settle = resolve));
  start(): Promise<void> {
    return this.#started;
  }
  go(): void {
    this.#settle();
  }
}
const RemoteStarter = remote(Starter, { numCpus: 0, maxConcurrency: 2 });

/** Follows a call that does not begin before. */
function follow<T>(
  begin: (start: ObjectRef<void>) => ObjectRef<unknown> | StreamRef<unknown>,
): readonly [ReturnType<typeof begin>, Observable<T>] {
  const starter = RemoteStarter.remote();
  const ref = begin(starter.start.remote());
  const told = new ReplaySubject<T>();
  progress<T>(ref).subscribe(told);
  starter.go.remote();
  return [ref, told];
}

class Gate {
  private open = false;
  release(): void {
    this.open = true;
  }
  isOpen(): boolean {
    return this.open;
  }
}

const steps = (...numbers: number[]) => numbers.map((step) => ({ step, of: numbers.length }));

describe('progress of a task', function () {
  this.timeout(30_000);
  before(() => init({ numCpus: 1 }));
  after(() => shutdown());

  it('comes value by value, before the result, and completes with it', async () => {
    const events: unknown[] = [];
    const [ref, told] = follow((start) => work.remote(3, '', start));
    const ended = new Promise<void>((resolve) => {
      told.subscribe({
        next: (value) => events.push(value),
        complete: () => resolve(void events.push('complete')),
      });
    });
    await get(ref as ObjectRef<string>).then((value) => events.push(value));
    await ended;
    expect(events.slice(0, 3)).to.deep.equal(steps(1, 2, 3));
    expect(events.slice(3)).to.have.members(['complete', 'done']);
  });

  it('fails with the error of the task, behind what it has told', async () => {
    const seen: unknown[] = [];
    const error = await new Promise((resolve) => {
      follow((start) => work.remote(2, 'throw', start))[1].subscribe({
        next: (value) => seen.push(value),
        error: resolve,
      });
    });
    expect(seen).to.deep.equal(steps(1, 2));
    expect(error).to.be.instanceOf(RangeError);
  });

  it('gives the latest value first to whoever comes late', async () => {
    const gate = remote(Gate, { numCpus: 0 }).remote();
    const held = remote(
      async (hold: typeof gate) => {
        for (let step = 1; step <= 3; step += 1) getRuntimeContext().progress(step);
        while (!(await get(hold.isOpen.remote()))) await sleep(5);
        getRuntimeContext().progress(4);
      },
      { numCpus: 0 },
    );
    const ref = held.remote(gate);
    while ((await firstValueFrom(progress<number>(ref))) < 3);
    const late = lastValueFrom(progress(ref).pipe(toArray()));
    const elsewhere = remote(
      async ([inner]: ObjectRef<void>[], hold: typeof gate) => {
        const seen: unknown[] = [];
        if (inner)
          await lastValueFrom(
            progress(inner).pipe(
              tap((step) => {
                // It is heard here before the task goes on.
                if (seen.push(step) === 1) hold.release.remote();
              }),
            ),
          );
        return seen;
      },
      { numCpus: 0 },
    );
    expect(await get(elsewhere.remote([ref], gate))).to.deep.equal([3, 4]);
    expect(await late).to.deep.equal([3, 4]);
  });

  it('of a task that is over is empty, like that of a stored value', async () => {
    const ref = work.remote(1);
    await get(ref);
    expect(await lastValueFrom(progress(ref).pipe(toArray()))).to.deep.equal([]);
    expect(await lastValueFrom(progress(put(1)).pipe(toArray()))).to.deep.equal([]);
  });

  it('goes on when the task runs again', async () => {
    const [, told] = follow((start) => work.remote(2, 'exit', start));
    const seen = await lastValueFrom(told.pipe(toArray()));
    expect(seen).to.deep.equal([...steps(1, 2), ...steps(1, 2)]);
  });

  it('can be told by methods, by generators, and followed by tasks on one CPU', async () => {
    class Worker {
      async run(start: unknown): Promise<void> {
        void start;
        getRuntimeContext().progress('running');
      }
    }
    const worker = remote(Worker).remote();
    const [, ofMethod] = follow((start) => worker.run.remote(start));
    expect(await lastValueFrom(ofMethod)).to.equal('running');
    const stream = remote(async function* (start: unknown) {
      void start;
      getRuntimeContext().progress('first');
      yield 1;
    });
    const [, ofStream] = follow((start) => stream.remote(start));
    expect(await lastValueFrom(ofStream)).to.equal('first');
    const follower = remote(async () => {
      const [, told] = follow((start) => work.remote(3, '', start));
      return lastValueFrom(told.pipe(toArray()));
    });
    expect(await get(follower.remote())).to.deep.equal(steps(1, 2, 3));
  });

  it('is a copy, of anything that can be a result', async () => {
    const mixed = remote(async (start: unknown) => {
      void start;
      const list = [1];
      getRuntimeContext().progress({ list, at: new Date(0), ref: put('stored') });
      list.push(2);
    });
    type Told = { list: number[]; at: Date; ref: ObjectRef<string> };
    const told = await firstValueFrom(follow<Told>((start) => mixed.remote(start))[1]);
    expect(told.list).to.deep.equal([1]);
    expect(told.at).to.deep.equal(new Date(0));
    expect(await get(told.ref)).to.equal('stored');
  });

  it('is refused in the driver, of values that cannot travel, and of what is no ref', async () => {
    expect(() => getRuntimeContext().progress(1)).to.throw(InvalidCallError, /in a task/);
    const leak = remote(() => getRuntimeContext().progress({ inner: new WeakRef({}) }));
    const error = await errorOf(() => get(leak.remote()));
    expect(error).to.be.instanceOf(SerializationError);
    expect(error.message).to.include('progress.inner');
    expect(() => progress(1 as never)).to.throw(InvalidArgumentError, /progress\(\) takes a ref/);
  });

  it('leaves the circumstances of a task plain data', async () => {
    const ask = remote(() => getRuntimeContext());
    expect(await get(ask.remote()))
      .to.include.keys('nodeId', 'taskId')
      .and.not.to.have.key('progress');
  });
});
