import { expect } from 'chai';
import { Journey, ship } from './support';

describe('code: sorts of functions', () => {
  it('carries async functions', async () => {
    const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    const far = ship(async (x: number) => {
      await delay(1);
      return x + 1;
    });
    expect(await far(1)).to.equal(2);
  });

  it('carries generators, async ones too', async () => {
    function* upTo(n: number): Generator<number> {
      for (let i = 0; i < n; i++) yield i;
    }
    const far = ship(async function* (n: number) {
      for (const i of upTo(n)) yield await Promise.resolve(i);
    });
    const seen: number[] = [];
    for await (const i of far(3)) seen.push(i);
    expect(seen).to.deep.equal([0, 1, 2]);
  });

  it('carries methods of objects, whatever their key', () => {
    const key = 'computed';
    const tools = {
      plain(x: number) {
        return x + 1;
      },
      'quo ted'(x: number) {
        return x + 2;
      },
      [key](x: number) {
        return x + 3;
      },
      async *[Symbol.asyncIterator]() {
        yield await Promise.resolve(4);
      },
    };
    expect(ship(tools.plain)(0)).to.equal(1);
    expect(ship(tools['quo ted'])(0)).to.equal(2);
    expect(ship(tools.computed)(0)).to.equal(3);
    expect(ship(tools.computed).name).to.equal('computed');
    expect(ship(tools[Symbol.asyncIterator])().next).to.be.a('function');
  });

  it('carries getters and setters without running them', () => {
    let ran = 0;
    const make = () => ({
      inner: 1,
      get value() {
        ran++;
        return this.inner;
      },
      set value(value: number) {
        this.inner = value;
      },
    });
    const thing = make();
    const far = ship(() => thing)();
    expect(ran).to.equal(0);
    far.value = 5;
    expect(far.value).to.equal(5);
  });

  it('carries bound functions', () => {
    function add(this: { base: number }, a: number, b: number): number {
      return this.base + a + b;
    }
    expect(ship(add.bind({ base: 100 }, 10))(1)).to.equal(111);
  });

  it('carries methods bound in a constructor, with their class', () => {
    class Button {
      clicks = 0;
      constructor() {
        this.click = this.click.bind(this);
      }
      click(): number {
        return ++this.clicks;
      }
    }
    const { click } = new Button();
    const far = ship(() => click());
    expect([far(), far()]).to.deep.equal([1, 2]);
  });

  it('carries functions made by new Function', () => {
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- what this is about
    const add = new Function('a', 'b', 'return a + b') as (a: number, b: number) => number;
    expect(ship(add)(1, 2)).to.equal(3);
  });

  it('keeps name, length and own properties', () => {
    const fn = (a: number, b: number): number => a + b;
    const far = ship(Object.assign(fn, { label: 'sum', table: { x: 1 } }));
    expect(far.name).to.equal('fn');
    expect(far.length).to.equal(2);
    expect(far.label).to.equal('sum');
    expect(far.table).to.deep.equal({ x: 1 });
  });

  it('keeps the names of functions that have none of their own', () => {
    const handlers = { first: () => 1, second: function () {} };
    const far = ship(() => [handlers.first.name, handlers.second.name]);
    expect(far()).to.deep.equal(['first', 'second']);
  });

  it('keeps code strict that was strict, and sloppy what was sloppy', () => {
    const strict = function (this: unknown) {
      return this;
    };
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- a way to sloppy code
    const sloppy = new Function('return this') as () => unknown;
    expect(ship(() => strict())()).to.equal(undefined);
    expect(ship(() => sloppy())()).to.equal(globalThis);
  });

  it('is captured and sent once, however often it is asked for', () => {
    const { here } = new Journey();
    const work = (): number => 1;
    const first = here.store.capture(work, 'work');
    for (let i = 0; i < 10_000; i++) {
      expect(here.store.capture(work, 'work')).to.equal(first);
    }
    expect(here.sent.length).to.equal(1);
  });

  it('tells functions that may block their thread', () => {
    const { here } = new Journey();
    const getSync = (x: unknown): unknown => x;
    const helper = (): unknown => getSync(1);
    const waits = (): string => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    const free = (): number => 1;
    const blocking = (fn: () => unknown): boolean => here.store.capture(fn, 'fn').blocking;
    expect(blocking(() => helper())).to.equal(true);
    expect(blocking(waits)).to.equal(true);
    expect(blocking(free)).to.equal(false);
    expect(blocking(() => [waits, free])).to.equal(true);
    expect(blocking(() => free())).to.equal(false);
  });
});
