import { expect } from 'chai';
import {
  get,
  getSync,
  init,
  InvalidArgumentError,
  ObjectRef,
  put,
  registerClass,
  remote,
  SerializationError,
  shutdown,
} from 'rayx';

class Money {
  readonly #cents: number;
  constructor(cents: number) {
    this.#cents = cents;
  }
  get cents(): number {
    return this.#cents;
  }
}

registerClass(Money, {
  name: 'Money',
  encode: (money) => money.cents,
  decode: (cents) => new Money(cents),
});

describe('put', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('stores a copy and answers at once', async () => {
    const original = { list: [1, 2] };
    const ref = put(original);
    original.list.push(3);
    expect(ref).to.be.instanceOf(ObjectRef);
    expect(getSync(ref)).to.deep.equal({ list: [1, 2] });
    const length = remote(({ list }: { list: number[] }) => list.length);
    expect(await get([length.remote(ref), length.remote(ref)])).to.deep.equal([2, 2]);
  });

  it('shares large binary data between all threads', async () => {
    const data = new Float64Array(1e6).fill(2);
    const ref = put(data);
    data[0] = 7;
    const look = remote((values: Float64Array) => [
      values.buffer instanceof SharedArrayBuffer,
      values[0],
      values.length,
    ]);
    expect(await get([look.remote(ref), look.remote(ref)])).to.deep.equal([
      [true, 2, 1e6],
      [true, 2, 1e6],
    ]);
  });

  it('keeps a value that only another value names', async () => {
    const outer = put([put('inner')] as const);
    const unwrap = remote(async ([inner]: readonly [ObjectRef<string>]) => get(inner));
    expect(await get(unwrap.remote(outer))).to.equal('inner');
    const [inner] = await get(outer);
    expect(await get(inner)).to.equal('inner');
  });

  it('refuses a ref, and what cannot travel with its path', () => {
    expect(() => put(put(1) as never)).to.throw(InvalidArgumentError, /\[ref\]/);
    expect(() => put({ a: { b: new WeakRef({}) } })).to.throw(SerializationError, /value\.a\.b/);
  });
});

describe('registered classes', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('travel to tasks and back as instances of the original class', async () => {
    const double = remote((money: Money) => new Money(2 * money.cents));
    const result = await get(double.remote(new Money(150)));
    expect(result).to.be.instanceOf(Money);
    expect(result.cents).to.equal(300);
  });

  it('are known to tasks that only make instances', async () => {
    const make = remote((cents: number) => ({ price: new Money(cents) }));
    expect((await get(make.remote(99))).price)
      .to.be.instanceOf(Money)
      .and.include({ cents: 99 });
  });

  it('cannot share a name', () => {
    class Other {}
    const codec = { name: 'Money', encode: () => 0, decode: () => new Other() };
    expect(() => registerClass(Other, codec)).to.throw(InvalidArgumentError, /Money/);
  });
});
