import { inspect, isDeepStrictEqual } from 'node:util';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { formatOf, hop } from './hop';

type Node = { [key: string]: Node };

const url = new URL('https://example.org/a?b=c#d');

/** Values with the format they should travel in. */
const values: readonly (readonly [title: string, value: unknown, format: string])[] = [
  ['undefined', undefined, 'itself'],
  ['null', null, 'itself'],
  ['a number', 3.25, 'itself'],
  ['NaN', NaN, 'itself'],
  ['-0', -0, 'itself'],
  ['Infinity', -Infinity, 'itself'],
  ['a string', 'grüße \ud800 \u0000 😀', 'itself'],
  ['a long string', 'x'.repeat(10_000), 'itself'],
  ['a very long string', 'ä\ud800😀'.repeat(100_000), 'v8'],
  ['a BigInt', 2n ** 100n, 'itself'],
  ['a list of one number', [3], 'json'],
  ['small plain data', ['a', { x: 1, y: [true, null], s: '\ud800"\u2028' }], 'json'],
  ['a key __proto__', JSON.parse('{"__proto__":{"x":1},"constructor":2,"prototype":3}'), 'json'],
  ['undefined in data', [undefined, { a: undefined }], 'v8'],
  ['NaN, -0 and infinities in data', [NaN, -0, Infinity, { x: -Infinity }], 'v8'],
  ['BigInts in data', [1n, { n: -(2n ** 70n) }], 'v8'],
  ['many rows', Array.from({ length: 500 }, (_, id) => ({ id, name: `n${id}` })), 'v8'],
  ['a text in a list', ['x'.repeat(5000)], 'v8'],
  ['a Date', new Date(1234567890123), 'v8'],
  ['a RegExp', /a(?<b>b+)\/c/giu, 'v8'],
  [
    'a Map',
    new Map<unknown, unknown>([
      ['a', 1],
      [{ k: 1 }, [2]],
      [NaN, -0],
    ]),
    'v8',
  ],
  ['a Set', new Set<unknown>([1, 'a', { x: 1 }, undefined]), 'v8'],
  ['boxed primitives', [Object(1), Object('s'), Object(false), Object(7n)], 'v8'],
  ['an array with holes', [1, , 3, ,], 'graph'], // eslint-disable-line no-sparse-arrays
  ['the result of a match', /b(?<x>.)/.exec('abc'), 'graph'],
  [
    'an object without prototype',
    Object.assign(Object.create(null), { a: 1, b: { c: 2 } }),
    'graph',
  ],
  ['a URL', url, 'graph'],
  ['URLs in data', { url, list: [url, new URL('file:///x')] }, 'graph'],
  [
    'URLs as keys and items',
    new Map<unknown, unknown>([
      [url, new Set([url, 1])],
      [2, url],
    ]),
    'graph',
  ],
  [
    'special values beside __proto__',
    { ...JSON.parse('{"a":1}'), ['__proto__']: url, url },
    'graph',
  ],
  ['registered symbols', [Symbol.for('rayx.spec'), Symbol.for('for:'), Symbol.for('')], 'graph'],
  ['well-known symbols', { a: Symbol.iterator, b: Symbol.asyncIterator }, 'graph'],
  ['a symbol', Symbol.for('x'), 'graph'],
  ['a key with dots and quotes', { 'a.b\\c"[0]': { '': [url] } }, 'graph'],
];

