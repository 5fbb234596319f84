import { expect } from 'chai';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { collectGarbage } from '../../lib/base/garbage';
import { Memory, type MemoryReporter } from '../../lib/data/memory';
import { createCodec } from '../../lib/data/codec';
import type { EncodedValue, SharedPart } from '../../lib/protocol/payload';
import { post } from './hop';

const BYTES = 100_000;

/** A memory that notes what it reports. */
function watched(home = 'n-1', room: MemoryReporter['room'] = () => Infinity) {
  const memory = new Memory(home);
  const said: string[] = [];
  const reporter: MemoryReporter = {
    gone: (id, received) => void said.push(`gone ${id} ${received}`),
    shown: (id) => void said.push(`shown ${id}`),
    allocated: (id) => void said.push(`allocated ${id}`),
    pump: () => {},
    await: () => {},
    filled: () => void said.push('filled'),
    room,
  };
  memory.connect(reporter);
  return { memory, said };
}

/** A value as it comes from another thread. */
const sent = (bytes = BYTES): EncodedValue => {
  const codec = createCodec({ memory: new Memory('n-2') });
  return post(codec.encode(new Uint8Array(bytes).fill(1), 'value')) as EncodedValue;
};
const settled = (value: EncodedValue) => [
  { type: 'settled', id: 'a', outcome: { ok: true, value } } as const,
];

/** Lets all that can be collected be reported. */
async function collect(): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await nextTurn();
    collectGarbage();
  }
  await nextTurn();
}

describe('memory of a thread', () => {
  it('has one object for memory that comes again and again', () => {
    const { memory } = watched();
    const value = sent();
    const [first, second] = [post(value), post(value)] as EncodedValue[];
    memory.takeIn(settled(first as EncodedValue));
    memory.takeIn(settled(second as EncodedValue));
    expect(second?.shared?.[0]?.memory).to.equal(first?.shared?.[0]?.memory);
    expect(post(value)).not.to.equal(first);
  });

  it('tells when the last view is gone, with how often it came', async () => {
    const { memory, said } = watched();
    const codec = createCodec({ memory });
    const take = (): Uint8Array => {
      const value = sent();
      memory.takeIn(settled(value));
      memory.takeIn(settled(post(value) as EncodedValue));
      return codec.decode(value) as Uint8Array;
    };
    const seen = [take().subarray(10, 20)];
    await collect();
    expect(seen[0]?.[0]).to.equal(1);
    expect(said).to.deep.equal([]);
    seen.length = 0;
    await collect();
    expect(said).to.deep.equal(['gone n-2/1 2']);
  });

  it('tells so, though another was given up before it could tell what was gone', async () => {
    const before = [new Memory('n-3')];
    const shown = before.map((memory) => memory.allocate(BYTES));
    await nextTurn();
    shown.length = 0;
    // Found now, to be told in a later turn; by then there is nobody left who would.
    globalThis.gc?.();
    before.length = 0;
    globalThis.gc?.();
    globalThis.gc?.();
    await nextTurn();
    const { memory, said } = watched();
    (() => void memory.allocate(BYTES))();
    await collect();
    expect(said).to.deep.equal(['allocated n-1/1', 'gone n-1/1 1']);
  });

  it('asks for room in the place of what is left of it, where that is not enough', () => {
    const asked: number[] = [];
    const { memory } = watched('n-1', (bytes) => {
      asked.push(bytes);
      return bytes + 100;
    });
    memory.take(1000);
    memory.take(60);
    memory.take(1000);
    memory.take(100);
    expect(asked).to.deep.equal([1000, 1000]);
    memory.take(1);
    expect(asked).to.deep.equal([1000, 1000, 1]);
  });

  it('sends on what came under the id that it came with', () => {
    const { memory } = watched();
    const codec = createCodec({ memory });
    const value = sent();
    memory.takeIn(settled(value));
    const there = codec.decode(value);
    const again = codec.encode({ there }, 'value') as EncodedValue;
    expect(again.shared?.map(({ id }) => id)).to.deep.equal(['n-2/1']);
  });

  it('says when a value that was made here shows here', () => {
    const { memory, said } = watched();
    const value = createCodec({ memory }).encode(new Uint8Array(BYTES), 'value');
    expect(said).to.deep.equal([]);
    memory.expose(value);
    memory.expose(value);
    expect(said).to.deep.equal(['shown n-1/1']);
  });

  it('uses again what came back, for values of that size', () => {
    const { memory } = watched();
    const { id, memory: buffer } = memory.take(BYTES);
    memory.giveBack({ id, memory: buffer });
    expect(memory.take(BYTES + 1).memory).not.to.equal(buffer);
    expect(memory.take(BYTES)).to.deep.equal({ id, memory: buffer });
    expect(memory.take(BYTES).memory).not.to.equal(buffer);
  });

  it('lets go of idle memory, but not of what is in use again', () => {
    const { memory } = watched();
    const parts = [memory.take(BYTES), memory.take(BYTES)];
    for (const part of parts) memory.giveBack(part);
    const { id } = memory.take(BYTES);
    const others = parts.map((part) => part.id).filter((other) => other !== id);
    expect(memory.evict(parts.map((part) => part.id))).to.deep.equal(others);
  });

  it('gives user code zeros, and needs no copy of it', () => {
    const { memory, said } = watched();
    const used = memory.take(BYTES);
    new Uint8Array(used.memory).fill(9);
    memory.giveBack(used);
    const array = new Uint8Array(memory.allocate(BYTES));
    expect(array.every((byte) => byte === 0)).to.be.true;
    expect(said).to.deep.equal([`allocated ${used.id}`]);
    const value = createCodec({ memory }).encode(array, 'value') as EncodedValue;
    expect(value.shared).to.deep.equal([{ memory: array.buffer, id: used.id } as SharedPart]);
  });

  it('takes no memory for a value that is refused, or written for trial', () => {
    const { memory } = watched();
    const codec = createCodec({ memory });
    const idle = memory.take(BYTES);
    memory.giveBack(idle);
    const value = [new Uint8Array(BYTES), Symbol('no')];
    expect(() => codec.encode(value, 'value')).to.throw(/cannot be sent/);
    codec.tryOut(() => void codec.encode([new Uint8Array(BYTES)], 'value'));
    expect(memory.take(BYTES)).to.equal(idle);
  });

  it('wants a look at garbage each time that 64 MB were written', () => {
    const { memory, said } = watched();
    for (let count = 0; count < 5; count += 1) memory.giveBack(memory.take(40 * 2 ** 20));
    expect(said).to.deep.equal(['filled', 'filled']);
  });

  it('wants one where much comes, but not for what comes again and again: others keep that', () => {
    const { memory, said } = watched();
    let count = 0;
    const come = (id: string): void => {
      const shared = [{ id, memory: new SharedArrayBuffer(40 * 2 ** 20) }];
      const value: EncodedValue = { format: 'v8', bytes: 0, shared };
      memory.takeIn(settled(value));
      memory.discard(value, false);
      count += 1;
    };
    while (count < 20) come('n-2/1');
    expect(said.filter((what) => what === 'filled')).to.deep.equal([]);
    while (count < 24) come(`n-2/${count}`);
    expect(said.filter((what) => what === 'filled')).to.deep.equal(['filled', 'filled']);
  });
});
