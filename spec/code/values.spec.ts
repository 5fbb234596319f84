import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { ship } from './support';

const mine = Symbol('mine');

const double = (x: number): number => 2 * x;

class NotFound extends Error {
  constructor(readonly what: string) {
    super(`${what} was not found`);
  }
}

describe('code: values in closures', () => {
  it('are dates, patterns, URLs, binary and the like', () => {
    const [date, pattern, url, big] = [new Date(3), /a/g, new URL('http://host/'), 10n];
    const [bytes, buffer] = [new Uint8Array([1, 2]), Buffer.from('hi')];
    const far = ship(() => [
      [date.getTime(), pattern.flags, url.host, big],
      [bytes[1], buffer.toString(), buffer instanceof Buffer],
    ]);
    expect(far()).to.deep.equal([
      [3, 'g', 'host', 10n],
      [2, 'hi', true],
    ]);
  });

  it('are Maps and Sets, with any keys', () => {
    const key = { k: 1 };
    const map = new Map<unknown, unknown>([
      [key, 'object'],
      ['self', new Set([key])],
    ]);
    const far = ship(() => [map.get(key), (map.get('self') as Set<unknown>).has(key)]);
    expect(far()).to.deep.equal(['object', true]);
  });

  it('are errors, of classes of the user too', () => {
    const error = new NotFound('key');
    const far = ship(() => [error.what, error.message, error instanceof NotFound]);
    expect(far()).to.deep.equal(['key', 'key was not found', true]);
  });

  it('are symbols, each one symbol', () => {
    const thing = { [mine]: 1, [Symbol.for('shared')]: 2 };
    const far = ship(() => [thing[mine], thing[Symbol.for('shared')], mine.description]);
    expect(far()).to.deep.equal([1, 2, 'mine']);
  });

  it('keep holes, missing prototypes, hidden and frozen properties', () => {
    const values = {
      frozen: Object.freeze({ a: 1 }),
      bare: Object.assign(Object.create(null) as object, { b: 2 }),
      hidden: Object.defineProperty({ c: 0 }, 'c', { value: 3, enumerable: false }),
      // eslint-disable-next-line no-sparse-arrays -- what this is about
      holes: [1, , 3],
    };
    const far = ship(() => values)();
    expect(Object.isFrozen(far.frozen)).to.equal(true);
    expect(Object.getPrototypeOf(far.bare)).to.equal(null);
    expect([far.hidden.c, Object.keys(far.hidden)]).to.deep.equal([3, []]);
    expect(1 in far.holes).to.equal(false);
  });

  it('are modules and functions of Node, those behind getters too', () => {
    const { promises } = fs;
    const { readFile } = promises;
    expect(ship(() => [promises, readFile, sleep])()).to.deep.equal([promises, readFile, sleep]);
  });

  it('are what every thread has: process, console, the global object', () => {
    const [p, c, g] = [process, console, globalThis];
    expect(ship(() => [p === process, c === console, g === globalThis])()).to.deep.equal([
      true,
      true,
      true,
    ]);
  });

  it('are objects that a bundler makes of packages which export a function', () => {
    const bundled = Object.create(Function.prototype, {
      default: { get: () => double, enumerable: true },
    }) as { default: typeof double };
    const far = ship((x: number) => [bundled.default(x), typeof bundled]);
    expect(far(2)).to.deep.equal([4, 'object']);
  });

  it('may come from another vm context', () => {
    const far = runInNewContext('const k = { a: [1] }; (x) => x + k.a[0]') as (x: number) => number;
    expect(ship(far)(1)).to.equal(2);
  });
});