describe('values on the move', () => {
  for (const [title, value, format] of values) {
    it(`brings ${title} across as ${format}`, () => {
      expect(formatOf(value)).to.equal(format);
      const there = hop(value);
      expect(isDeepStrictEqual(there, value), `${inspect(there)} arrived`).to.be.true;
    });
  }

  it('brings an invalid Date', () => {
    expect(hop(new Date(NaN)).getTime()).to.be.NaN;
  });

  it('brings an array that is nearly all holes', () => {
    const value = Object.assign([] as string[], { 4294967293: 'far', 7: 'near' });
    const there = hop(value);
    expect(there).to.have.lengthOf(4294967294);
    expect(Object.entries(there)).to.deep.equal(Object.entries(value));
  });

  it('keeps -0 and NaN by themselves', () => {
    expect(Object.is(hop(-0), -0)).to.be.true;
    expect(hop([NaN])).to.deep.equal([NaN]);
  });

  it('keeps the order of properties', () => {
    for (const extra of [{}, { url }]) {
      const value = { z: 1, a: { y: 1, b: 2 }, m: 3, ...extra };
      expect(JSON.stringify(hop(value))).to.equal(JSON.stringify(value));
    }
  });

  it('takes ordinary objects of another realm for what they are', () => {
    const foreign: unknown = runInNewContext('({ a: [1, new Map([["k", new Date(5)]])] })');
    expect(hop(foreign)).to.deep.equal({ a: [1, new Map([['k', new Date(5)]])] });
  });

  it('gives each decoding a value of its own', () => {
    const value = { list: [1], bytes: new Uint8Array([1, 2]), url };
    const [first, second] = [hop(value), hop(value)];
    first.list.push(2);
    first.bytes[0] = 9;
    expect(second).to.deep.equal(value);
  });

  it('reads a getter once', () => {
    let reads = 0;
    const value = {
      plain: 1,
      get counted() {
        reads += 1;
        return { reads };
      },
    };
    expect(hop([value])).to.deep.equal([{ plain: 1, counted: { reads: 1 } }]);
    expect(reads).to.equal(1);
  });

  it('leaves symbol keys and hidden properties behind', () => {
    const value = Object.defineProperty({ a: 1, [Symbol.for('s')]: 2 }, 'hidden', { value: 3 });
    expect(Reflect.ownKeys(hop(value))).to.deep.equal(['a']);
  });

  describe('cycles and shared identity', () => {
    for (const [road, extra] of [
      ['v8', 1n],
      ['graph', url],
    ] as const) {
      it(`are kept on the ${road} road`, () => {
        const shared = { name: 'shared' };
        const value: Record<string, unknown> = { first: shared, list: [shared, extra] };
        value.self = value;
        value.map = new Map<unknown, unknown>([[shared, value]]);
        value.set = new Set<unknown>([value, shared]);
        expect(formatOf(value)).to.equal(road);
        const there = hop(value) as typeof value & { list: unknown[] };
        expect(there.self).to.equal(there);
        expect(there.list[0]).to.equal(there.first);
        expect((there.map as Map<unknown, unknown>).get(there.first)).to.equal(there);
        expect([...(there.set as Set<unknown>)]).to.deep.equal([there, there.first]);
        expect(there.first).to.not.equal(shared);
      });
    }

    it('hold for URLs too', () => {
      const there = hop({ a: url, b: [url], c: new Map([[url, url]]) });
      expect(there.b[0]).to.equal(there.a);
      expect([...there.c][0]).to.deep.equal([there.a, there.a]);
    });

    it('hold between a plain part and the rest', () => {
      const row = { id: 1 };
      const there = hop([[row, row], { url, row }] as const);
      expect(there[0][1]).to.equal(there[0][0]);
      expect(there[1].row).to.equal(there[0][0]);
    });
  });

  describe('depth', () => {
    const nest = (levels: number, wrap: (inner: unknown) => unknown, core: unknown) => {
      let value = core;
      for (let level = 0; level < levels; level += 1) value = wrap(value);
      return value;
    };
    const depthOf = (value: unknown, unwrap: (outer: unknown) => unknown) => {
      let depth = 0;
      for (let at = unwrap(value); at !== undefined; at = unwrap(at)) depth += 1;
      return depth;
    };

    it('has no limit for arrays, objects and Maps', () => {
      const list = hop(nest(100_000, (inner) => [inner], [url]));
      expect(depthOf(list, (at) => (Array.isArray(at) ? at[0] : undefined) as unknown)).to.equal(
        100_001,
      );
      const object = hop(nest(100_000, (next) => ({ next }), { end: 1 }));
      expect(depthOf(object, (at) => (at as Node).next)).to.equal(100_000);
      const map = hop(nest(20_000, (inner) => new Map([[1, inner]]), new Map()));
      expect(depthOf(map, (at) => (at as Map<number, unknown>).get(1))).to.equal(20_000);
    });

    it('may hide behind a flat list', () => {
      const nodes: Node[] = Array.from({ length: 20_000 }, () => ({}));
      for (const [index, node] of nodes.entries()) {
        const next = nodes[index + 1];
        if (next) node.next = next;
      }
      const there = hop(nodes);
      expect(there[0]?.next).to.equal(there[1]);
      expect(depthOf(there[0], (at) => (at as Node).next)).to.equal(19_999);
    });
  });

  it('brings any mixture (seeded)', () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const make = mixtures(seed);
    for (let round = 0; round < 300; round += 1) {
      const value = make();
      expect(isDeepStrictEqual(hop(value), value), `seed ${seed}, round ${round}`).to.be.true;
    }
  });
});

/** Random values of all sorts, nested, with parts in common. */
function mixtures(seed: number): () => unknown {
  let state = seed;
  const random = (below: number) => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
  const shared: unknown[] = [];
  const many = (depth: number) => Array.from({ length: random(4) }, () => value(depth - 1));
  const leaves: readonly (() => unknown)[] = [
    () => random(100),
    () => -0,
    () => NaN,
    () => undefined,
    () => null,
    () => 'text'.repeat(random(3)),
    () => BigInt(random(1000)),
    () => new Date(random(1e9)),
    () => new URL(`http://host/${random(100)}`),
    () => Symbol.for(`s${random(3)}`),
    () => Buffer.from(`bytes${random(9)}`),
    () => new Float64Array(random(2) === 0 ? 4 : 4000).fill(random(9)),
    () => shared[random(Math.max(1, shared.length))],
  ];
  const nests: readonly ((depth: number) => unknown)[] = [
    (depth) => many(depth),
    (depth) => Object.fromEntries(many(depth).map((part, at) => [`k${at}`, part])),
    (depth) => new Map(many(depth).map((part, at) => [`k${at}`, part])),
    (depth) => new Set(many(depth)),
  ];
  function value(depth: number): unknown {
    if (depth === 0) return leaves[random(leaves.length)]?.();
    const made = nests[random(nests.length)]?.(depth);
    shared.push(made);
    return made;
  }
  return () => {
    shared.length = 0;
    return value(1 + random(4));
  };
}
