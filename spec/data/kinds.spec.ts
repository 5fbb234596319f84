import { expect } from 'chai';
import { InternalError, SerializationError } from '../../lib/base/errors';
import { type Codec, createCodec } from '../../lib/data/codec';
import { type Kind, Lenient } from '../../lib/data/kinds';
import type { EncodedValue } from '../../lib/protocol/payload';
import { hop, post } from './hop';

class Money {
  constructor(
    readonly amount: number,
    readonly currency: unknown,
  ) {}
}

const money: Kind<Money, readonly [number, unknown]> = {
  id: 'class:Money',
  test: (value): value is Money => value instanceof Money,
  encode: ({ amount, currency }) => [amount, currency],
  decode: ([amount, currency]) => new Money(amount, currency),
};

class Person {
  friends: unknown = [];
  constructor(readonly name: string) {}
}

/** A kind whose values may contain themselves. */
const person: Kind<Person, string, unknown> = {
  id: 'person',
  test: (value): value is Person => value instanceof Person,
  encode: ({ name }) => name,
  decode: (name) => new Person(name),
  content: ({ friends }) => friends,
  fill: (value, friends) => {
    value.friends = friends;
  },
};

class Ref {
  constructor(readonly id: string) {}
}

/** A kind that speaks to the payload, as refs do. */
const ref = (done: string[]): Kind<Ref, number> => ({
  id: 'ref',
  test: (value): value is Ref => value instanceof Ref,
  encode: ({ id }, sink) => {
    sink.code(`parcel of ${id}`);
    const { path } = sink;
    sink.after(() => done.push(path));
    return sink.ref(id);
  },
  decode: (place, source) => new Ref(source.ref(place)),
});

function codecWith(...kinds: readonly Kind<unknown>[]): Codec {
  const codec = createCodec();
  for (const kind of kinds) codec.register(kind);
  return codec;
}

