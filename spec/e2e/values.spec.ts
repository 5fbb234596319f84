import { Socket } from 'node:net';
import { inspect, isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import { get, init, put, registerClass, remote, SerializationError, shutdown } from 'rayx';
import { errorOf } from './timing';

const megabytes = 2 ** 20;

const echo = remote((value: unknown) => value);

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
}

class Track extends Point {
  readonly points: Point[] = [this];
}

class Money {
  readonly #cents: number;
  constructor(cents: number) {
    this.#cents = cents;
  }
  get cents(): number {
    return this.#cents;
  }
}

class Sealed {
  readonly #secret = 1;
  read(): number {
    return this.#secret;
  }
}

registerClass(Money, {
  name: 'spec/e2e Money',
  encode: (money) => money.cents,
  decode: (cents: number) => new Money(cents),
});

const survivors: Record<string, unknown> = {
  undefined: undefined,
  null: null,
  NaN: NaN,
  '-0': -0,
  bigint: 2n ** 70n,
  'a string beyond ASCII': 'ä€😀\0\ud800',
  Date: new Date(1e12),
  RegExp: /a+(b)/giu,
  URL: new URL('https://user@example.org:8080/a?b#c'),
  Map: new Map<unknown, unknown>([
    [{ key: 1 }, [1]],
    ['nested', new Map([[1, new Set([2])]])],
  ]),
  Set: new Set([1, 'two', undefined]),
  'a sparse array': [1, , 3], // eslint-disable-line no-sparse-arrays -- what this is about
  Buffer: Buffer.from('hello'),
  'a large Buffer': Buffer.alloc(megabytes, 7),
  DataView: new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2),
  ArrayBuffer: new Uint8Array([1, 2, 3]).buffer,
  ...Object.fromEntries(
    [
      Int8Array,
      Uint8Array,
      Uint8ClampedArray,
      Int16Array,
      Uint16Array,
      Int32Array,
      Uint32Array,
      Float32Array,
      Float64Array,
    ].map((type) => [type.name, type.of(1, 2, 3)]),
  ),
  BigInt64Array: BigInt64Array.of(-1n, 2n),
  BigUint64Array: BigUint64Array.of(1n, 2n),
};

describe('values', function () {
  this.timeout(30_000);
  before(() => init({ numCpus: 4 }));
  after(() => shutdown());

  describe('arrive as they were, through put, a task and in data:', () => {
    for (const [name, value] of Object.entries(survivors)) {
      it(name, async () => {
        const stored = put(value);
        const [direct, passed, inside] = await get([
          stored,
          echo.remote(stored),
          echo.remote({ deep: [value] }),
        ]);
        for (const copy of [direct, passed, (inside as { deep: unknown[] }).deep[0]]) {
          expect(isDeepStrictEqual(copy, value), inspect(copy)).to.equal(true);
        }
      });
    }

    it('an error with its cause and own fields', async () => {
      const error = Object.assign(new RangeError('outer', { cause: new TypeError('inner') }), {
        code: 'E_OUTER',
      });
      const copy = (await get(echo.remote(error))) as typeof error;
      expect(copy).to.be.instanceOf(RangeError);
      expect(copy.message).to.equal('outer');
      expect(copy.code).to.equal('E_OUTER');
      expect(copy.cause).to.be.instanceOf(TypeError);
      expect((copy.cause as Error).message).to.equal('inner');
    });

    it('cycles and shared identity', async () => {
      const shared = { name: 'shared' };
      const ring: { self?: unknown; left: object; right: object } = { left: shared, right: shared };
      ring.self = ring;
      const copy = (await get(echo.remote(ring))) as typeof ring;
      expect(copy.self).to.equal(copy);
      expect(copy.left).to.equal(copy.right);
      expect(copy.left).to.deep.equal(shared);
    });

    it('two views of one buffer, and a small window of a large one', async () => {
      const large = new ArrayBuffer(8 * megabytes);
      const bytes = new Uint8Array(large, 16, 1 * megabytes).fill(5);
      const words = new Uint32Array(large, 16, megabytes / 4);
      const copy = await get(put({ bytes, words }));
      expect(copy.bytes.buffer).to.equal(copy.words.buffer);
      expect(copy.words[0]).to.equal(0x05050505);
      const window = await get(put(new Uint8Array(large, 64, 100)));
      expect(window.length).to.equal(100);
      expect(window.buffer.byteLength).to.be.below(megabytes);
    });
  });

  describe('of own classes', () => {
    it('come back as instances of the original class', async () => {
      const track = (await get(echo.remote(new Track(1, 2)))) as Track;
      expect(track).to.be.instanceOf(Track).and.instanceOf(Point);
      expect(track.points[0]).to.equal(track);
      const [a] = await get(put([new Point(3, 4)]));
      expect(a).to.be.instanceOf(Point);
    });

    it('travel as registered, private fields and all', async () => {
      const half = remote((money: Money) => new Money(money.cents / 2));
      const money = await get(half.remote(new Money(5000)));
      expect(money).to.be.instanceOf(Money);
      expect(money.cents).to.equal(2500);
    });
  });

  describe('that cannot travel are refused at the call, with the path:', () => {
    const refused: Record<string, readonly [value: unknown, path: RegExp]> = {
      'a socket': [{ list: [{ socket: new Socket() }] }, /list\[0\]\.socket/],
      'a promise': [{ later: Promise.resolve(1) }, /later/],
      'a WeakMap': [[new WeakMap()], /\[0\]/],
      'an instance with private fields': [{ sealed: new Sealed() }, /sealed[^]*registerClass/],
      'a proxy': [{ proxy: new Proxy({}, {}) }, /proxy/],
    };
    for (const [name, [value, path]] of Object.entries(refused)) {
      it(name, async () => {
        for (const call of [() => put(value), () => echo.remote(value)]) {
          const error = await errorOf(call);
          expect(error).to.be.instanceOf(SerializationError);
          expect(error.message).to.match(path);
        }
        expect((await errorOf(() => echo.remote(value))).message).to.match(/^args\[0\]/);
      });
    }
  });

  it('of 100 MB are stored once: four tasks read one copy in place', async () => {
    const size = 100 * megabytes;
    const total = remote((numbers: Float64Array) => {
      let sum = 0;
      for (const x of numbers) sum += x;
      return [sum, numbers.buffer instanceof SharedArrayBuffer];
    });
    const numbers = new Float64Array(size / 8).fill(1);
    await get([0, 1, 2, 3].map(() => total.remote(new Float64Array(1))));
    const before = process.memoryUsage().rss;
    const stored = put(numbers);
    numbers.fill(2);
    const sums = await get([0, 1, 2, 3].map(() => total.remote(stored)));
    const grown = process.memoryUsage().rss - before;
    for (const sum of sums) expect(sum).to.deep.equal([size / 8, true]);
    expect(grown).to.be.below(2.5 * size);
  });
});
