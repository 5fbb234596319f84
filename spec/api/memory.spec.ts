import { expect } from 'chai';
import {
  allocate,
  free,
  get,
  getSync,
  init,
  InvalidArgumentError,
  listObjects,
  ObjectLostError,
  put,
  remote,
  shutdown,
  wait,
} from 'rayx';
import { rejection } from './support';

const LENGTH = 100_000;
const numbers = (): Float64Array => new Float64Array(LENGTH).fill(7);

describe('shared memory', function () {
  this.timeout(20_000);
  const sum = remote((array: Float64Array) => array.reduce((total, x) => total + x, 0));
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  describe('free', () => {
    it('forgets a value: a later get rejects and says that it was freed', async () => {
      const ref = put(numbers());
      expect(await get(sum.remote(ref))).to.equal(7 * LENGTH);
      free(ref);
      const error = await rejection(get(ref));
      expect(error).to.be.instanceOf(ObjectLostError);
      expect(error.message).to.match(/^the object \w+ is lost: it was freed/);
      expect(() => getSync(ref)).to.throw(ObjectLostError);
    });

    it('lets calls that were made before have the value, and fails later ones', async () => {
      const ref = put(numbers());
      const before = Array.from({ length: 20 }, () => sum.remote(ref));
      free([ref]);
      const after = sum.remote(ref);
      expect(new Set(await get(before))).to.deep.equal(new Set([7 * LENGTH]));
      expect((await rejection(get(after))).cause).to.be.instanceOf(ObjectLostError);
    });

    it('of a pending ref lets the call go on, and forgets its value', async () => {
      const ref = remote(() => 'done').remote();
      free(ref);
      await wait([ref]);
      expect(await rejection(get(ref))).to.be.instanceOf(ObjectLostError);
    });

    it('holds for refs on other threads', async () => {
      const ref = put([numbers()]);
      const holder = remote(
        class {
          constructor(private readonly refs: { ref: typeof ref }) {}
          read = (): Promise<unknown> => get(this.refs.ref);
        } as unknown as new (refs: object) => { read(): Promise<unknown> },
      ).remote({ ref });
      free(ref);
      expect((await rejection(get(holder.read.remote()))).cause).to.be.instanceOf(ObjectLostError);
    });

    it('happens at the end of a scope by using', async () => {
      let outside;
      {
        using ref = put(numbers());
        outside = ref;
        expect(await get(sum.remote(ref))).to.equal(7 * LENGTH);
      }
      expect(await rejection(get(outside))).to.be.instanceOf(ObjectLostError);
    });

    it('takes refs and nothing else', () => {
      expect(() => free(7 as never)).to.throw(InvalidArgumentError, /^free\(\) takes a ref or/);
    });

    it('gives the memory to the next value, also in a loop that never waits', () => {
      const source = new Uint8Array(8_000_000);
      const before = process.memoryUsage().rss;
      for (let i = 0; i < 100; i += 1) {
        using ref = put(source);
        void ref;
      }
      expect(process.memoryUsage().rss - before).to.be.below(200_000_000);
    });
  });

  describe('allocate', () => {
    it('gives zeros in memory that is not copied, whoever gets them', async () => {
      const array = allocate(Int32Array, LENGTH);
      expect(array.every((x) => x === 0)).to.be.true;
      array[1] = 1;
      const ref = put(array);
      // Against the agreement, to see that it is the same memory.
      array[1] = 42;
      const second = remote((values: Int32Array) => {
        values[2] = 43;
        return values[1];
      });
      expect(await get(second.remote(ref))).to.equal(42);
      expect(array[2]).to.equal(43);
      const seen = await get(ref);
      expect(seen.buffer).to.equal(array.buffer);
    });

    it('serves results, too', async () => {
      const make = remote((length: number) => allocate(Float32Array, length).fill(2));
      const array = await get(make.remote(LENGTH));
      expect(array).to.have.lengthOf(LENGTH);
      expect(array.every((x) => x === 2)).to.be.true;
    });

    it('takes the class of a typed array and a length', () => {
      class Own extends Float64Array {}
      for (const Class of [Map, DataView, 7, Own]) {
        expect(() => allocate(Class as never, 1)).to.throw(InvalidArgumentError, /typed array/);
      }
      expect(() => allocate(Int8Array, -1)).to.throw(InvalidArgumentError, /; this is -1$/);
    });
  });

  describe('a copy', () => {
    it('is private and may be written', async () => {
      const ref = put({ array: numbers(), buffer: Buffer.alloc(LENGTH, 'a') });
      const copy = await get(ref, { copy: true });
      expect(copy.array.buffer).to.be.instanceOf(ArrayBuffer);
      expect(copy.buffer.buffer).to.be.instanceOf(ArrayBuffer);
      copy.array[0] = 0;
      const [again] = getSync([ref], { copy: true });
      expect(again.array[0]).to.equal(7);
      expect((await get(ref)).array[0]).to.equal(7);
      expect((await get(ref)).array.buffer).to.be.instanceOf(SharedArrayBuffer);
    });
  });

  describe('listObjects', () => {
    it('tells what is stored, how large it is, where, and who keeps it', async () => {
      const table = put(numbers());
      const outer = put({ table });
      const hang = remote(async function hang(given: unknown): Promise<void> {
        await new Promise(() => given);
      });
      const pending = hang.remote(outer);
      // The thread of the call comes to hold them, too, sooner or later.
      const steady = (holder: string): boolean => !holder.startsWith('worker ');
      const infos = new Map(
        listObjects().map((info) => [info.id, { ...info, holders: info.holders.filter(steady) }]),
      );
      const { size, ...rest } = infos.get(table.id) ?? { size: 0 };
      expect(size).to.be.within(8 * LENGTH, 8 * LENGTH + 1000);
      expect(rest).to.deep.equal({
        id: table.id,
        task: 'put',
        state: 'stored',
        location: 'shared memory',
        holders: ['driver', `object ${outer.id.slice(0, 8)}`],
      });
      expect(infos.get(outer.id)?.holders).to.deep.equal(['driver', 'call hang']);
      expect(infos.get(outer.id)?.location).to.equal('message');
      expect(infos.get(pending.id)).to.include({ task: 'hang', state: 'pending', size: 0 });
      free(table);
      expect(listObjects().find(({ id }) => id === table.id)).to.include({ state: 'failed' });
      await get(put(1));
    });
  });
});
