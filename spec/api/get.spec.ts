import { expect } from 'chai';
import {
  get,
  getSync,
  GetTimeoutError,
  init,
  InvalidArgumentError,
  InvalidOptionError,
  isInitialized,
  remote,
  shutdown,
  ShutdownError,
  TaskError,
  wait,
  type ObjectRef,
} from 'rayx';
import { rejection } from './support';

const square = remote((x: number) => x * x);
const fail = remote(function fail(message: string): never {
  throw new RangeError(message);
});
const delayed = remote(
  (milliseconds: number, value: unknown) =>
    new Promise((resolve) => setTimeout(resolve, milliseconds, value)),
  { numCpus: 0 },
);

describe('get', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('gives one value, or many in the order of the refs', async () => {
    expect(await get(square.remote(3))).to.equal(9);
    expect(await get([delayed.remote(30, 'late'), delayed.remote(0, 'early')])).to.deep.equal([
      'late',
      'early',
    ]);
  });

  it('takes duplicates and the empty list', async () => {
    const ref = square.remote(2);
    expect(await get([ref, square.remote(3), ref])).to.deep.equal([4, 9, 4]);
    expect(await get([])).to.deep.equal([]);
  });

  it('may be asked again and again', async () => {
    const ref = square.remote(4);
    expect(await get(ref)).to.equal(16);
    expect(await get(ref)).to.equal(16);
    expect(getSync(ref)).to.equal(16);
  });

  it('takes thousands of refs', async () => {
    const refs = Array.from({ length: 3000 }, (_, x) => square.remote(x));
    const values = await get(refs);
    expect(values.at(-1)).to.equal(2999 ** 2);
  });

  it('throws as soon as one has failed', async () => {
    const hour = delayed.remote(3_600_000, 'never');
    const error = await rejection(get([hour, fail.remote('boom')]));
    expect(error).to.be.instanceOf(TaskError).and.instanceOf(RangeError);
  });

  it('gives up after its timeout, and the task goes on', async () => {
    const gate = new SharedArrayBuffer(4);
    const ref = remote(async (shared: SharedArrayBuffer) => {
      const opened = new Int32Array(shared);
      while (Atomics.load(opened, 0) === 0) await new Promise(setImmediate);
      return 'done';
    }).remote(gate);
    expect(await rejection(get(ref, { timeout: 1 }))).to.be.instanceOf(GetTimeoutError);
    expect(() => getSync(ref, { timeout: 1 })).to.throw(GetTimeoutError);
    expect(await rejection(get(ref, { timeout: 0 }))).to.be.instanceOf(GetTimeoutError);
    Atomics.store(new Int32Array(gate), 0, 1);
    expect(await get(ref)).to.equal('done');
    expect(await get(ref, { timeout: 0 })).to.equal('done');
  });

  it('stops when its signal says so', async () => {
    const control = new AbortController();
    const pending = rejection(get(delayed.remote(200, 1), { signal: control.signal }));
    control.abort(new Error('changed my mind'));
    expect(await pending).to.have.property('message', 'changed my mind');
  });

  it('blocks in the driver and in tasks when it is getSync', async () => {
    expect(getSync(square.remote(5))).to.equal(25);
    expect(getSync([square.remote(1), square.remote(2)])).to.deep.equal([1, 4]);
    expect(getSync([])).to.deep.equal([]);
    expect(() => getSync(fail.remote('boom'))).to.throw(RangeError, /boom/);
    const nested = remote((x: number) => getSync(square.remote(x)) + 1);
    expect(await get(nested.remote(3))).to.equal(10);
  });

  it('refuses what is no ref, and options it does not know', async () => {
    const wrong = (value: unknown): Promise<unknown> => get(value as ObjectRef<unknown>);
    expect(await rejection(wrong(5))).to.be.instanceOf(InvalidArgumentError);
    expect(await rejection(wrong(undefined))).to.be.instanceOf(InvalidArgumentError);
    expect(await rejection(wrong([square.remote(1), 5])))
      .to.be.instanceOf(InvalidArgumentError)
      .with.property('message')
      .that.contains('element 1 is 5');
    expect(await rejection(wrong(Promise.resolve(1)))).to.be.instanceOf(InvalidArgumentError);
    const options = { timeOut: 5 } as object;
    expect(await rejection(get(square.remote(1), options))).to.be.instanceOf(InvalidOptionError);
  });

  it('starts no runtime for refs of one that has ended', async () => {
    const ref = square.remote(2);
    await shutdown();
    expect(await rejection(get(ref))).to.be.instanceOf(ShutdownError);
    expect(await rejection(wait([ref]))).to.be.instanceOf(ShutdownError);
    expect(() => getSync([ref])).to.throw(ShutdownError);
    expect(isInitialized()).to.equal(false);
    expect(await get([]), 'this needs one').to.deep.equal([]);
    expect(isInitialized()).to.equal(true);
  });
});
