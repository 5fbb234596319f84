import { createHash } from 'node:crypto';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import * as acorn from 'acorn';
import { get, init, type ObjectRef, put, remote, shutdown } from 'rayx';
import { Celsius, half, sum } from './fixtures/helpers';

const limit = 10;
const settings = { unit: 'm', nested: { factor: 3 } };
const { basename, join: joinPaths } = path;
const floor = Math.floor;

function triple(x: number): number {
  return x * settings.nested.factor;
}

const isEven = remote(async (n: number): Promise<boolean> =>
  n === 0 ? true : get(isOdd.remote(n - 1)),
);
const isOdd = remote(async (n: number): Promise<boolean> =>
  n === 0 ? false : get(isEven.remote(n - 1)),
);

class Shape {
  readonly #name: string;
  constructor(name: string) {
    this.#name = name;
  }
  get name(): string {
    return this.#name;
  }
  equals(other: Shape): boolean {
    return #name in other && this.#name === other.#name;
  }
}

class Circle extends Shape {
  area = (): number => floor(Math.PI * this.radius ** 2);
  constructor(readonly radius: number) {
    super('circle');
  }
  override get name(): string {
    return `${super.name} of ${this.radius}`;
  }
}

class Register {
  static count = 0;
  static {
    Register.count = 5;
  }
  static next(): number {
    return Register.count + 1;
  }
}

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
  length(): number {
    return Math.hypot(this.x, this.y);
  }
}

/** What each function uses, the call, and what it gives. */
const cases: Record<string, { run: () => ObjectRef<unknown>; gives: unknown }> = {
  'a constant and an object': {
    run: () => remote((x: number) => `${x * limit} ${settings.unit}`).remote(2),
    gives: '20 m',
  },
  'a helper that uses another constant': {
    run: () => remote((x: number) => triple(x)).remote(5),
    gives: 15,
  },
  'a helper defined further down': {
    run: () => remote((x: number) => definedBelow(x)).remote(5),
    gives: 'below 5',
  },
  'a parameter of the enclosing function': {
    run: () => ((factor: number) => remote((x: number) => x * factor))(7).remote(6),
    gives: 42,
  },
  'a default parameter that uses an outer name': {
    run: () => remote((x: number, by = limit) => x + by).remote(1),
    gives: 11,
  },
  'a built-in in a variable': {
    run: () => remote((x: number) => floor(x)).remote(2.9),
    gives: 2,
  },
  'an import of Node': {
    run: () => remote(() => createHash('md5').update('a').digest('hex').slice(0, 6)).remote(),
    gives: '0cc175',
  },
  'a namespace import and names taken out of it': {
    run: () => remote(() => [path.extname('a.ts'), basename('b/c'), joinPaths('d', 'e')]).remote(),
    gives: ['.ts', 'c', path.join('d', 'e')],
  },
  'an import of a package': {
    run: () => remote(() => acorn.parse('1 + 1', { ecmaVersion: 2022 }).type).remote(),
    gives: 'Program',
  },
  "an import of the user's own file": {
    run: () => remote((xs: number[]) => sum(xs.map(half))).remote([2, 4]),
    gives: 3,
  },
  "a class of the user's own file": {
    run: () => remote((degrees: number) => new Celsius(degrees).fahrenheit()).remote(100),
    gives: 212,
  },
  'import() of a built-in': {
    run: () => remote(async () => (await import('node:path')).basename('x/y')).remote(),
    gives: 'y',
  },
  'a class with a base class, private members and accessors': {
    run: () =>
      remote(() => {
        const circle = new Circle(2);
        return [circle.name, circle.area(), circle.equals(new Circle(2)), circle instanceof Shape];
      }).remote(),
    gives: ['circle of 2', 12, true, true],
  },
  'static members, as they are and without running their code again': {
    run: () => {
      Register.count += 1;
      return remote(() => [Register.count, Register.next()]).remote();
    },
    gives: [6, 7],
  },
  'a generator as a helper': {
    run: () => remote((n: number) => [...upTo(n)]).remote(3),
    gives: [0, 1, 2],
  },
  'another remote function, and itself': {
    run: () => isEven.remote(6),
    gives: true,
  },
  'a Map, a Set, a Date and a RegExp of the script': {
    run: () => {
      const known = { map: new Map([['a', 1]]), set: new Set([2]), at: new Date(3), word: /b+/ };
      return remote(() => [
        known.map.get('a'),
        known.set.has(2),
        known.at.getTime(),
        known.word.test('abba'),
      ]).remote();
    },
    gives: [1, true, 3, true],
  },
  'a cycle of objects': {
    run: () => {
      const ring: { next?: object; value: number } = { value: 4 };
      ring.next = ring;
      return remote(() => ring.next === ring && ring.value).remote();
    },
    gives: 4,
  },
  'an object method and a getter': {
    run: () => {
      const tools = {
        base: 2,
        double(x: number) {
          return this.base * x;
        },
        get four() {
          return this.double(2);
        },
      };
      return remote((x: number) => tools.double(x) + tools.four).remote(10);
    },
    gives: 24,
  },
  'a bound function': {
    run: () => {
      const times = (a: number, b: number) => a * b;
      const byThree = times.bind(undefined, 3);
      return remote((x: number) => byThree(x)).remote(5);
    },
    gives: 15,
  },
  'the arguments of the function itself': {
    run: () =>
      remote(function (...xs: number[]) {
        return arguments.length + xs.length;
      }).remote(1, 2, 3),
    gives: 6,
  },
};

