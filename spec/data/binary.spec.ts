import { expect } from 'chai';
import { createCodec } from '../../lib/data/codec';
import { SHARED_FROM } from '../../lib/data/binary';
import { copiedSize, type EncodedValue } from '../../lib/protocol/payload';
import { formatOf, hop } from './hop';

const LARGE = 4 * SHARED_FROM;

const encode = (value: unknown) => createCodec().encode(value, 'args') as EncodedValue;

/** A Float64Array of that many bytes with 0, 1, 2 … */
const ramp = (bytes: number) => Float64Array.from({ length: bytes / 8 }, (_, index) => index);

const viewClasses = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

describe('binary on the move', () => {
  for (const View of viewClasses) {
    for (const bytes of [0, 64, LARGE]) {
      it(`brings a ${View.name} of ${bytes} bytes`, () => {
        const memory = new ArrayBuffer(bytes);
        new Uint8Array(memory).fill(7);
        const view = new View(memory);
        const there = hop(view);
        expect(there).to.be.instanceOf(View);
        expect(there).to.deep.equal(view);
        expect(there.buffer instanceof SharedArrayBuffer).to.equal(bytes >= SHARED_FROM);
      });
    }
  }

  it('brings a Buffer as a Buffer, a DataView as a DataView', () => {
    for (const size of [10, LARGE]) {
      const there = hop({
        buffer: Buffer.alloc(size, 'ab'),
        data: new DataView(ramp(LARGE).buffer, 8),
      });
      expect(Buffer.isBuffer(there.buffer)).to.be.true;
      expect(there.buffer.equals(Buffer.alloc(size, 'ab'))).to.be.true;
      expect(there.data).to.be.instanceOf(DataView);
      expect(there.data.byteLength).to.equal(LARGE - 8);
      expect(there.data.getFloat64(0, true)).to.equal(1);
    }
  });

  it('copies large binary once, into shared memory, and never again', () => {
    const codec = createCodec();
    const value = ramp(LARGE);
    const payload = codec.encode(value, 'args') as EncodedValue;
    expect(payload.shared?.map(({ memory }) => memory?.byteLength)).to.deep.equal([LARGE]);
    const first = codec.decode(payload) as Float64Array;
    const second = codec.decode(payload) as Float64Array;
    expect(first.buffer).to.equal(payload.shared?.[0]?.memory);
    expect(second.buffer).to.equal(first.buffer);
    const again = codec.encode({ first }, 'args') as EncodedValue;
    expect(again.shared?.[0]?.memory).to.equal(payload.shared?.[0]?.memory);
  });

  it('does not see later changes of the original', () => {
    const codec = createCodec();
    for (const value of [ramp(64), ramp(LARGE)]) {
      const payload = codec.encode([value], 'args');
      value.fill(-1);
      expect((codec.decode(payload) as Float64Array[])[0]?.[1]).to.equal(1);
    }
  });

  it('sends bytes that are exactly their own buffer', () => {
    for (const value of [{ n: 1n }, [new URL('http://a')], ramp(64), ramp(LARGE)]) {
      const { bytes } = encode(value);
      expect(bytes).to.be.instanceOf(Uint8Array);
      expect((bytes as Uint8Array).buffer.byteLength).to.equal((bytes as Uint8Array).length);
    }
  });

  it('brings an ArrayBuffer as a real one, however large', () => {
    for (const size of [0, 16, LARGE]) {
      const memory = new ArrayBuffer(size);
      new Uint8Array(memory).fill(3);
      const there = hop({ memory, view: new Uint8Array(memory) });
      expect(there.memory).to.be.instanceOf(ArrayBuffer);
      expect(new Uint8Array(there.memory)).to.deep.equal(new Uint8Array(memory));
      expect(there.view.buffer).to.equal(there.memory);
    }
  });

  it("lets a user's own SharedArrayBuffer travel as itself", () => {
    const memory = new SharedArrayBuffer(16);
    const there = hop({ memory, view: new Int32Array(memory, 4, 2) });
    new Int32Array(memory)[1] = 42;
    expect(there.view).to.deep.equal(new Int32Array([42, 0]));
    expect(there.memory).to.be.instanceOf(SharedArrayBuffer);
    expect(there.view.buffer).to.equal(there.memory);
  });

  describe('windows', () => {
    for (const size of [512, LARGE]) {
      it(`keep what two views have in common (${size} bytes)`, () => {
        const memory = ramp(size).buffer;
        const head = new Float64Array(memory, 0, 4);
        const rest = new Uint8Array(memory, 24);
        const there = hop({ head, rest, again: head });
        expect(there.rest.buffer).to.equal(there.head.buffer);
        expect(there.again).to.equal(there.head);
        there.head[3] = 0;
        expect([...there.rest.subarray(0, 8)]).to.deep.equal([0, 0, 0, 0, 0, 0, 0, 0]);
      });
    }

    it('keep views beside one another in one memory', () => {
      const memory = ramp(LARGE).buffer;
      const there = hop([new Float64Array(memory, 0, 4), new Float64Array(memory, 32)] as const);
      expect(there[1].buffer).to.equal(there[0].buffer);
      expect(there[1][0]).to.equal(4);
    });

    it('are all that is sent of a large buffer', () => {
      const memory = ramp(64 * LARGE).buffer;
      const small = encode(new Float64Array(memory, 800, 4));
      expect(small.shared).to.be.undefined;
      expect(copiedSize(small)).to.be.below(1000);
      const ends = encode([new Uint8Array(memory, 0, LARGE), new Uint8Array(memory, 63 * LARGE)]);
      expect(ends.shared?.map(({ memory }) => memory?.byteLength)).to.deep.equal([LARGE, LARGE]);
    });

    it('never show the pool of a Buffer', () => {
      // Small Buffers made one after the other share a pool, but for the last of one.
      const made = Array.from({ length: 3 }, () =>
        ['a-pooled', 'b-secret', 'c-pooled'].map((text) => Buffer.from(text)),
      );
      const [first, secret, last] = made.find(([a, , c]) => a?.buffer === c?.buffer) ?? [];
      if (!first || !secret || !last) throw new Error('these Buffers have no pool');
      expect(secret.buffer).to.equal(first.buffer);
      const view = new Uint8Array(last.buffer, last.byteOffset, 4);
      const bytes = Buffer.from(encode([first, last, view]).bytes as Uint8Array);
      expect(bytes.includes('a-pooled')).to.be.true;
      expect(bytes.includes('c-pooled')).to.be.true;
      expect(bytes.includes('secret')).to.be.false;
      expect(hop([first])[0]?.buffer.byteLength).to.equal(8);
    });

    it('at an odd place keep their alignment', () => {
      const memory = ramp(LARGE).buffer;
      const odd = new Int16Array(memory, 6, 5);
      expect(hop(odd)).to.deep.equal(odd);
      const both = hop([odd, new Float64Array(memory, 8, 3)] as const);
      expect(both[0]).to.deep.equal(odd);
      expect(both[1]).to.deep.equal(new Float64Array([1, 2, 3]));
    });
  });

  it('never passes binary through superjson or as a list of numbers', () => {
    expect(formatOf(ramp(LARGE))).to.equal('graph');
    expect(copiedSize(encode([ramp(LARGE), new URL('http://a')]))).to.be.below(1000);
  });

  it('refuses a class derived from a typed array', () => {
    class Vector extends Float64Array {}
    expect(() => encode([new Vector(3)])).to.throw(
      /^args\[0\]: an instance of Vector cannot be sent/,
    );
  });
});
