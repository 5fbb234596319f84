import { connect, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { CaptureError } from '../../lib/base/errors';
import { Journey, ship } from './support';

function refusal(target: object): CaptureError {
  try {
    ship(target);
  } catch (error) {
    if (error instanceof CaptureError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('code: what cannot travel is refused', () => {
  it('names the way to a socket, and the way out', () => {
    const db = { pool: { socket: new Socket() } };
    const error = refusal(() => db.pool.socket.destroyed);
    expect(error.path).to.equal('work → db → pool → socket');
    expect(error.reason).to.match(/^a Socket cannot be sent; .*inside the function/);
  });

  it('refuses streams, timers, promises, proxies, generators and signals', () => {
    const timer = setTimeout(() => undefined, 0);
    clearTimeout(timer);
    const generator = (function* () {
      yield 1;
    })();
    const things: [object, RegExp][] = [
      [Readable.from([]), /a Readable cannot be sent/],
      [timer, /a Timeout cannot be sent/],
      [Promise.resolve(), /a Promise cannot be sent; await it/],
      [new Proxy({}, {}), /a Proxy cannot be sent/],
      [generator, /generator/i],
      [new AbortController(), /an AbortController cannot be sent/],
      [new AbortController().signal, /an AbortSignal cannot be sent/],
      [new WeakRef({}), /WeakRef/],
    ];
    for (const [thing, reason] of things) {
      const error = refusal(() => thing);
      expect(error.path).to.equal('work → thing');
      expect(error.reason).to.match(reason);
    }
  });

  it('refuses an instance with #private fields, naming them and registerClass', () => {
    class Account {
      #balance = 5;
      get balance() {
        return this.#balance;
      }
    }
    class Savings extends Account {}
    const savings = new Savings();
    const error = refusal(() => savings.balance);
    expect(error.path).to.equal('work → savings');
    expect(error.reason).to.include('#balance of Account').and.include('registerClass');
  });

  it('refuses an instance of a class that extends a built-in one', () => {
    class Table extends Map<string, number> {}
    const table = new Table();
    const { reason } = refusal(() => table.size);
    expect(reason).to.include('Table').and.include('extends Map').and.include('registerClass');
  });

  it('refuses the `this` of a function around it', () => {
    class Server {
      port = 80;
      handler() {
        return () => this.port;
      }
    }
    const { path, reason } = refusal(new Server().handler());
    expect(path).to.equal('work');
    expect(reason)
      .to.include('`this`')
      .and.include('bind the value to a const')
      .and.include('actor');
  });

  it('refuses eval, which could use anything', () => {
    expect(refusal((code: string) => eval(code) as unknown).reason).to.include('eval()');
  });

  it('refuses the new.target of a function around it', () => {
    function Maker(): () => unknown {
      return () => new.target;
    }
    expect(refusal(Maker()).reason).to.include('new.target');
  });

  it('refuses super of an object literal', () => {
    const derived = {
      toString(): string {
        // eslint-disable-next-line -- the type of super is not known here
        return `${super.toString() as string}!`;
      },
    };
    expect(refusal(derived.toString).reason).to.include('super');
  });

  it('refuses the module object', () => {
    expect(refusal(() => module.filename)).to.include({ path: 'work → module' });
  });

  it('refuses what promisify has made', () => {
    const wait = promisify((done: (error: Error | null) => void) => done(null));
    const { path, reason } = refusal(() => wait());
    expect(path).to.equal('work → wait');
    expect(reason).to.include('make it inside the function');
  });

  it('is as if it had never been tried', () => {
    const shared = { value: 1, socket: undefined as unknown };
    class Helper {
      static read(): number {
        return shared.value;
      }
    }
    const journey = new Journey();
    shared.socket = new Socket();
    expect(() => journey.ship(() => Helper.read())).to.throw(CaptureError, 'socket');
    expect(journey.here.sent).to.deep.equal([]);
    shared.socket = undefined;
    expect(journey.ship(() => Helper.read())()).to.equal(1);
    expect(new Set(journey.ship(() => [Helper, shared])()).size).to.equal(2);
  });

  it('is all found in a trial, of which nothing stays', () => {
    const shared = { value: 1, timer: undefined as unknown, socket: undefined as unknown };
    class Helper {
      static read(): number {
        return shared.value;
      }
    }
    const journey = new Journey();
    const { codec, store, sent } = journey.here;
    const work = () => Helper.read();
    const attempt = (): string[] =>
      codec
        .tryOut(() => {
          store.capture(work, 'work');
          codec.encode([work, Helper], 'args');
        })
        .map(({ path }) => path);
    shared.socket = new Socket();
    shared.timer = Promise.resolve();
    expect(attempt()).to.deep.equal([
      'work → Helper → shared → timer',
      'work → Helper → shared → socket',
    ]);
    [shared.socket, shared.timer] = [1, 2];
    expect(attempt()).to.deep.equal([]);
    expect(sent).to.deep.equal([]);
    shared.value = 3;
    expect(journey.ship(work)()).to.equal(3);
    expect(journey.parcels.length).to.equal(1);
    shared.socket = new Socket();
    expect(attempt()).to.deep.equal([]);
  });

  it('does not run getters to look for trouble', () => {
    const config = {
      get db(): unknown {
        return connect(1);
      },
    };
    expect(ship(() => Object.keys(config))()).to.deep.equal(['db']);
  });
});

describe('code: size', () => {
  const numbers = (megabytes: number): Float64Array => new Float64Array((megabytes * 1e6) / 8);

  it('warns of more than 10 MB, naming what weighs most', () => {
    const journey = new Journey();
    const [small, table] = [numbers(1), numbers(11)];
    journey.ship(() => small.length);
    expect(journey.here.warnings).to.deep.equal([]);
    journey.ship(() => small.length + table.length);
    expect(journey.here.warnings.length).to.equal(1);
    expect(journey.here.warnings[0]).to.match(/^work → table: .* 11 MB .*put\(\)/);
  });

  it('refuses more than 100 MB', () => {
    const data = { table: numbers(101) };
    const { path, reason } = refusal(() => data.table.length);
    expect(path).to.equal('work → data');
    expect(reason).to.include('101 MB').and.include('put()');
  });
});
