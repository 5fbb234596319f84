/*
 * Values that travel: what arrives as itself, how to teach rayx a class of your own, and what is
 * refused.
 *
 * Prints:
 *
 *   Map, Set, Date, bigint, -0, URL, RegExp
 *   the same object twice, and inside itself
 *   true 5
 *   120.50 EUR
 *   args[0].config.socket
 */
import { Socket } from 'node:net';
import { get, init, put, registerClass, remote, SerializationError } from 'rayx';

// #region class
class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}

  length(): number {
    return Math.hypot(this.x, this.y);
  }
}

const mirror = remote((point: Point) => new Point(point.y, point.x));
// #endregion

// #region register
class Money {
  #cents: number;

  constructor(cents: number) {
    this.#cents = cents;
  }

  get cents(): number {
    return this.#cents;
  }

  toString(): string {
    return `${(this.#cents / 100).toFixed(2)} EUR`;
  }
}

registerClass(Money, {
  name: 'Money',
  encode: (money) => money.cents,
  decode: (cents: number) => new Money(cents),
});

const half = remote((money: Money) => new Money(money.cents / 2));
// #endregion

async function main(): Promise<void> {
  // #region plain
  const values = [
    new Map(),
    new Set(),
    new Date(0),
    10n,
    -0,
    new URL('https://a.b'),
    /x/g,
  ] as const;
  const [map, set, date, big, zero, url, expression] = await get(put(values));
  // #endregion
  const kinds = [map, set, date].map((value) => value.constructor.name);
  const negative = Object.is(zero, -0) ? '-0' : '0';
  console.log(
    [...kinds, typeof big, negative, url.constructor.name, expression.constructor.name].join(', '),
  );

  // #region identity
  const node = { self: undefined as unknown };
  node.self = node;
  const [a, b] = await get(put([node, node] as const));
  if (a === b && a.self === a) console.log('the same object twice, and inside itself');
  // #endregion

  // #region call-class
  const mirrored = await get(mirror.remote(new Point(3, 4)));
  console.log(mirrored instanceof Point, mirrored.length()); // true 5
  // #endregion

  // #region call-register
  console.log(String(await get(half.remote(new Money(24100))))); // 120.50 EUR
  // #endregion

  // #region refused
  const connect = remote((options: { config: { socket: Socket } }) => options.config.socket);
  try {
    connect.remote({ config: { socket: new Socket() } });
  } catch (error) {
    if (error instanceof SerializationError) console.log(error.path); // args[0].config.socket
  }
  // #endregion
}

void init({ numCpus: 2 });
void main();
