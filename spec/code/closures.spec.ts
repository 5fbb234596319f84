import { Socket } from 'node:net';
import { expect } from 'chai';
import { Journey, ship } from './support';

const factor = 5;
const floor = Math.floor;
const settings = { unit: 'px', nested: { list: [1, 2, 3] } };

function scaled(x: number): number {
  return x * factor + offset();
}

describe('code: what a function sees around it', () => {
  it('finds constants and helpers of the module, those further down too', () => {
    expect(ship((x: number) => scaled(x))(2)).to.equal(11);
  });

  it('finds parameters and variables of the functions around it', () => {
    const make = (a: number) => {
      const b = a + 1;
      return (c: number) => [a, b, c];
    };
    expect(ship(make(1))(3)).to.deep.equal([1, 2, 3]);
  });

  it('finds each loop variable as it was', () => {
    const functions: (() => number)[] = [];
    for (let i = 0; i < 3; i++) functions.push(() => i);
    expect(functions.map((fn) => ship(fn)())).to.deep.equal([0, 1, 2]);
  });

  it('finds variables of blocks, catch clauses and default parameters', () => {
    const make = (a: number, b = a * 2) => {
      try {
        throw new Error('caught');
      } catch (error) {
        const inner = (error as Error).message;
        return (c = b) => [inner, b, c];
      }
    };
    expect(ship(make(2))()).to.deep.equal(['caught', 4, 4]);
  });

  it('lets the innermost of several names win', () => {
    const name = 'outer';
    const make = () => {
      const name = 'inner';
      return () => name;
    };
    expect(ship(make())() + name).to.equal('innerouter');
  });

  it('finds the arguments of the function around it', () => {
    const make = function (): () => unknown[] {
      // eslint-disable-next-line prefer-rest-params -- what this is about
      return () => [arguments.length, arguments[1] as unknown];
    } as (...numbers: number[]) => () => unknown[];
    expect(ship(make(7, 8, 9))()).to.deep.equal([3, 8]);
  });

  it('knows a named function expression by its name inside itself', () => {
    const made = function factorial(n: number): number {
      return n < 2 ? 1 : n * factorial(n - 1);
    };
    expect(ship(made)(5)).to.equal(120);
  });

  it('recurses through the variable a function is kept in', () => {
    const fib = (n: number): number => (n < 2 ? n : fib(n - 1) + fib(n - 2));
    expect(ship(fib)(10)).to.equal(55);
  });

  it('recurses through several functions', () => {
    const isEven = (n: number): boolean => n === 0 || isOdd(n - 1);
    const isOdd = (n: number): boolean => n !== 0 && isEven(n - 1);
    const far = ship(isEven);
    expect([far(10), far(7)]).to.deep.equal([true, false]);
  });

  it('uses a wrapped function of the same name, not itself', () => {
    let calls = 0;
    const count = <T>(fn: () => T) => {
      return () => {
        calls++;
        return fn();
      };
    };

    let work = function work(): string {
      return 'done';
    };
    work = count(work);
    expect(ship(work)()).to.equal('done');
    expect(calls).to.equal(0);
  });

  it('leaves alone what only its neighbours use', () => {
    const socket = new Socket();
    const neighbour = () => socket.destroyed;
    const value = 4;
    expect(ship(() => value)()).to.equal(4);
    expect(() => ship(neighbour)).to.throw('socket');
  });

  it('leaves names that exist nowhere to fail where they are used', () => {
    // @ts-expect-error -- there is no such name
    const broken = (): unknown => [typeof nowhere, nowhere];
    expect(ship(broken)).to.throw(ReferenceError, 'nowhere is not defined');
  });

  it('takes along global variables that the user has made', () => {
    (globalThis as Record<string, unknown>).rayxSpecGlobal = 42;
    try {
      // @ts-expect-error -- an undeclared global
      const far = ship((): unknown => rayxSpecGlobal);
      delete (globalThis as Record<string, unknown>).rayxSpecGlobal;
      expect(far()).to.equal(42);
    } finally {
      delete (globalThis as Record<string, unknown>).rayxSpecGlobal;
    }
  });

  it('knows built-ins kept in variables', () => {
    const { log } = console;
    const { iterator } = Symbol;
    const [from, env, toString] = [Array.from, process.env, Object.prototype.toString];
    const far = ship(() => [floor, log, iterator, from, env, toString]);
    expect(far()).to.deep.equal([floor, log, iterator, from, env, toString]);
  });

  it('keeps what shares an object sharing it, circles included', () => {
    const shared = { name: 'shared' };
    const data = { a: shared, b: [shared], self: undefined as unknown };
    data.self = data;
    const far = ship(() => data)();
    expect(far.a).to.equal(far.b[0]);
    expect(far.self).to.equal(far);
    expect(far).not.to.equal(data);
  });

  it('copies a snapshot: later changes are not seen', () => {
    const data = { n: 1 };
    const far = ship(() => data.n);
    data.n = 2;
    expect(far()).to.equal(1);
  });

  it('carries very deep data', () => {
    interface Link {
      next?: Link;
    }
    let chain: Link = {};
    for (let i = 0; i < 20_000; i++) chain = { next: chain };
    const length = ship(() => {
      let count = 0;
      for (let at = chain.next; at; at = at.next) count++;
      return count;
    });
    expect(length()).to.equal(20_000);
  });

  it('gives two functions of one journey the same object', () => {
    const journey = new Journey();
    const one = journey.ship(() => settings);
    const two = journey.ship(() => settings.nested);
    expect(one().nested).to.equal(two());
  });
});

function offset(): number {
  return 1;
}

describe('code: large data in a closure', () => {
  const rows: { i: number; parent?: object | undefined }[] = [];
  for (let i = 0; i < 2000; i++) rows.push({ i, parent: undefined });
  const hidden = rows.map((row) => ({ row, read: () => row.i }));

  it('arrives as it was, circles and shared parts included', () => {
    for (const row of rows) row.parent = rows[0];
    const far = ship(() => rows)();
    expect(far).to.deep.equal(rows);
    expect(far[7]?.parent).to.equal(far[0]);
  });

  it('is one object for all functions that use it', () => {
    const journey = new Journey();
    expect(journey.ship(() => rows)()).to.equal(journey.ship(() => [rows])()[0]);
  });

  it('may hold functions', () => {
    const far = ship(() => hidden)();
    expect(far[1999]?.read()).to.equal(1999);
  });
});