function definedBelow(x: number): string {
  return `below ${x}`;
}

function* upTo(n: number): Generator<number> {
  for (let i = 0; i < n; i++) yield i;
}

describe('functions on the move', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  describe('may use', () => {
    for (const [what, { run, gives }] of Object.entries(cases)) {
      it(what, async () => {
        expect(await get(run())).to.deep.equal(gives);
      });
    }

    it('a loop variable, each its own', async () => {
      const refs: ObjectRef<number>[] = [];
      for (let i = 0; i < 5; i++) refs.push(remote(() => i * 10).remote());
      expect(await get(refs)).to.deep.equal([0, 10, 20, 30, 40]);
    });

    it('a ref and the handle of an actor', async () => {
      class Counter {
        #value = 0;
        increment(): number {
          return ++this.#value;
        }
      }
      const counter = remote(Counter).remote();
      const stored = put([1, 2, 3]);
      const both = remote(async () => [await get(stored), await get(counter.increment.remote())]);
      expect(await get(both.remote())).to.deep.equal([[1, 2, 3], 1]);
      expect(await get(counter.increment.remote())).to.equal(2);
    });

    it('functions in its arguments, with what they use', async () => {
      const apply = remote((change: (x: number) => number, x: number) => change(x));
      expect(await get(apply.remote((x) => triple(x) + limit, 2))).to.equal(16);
    });
  });

  it('are read once: later changes of what they use are not seen', async () => {
    const box = { value: 1 };
    const read = remote(() => box.value);
    expect(await get(read.remote())).to.equal(1);
    box.value = 2;
    expect(await get(read.remote())).to.equal(1);
  });

  it('are captured and sent once for ten thousand calls', async () => {
    const table = Array.from({ length: 100_000 }, (_, i) => i);
    const look = remote((i: number) => table[i]);
    await get(look.remote(0));
    const start = performance.now();
    const refs = Array.from({ length: 10_000 }, (_, i) => look.remote(i));
    const values = await get(refs);
    // Sending the table each time would be gigabytes.
    expect(performance.now() - start).to.be.below(10_000);
    expect(values[9_999]).to.equal(9_999);
  });

  describe('keep the identity of classes', () => {
    it('in the script: an instance comes back as one of the original class', async () => {
      const mirror = remote((point: Point) => new Point(point.y, point.x));
      const mirrored = await get(mirror.remote(new Point(3, 4)));
      expect(mirrored).to.be.instanceOf(Point);
      expect([mirrored.x, mirrored.y, mirrored.length()]).to.deep.equal([4, 3, 5]);
    });

    it('between two remote functions', async () => {
      const make = remote(() => new Point(1, 2));
      const test = remote((point: unknown) => point instanceof Point);
      expect(await get(test.remote(make.remote()))).to.equal(true);
    });

    it('between a remote function and an actor', async () => {
      class Plane {
        holds(point: unknown): boolean {
          return point instanceof Point;
        }
      }
      const make = remote(() => new Point(1, 2));
      expect(await get(remote(Plane).remote().holds.remote(make.remote()))).to.equal(true);
    });

    it('when it comes by import', async () => {
      const make = remote((degrees: number) => new Celsius(degrees));
      const read = remote((value: unknown) => value instanceof Celsius && value.degrees);
      const made = make.remote(20);
      expect(await get(read.remote(made))).to.equal(20);
      expect(await get(made)).to.be.instanceOf(Celsius);
    });
  });

  it('run async code with what they imported', async () => {
    const nap = remote(async (milliseconds: number) => {
      await sleep(milliseconds);
      return milliseconds;
    });
    expect(await get(nap.remote(5))).to.equal(5);
  });
});
