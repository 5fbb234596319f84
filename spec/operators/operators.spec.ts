import { expect } from 'chai';
import { firstValueFrom, from, lastValueFrom, mergeMap, of, toArray, type Observable } from 'rxjs';
import {
  completed,
  fromRef,
  get,
  getRuntimeContext,
  init,
  InvalidArgumentError,
  mapRemote,
  put,
  remote,
  shutdown,
  type ObjectRef,
} from 'rayx';
import { rejection } from '../api/support';

const square = remote((x: number) => x * x);
const delayed = remote(
  (milliseconds: number) =>
    new Promise<number>((resolve) => setTimeout(resolve, milliseconds, milliseconds)),
  { numCpus: 0 },
);
/** Cannot run before the other call has ended. */
const behind = remote((value: number, other = 0) => Math.max(value, other));
const fail = remote((): number => {
  throw new RangeError('boom');
});

const all = <T>(stream: Observable<T>): Promise<T[]> => firstValueFrom(stream.pipe(toArray()));
const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

describe('pipelines', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('take a ref as an observable', async () => {
    const squares = await all(from([1, 2, 3]).pipe(mergeMap((x) => square.remote(x))));
    expect(ascending(squares)).to.deep.equal([1, 4, 9]);
    expect(await all(from(square.remote(4)))).to.deep.equal([16]);
  });

  it('take a ref in a copy of rxjs of their own', async () => {
    const path = require.resolve('rxjs');
    const own = Object.keys(require.cache).filter((file) => /[\\/]rxjs[\\/]/.test(file));
    const saved = own.map((file) => [file, require.cache[file]] as const);
    for (const file of own) delete require.cache[file];
    const second = require(path) as typeof import('rxjs');
    for (const [file, module] of saved) require.cache[file] = module;
    expect(second.Observable).to.not.equal(from([]).constructor);
    const { from: secondFrom, lastValueFrom: last, mergeMap: flat, toArray: list } = second;
    const squares = await last(
      secondFrom([1, 2, 3]).pipe(
        flat((x) => square.remote(x)),
        list(),
      ),
    );
    expect(ascending(squares)).to.deep.equal([1, 4, 9]);
  });

  it('take a ref where Symbol.observable was defined late', async () => {
    const key = Symbol('observable');
    Object.defineProperty(Symbol, 'observable', { value: key, configurable: true });
    try {
      await shutdown();
      await init({ numCpus: 2 });
      const ref = square.remote(3) as unknown as Record<symbol, () => Observable<number>>;
      expect(await all(ref[key]?.() ?? of())).to.deep.equal([9]);
    } finally {
      delete (Symbol as { observable?: symbol }).observable;
    }
  });

  it('map by a remote function, refs among the values included', async () => {
    const values = [1, square.remote(2), 3];
    const squares = await all(
      from(values as (number | ObjectRef<number>)[]).pipe(mapRemote(square)),
    );
    expect(ascending(squares)).to.deep.equal([1, 9, 16]);
  });

  it('keep no more calls under way than asked for', async () => {
    class Gauge {
      #now = 0;
      #most = 0;
      enter(): void {
        this.#most = Math.max(this.#most, (this.#now += 1));
      }
      leave(): void {
        this.#now -= 1;
      }
      most(): number {
        return this.#most;
      }
    }
    const gauge = remote(Gauge).remote();
    const pass = remote(
      async (x: number) => {
        await get(gauge.enter.remote());
        await new Promise((resolve) => setTimeout(resolve, 10));
        await get(gauge.leave.remote());
        return x;
      },
      { numCpus: 0 },
    );
    const passed = await all(from([1, 2, 3, 4, 5, 6]).pipe(mapRemote(pass, 2)));
    expect(ascending(passed)).to.deep.equal([1, 2, 3, 4, 5, 6]);
    expect(await get(gauge.most.remote())).to.equal(2);
  });

  it('give values in the order of completion', async () => {
    const first = behind.remote(1);
    const second = behind.remote(2, first);
    const refs = [behind.remote(3, second), first, second];
    expect(await all(completed(refs))).to.deep.equal([1, 2, 3]);
    expect(await all(completed(refs)), 'all are here').to.have.members([3, 1, 2]);
    expect(await all(completed([]))).to.deep.equal([]);
  });

  it('give values in the order of completion in tasks too', async () => {
    const inTask = remote(async () => {
      const first = behind.remote(1);
      return lastValueFrom(completed([behind.remote(2, first), first]).pipe(toArray()));
    });
    expect(await get(inTask.remote())).to.deep.equal([1, 2]);
  });

  it('give a value for each time its ref is given', async () => {
    const inTask = remote(async () => {
      const ref = delayed.remote(20);
      return lastValueFrom(completed([ref, ref, ref]).pipe(toArray()));
    });
    const ref = delayed.remote(20);
    const last = behind.remote(30, ref);
    expect(await all(completed([ref, last, ref]))).to.deep.equal([20, 20, 30]);
    expect(await all(completed([ref, ref])), 'here already').to.deep.equal([20, 20]);
    expect(await get(inTask.remote())).to.deep.equal([20, 20, 20]);
  });

  it('give the CPU of a task to the calls they make', async () => {
    const chained = remote(() =>
      lastValueFrom(
        from([1, 2, 3]).pipe(
          mapRemote(square, 1),
          mergeMap((x) => square.remote(x)),
          toArray(),
        ),
      ),
    );
    const results = await get([chained.remote(), chained.remote(), chained.remote()]);
    expect(results.map(ascending)).to.deep.equal([1, 2, 3].map(() => [1, 16, 81]));
  });

  it('call subscribers in a task as parts of the task', async () => {
    const named = remote(function named() {
      return new Promise((resolve) => {
        fromRef(square.remote(2)).subscribe(() => resolve(getRuntimeContext().taskName));
      });
    });
    expect(await get(named.remote())).to.equal('named');
    const throwing = remote(
      () =>
        new Promise(() => {
          fromRef(square.remote(2)).subscribe(() => {
            throw new RangeError('in a subscriber');
          });
        }),
    );
    expect(await rejection(get(throwing.remote()))).to.be.instanceOf(RangeError);
  });

  it('give the value of a ref once, to each subscriber', async () => {
    const value = fromRef(put({ a: 1 }));
    expect(await all(value)).to.deep.equal([{ a: 1 }]);
    expect(await all(value)).to.deep.equal([{ a: 1 }]);
  });

  it('fail with the error of the task', async () => {
    expect(await rejection(all(fromRef(fail.remote())))).to.be.instanceOf(RangeError);
    expect(await rejection(all(completed([fail.remote()])))).to.be.instanceOf(RangeError);
    expect(await rejection(all(of(1).pipe(mergeMap(() => fail.remote()))))).to.be.instanceOf(
      RangeError,
    );
  });

  it('refuse what they cannot use', () => {
    expect(() => mapRemote(((x: number) => x) as never)).to.throw(InvalidArgumentError);
    expect(() => mapRemote(square, 0)).to.throw(InvalidArgumentError, /concurrency/);
    expect(() => completed([1] as never)).to.throw(InvalidArgumentError);
    expect(() => fromRef(5 as never)).to.throw(InvalidArgumentError);
  });
});