describe('kinds', () => {
  it('bring their values, nested in one another and in data', () => {
    const codec = codecWith(money, person);
    const anna = new Person('Anna');
    anna.friends = new Map([[new Money(3, new URL('http://eur')), [new Person('Bo')]]]);
    const there = hop({ anna, price: new Money(1, new Money(2, 'x')) }, codec);
    expect(there.price).to.deep.equal(new Money(1, new Money(2, 'x')));
    expect(there.anna).to.be.instanceOf(Person).and.deep.equal(anna);
  });

  it('bring a value by itself', () => {
    expect(hop(new Money(1, 'x'), codecWith(money))).to.deep.equal(new Money(1, 'x'));
  });

  it('keep shared identity', () => {
    const codec = codecWith(money);
    const coin = new Money(1, 'x');
    const config = { url: new URL('http://a') };
    const there = hop([coin, { coin }, new Money(2, config), new Money(3, [config, coin])], codec);
    const [first, second, third, fourth] = there as [Money, { coin: Money }, Money, Money];
    expect(second.coin).to.equal(first);
    expect((fourth.currency as unknown[])[0]).to.equal(third.currency);
    expect((fourth.currency as unknown[])[1]).to.equal(first);
  });

  it('keep cycles through what is filled in', () => {
    const [anna, bo] = [new Person('Anna'), new Person('Bo')];
    anna.friends = { best: bo, all: new Set([anna, bo]) };
    bo.friends = anna;
    const there = hop(anna, codecWith(person));
    const { best, all } = there.friends as { best: Person; all: Set<Person> };
    expect(best.friends).to.equal(there);
    expect([...all]).to.deep.equal([there, best]);
  });

  it('keep a cycle through a container that the value lies in', () => {
    const purse: { coin?: Money } = {};
    purse.coin = new Money(1, purse);
    const there = hop(purse, codecWith(money));
    expect(there.coin?.currency).to.equal(there);
  });

  it('refuse a value whose encoding leads back to it', () => {
    const loop: unknown[] = [];
    const coin = new Money(1, loop);
    loop.push({ coin });
    expect(() => codecWith(money).encode(coin, 'args[0]'))
      .to.throw(SerializationError, /leads back to the value itself/)
      .with.property('path', 'args[0][1][0].coin');
  });

  it('may be nested as deep as one likes', () => {
    const codec = codecWith(person);
    let value = new Person('0');
    for (let level = 1; level < 5000; level += 1) {
      const outer = new Person(String(level));
      outer.friends = [value];
      value = outer;
    }
    let there = hop(value, codec);
    while (there.name !== '0') there = (there.friends as Person[])[0] as Person;
    expect(there.friends).to.deep.equal([]);
  });

  it('are asked in order, and before what is built in', () => {
    const all = (id: string): Kind<Error, string> => ({
      id,
      test: (value): value is Error => value instanceof RangeError,
      encode: () => id,
      decode: (name) => new RangeError(name),
    });
    const codec = codecWith(all('first'), all('second'));
    expect(hop(new RangeError('x'), codec).message).to.equal('first');
  });

  it('may take functions, Proxies and objects without prototype', () => {
    const things = [() => 1, new Proxy({}, {}), Object.create(null) as object];
    const thing: Kind<unknown, number> = {
      id: 'thing',
      test: (value): value is unknown => things.includes(value as object),
      encode: (value) => things.indexOf(value as object),
      decode: (index) => things[index],
    };
    expect(hop(things, codecWith(thing))).to.have.ordered.members(things);
  });

  it('have ids of their own', () => {
    const codec = codecWith(money);
    expect(() => codec.register(money)).to.throw(InternalError, /class:Money/);
    expect(() => codec.register({ ...money, id: 'error' })).to.throw(InternalError);
  });

  it('must be known to the reader', () => {
    const payload = codecWith(money).encode(new Money(1, 'x'), 'args');
    expect(() => createCodec().decode(payload)).to.throw(InternalError, /class:Money/);
  });

  it('name the path when their code throws', () => {
    const boom = new TypeError('boom');
    const broken = {
      ...money,
      encode: () => {
        throw boom;
      },
    };
    expect(() => codecWith(broken).encode({ a: [new Money(1, 'x')] }, 'args'))
      .to.throw(SerializationError, 'args.a[0]: its encode() threw: boom')
      .with.property('cause', boom);
  });

  describe('say to the payload', () => {
    it('which objects it holds, once for each ref, and which parcels it needs; and get their path', () => {
      const done: string[] = [];
      const [a, b] = [new Ref('a'), new Ref('b')];
      const codec = codecWith(ref(done));
      const payload = codec.encode([a, { deep: [b] }, a, new Ref('b')], 'args') as EncodedValue;
      expect(payload.refs).to.deep.equal(['a', 'b', 'b']);
      expect(payload.code).to.deep.equal(['parcel of a', 'parcel of b']);
      expect(done).to.deep.equal(['args[0]', 'args[1].deep[0]', 'args[3]']);
      expect(codec.decode(post(payload))).to.deep.equal([a, { deep: [b] }, a, b]);
    });

    it('the id of each object once, and few bytes besides, however many there are', () => {
      const codec = codecWith(ref([]));
      const refs = Array.from({ length: 1000 }, (_, at) => new Ref(`object ${at}`));
      const payload = codec.encode(refs, 'args') as EncodedValue;
      expect((payload.bytes as Uint8Array).byteLength).to.be.below(20 * refs.length);
      expect(codec.decode(post(payload))).to.deep.equal(refs);
    });

    it('nothing, when there is nothing to say', () => {
      expect(createCodec().encode([new URL('http://a')], 'args')).to.have.all.keys(
        'format',
        'bytes',
      );
    });

    it('what to do afterwards, which is not done when the value is refused', () => {
      const done: string[] = [];
      const codec = codecWith(ref(done));
      expect(() => codec.encode([new Ref('a'), Symbol('local')], 'args')).to.throw(
        SerializationError,
      );
      expect(done).to.deep.equal([]);
      codec.encode([new Ref('a')], 'args');
      expect(done).to.deep.equal(['args[0]']);
    });

    it('nothing for a part that was taken back', () => {
      const done: string[] = [];
      const shared = { ok: 1, url: new URL('http://a') };
      const box: Kind<Person, unknown> = {
        id: 'box',
        test: (value): value is Person => value instanceof Person,
        encode: ({ friends }) => [new Lenient(friends), shared],
        decode: (data) => Object.assign(new Person('box'), { friends: data }),
      };
      const lost = new Person('box');
      lost.friends = [shared, new Ref('lost'), new Uint8Array(9), Promise.resolve()];
      const codec = codecWith(box, ref(done));
      const payload = codec.encode(
        [lost, new Ref('kept'), new Uint8Array([1])],
        'args',
      ) as EncodedValue;
      expect(payload.refs).to.deep.equal(['kept']);
      expect(done).to.deep.equal(['args[1]']);
      const [there, , bytes] = codec.decode(post(payload)) as [Person, Ref, Uint8Array];
      const [reason, kept] = there.friends as [string, unknown];
      expect(reason).to.match(/^\[cannot be sent: args\[0\].*\[3\]: a Promise cannot be sent/);
      expect(kept).to.deep.equal(shared);
      expect([...bytes]).to.deep.equal([1]);
    });
  });

  it('may use the codec while they write', () => {
    const codec = createCodec();
    codec.register<Money, unknown, unknown>({
      ...money,
      encode: ({ currency }) => codec.encode(currency, 'inner'),
      decode: (data) => new Money(0, codec.decode(data as EncodedValue)),
    });
    const there = hop([new Money(1, [new URL('http://a')]), new URL('http://b')], codec);
    expect((there[0] as Money).currency).to.deep.equal([new URL('http://a')]);
  });
});
