import { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { CaptureError, get, init, remote, shutdown } from 'rayx';
import { errorOf } from './timing';

class Secret {
  readonly #word = 'hush';
  tell(): string {
    return this.#word;
  }
}

/** Calls a remote function that uses something which cannot travel; what names it in the path. */
const refusals: Record<string, { call: (this: unknown) => unknown; names: RegExp }> = {
  'a socket, deep inside what it uses': {
    call: () => {
      const pool = { connections: [{ socket: new Socket() }] };
      return remote(function work() {
        return pool.connections.length;
      }).remote();
    },
    names: /work → pool[^]*connections[^]*socket[^]*Socket/,
  },
  'a stream': {
    call: () => {
      const stream = new PassThrough();
      return remote(() => stream.readable).remote();
    },
    names: /stream/,
  },
  'a promise': {
    call: () => {
      const promise = Promise.resolve(1);
      return remote(() => promise).remote();
    },
    names: /promise/i,
  },
  'a running generator': {
    call: () => {
      const numbers = (function* () {
        yield 1;
      })();
      return remote(() => numbers.next().value).remote();
    },
    names: /numbers/,
  },
  'a proxy': {
    call: () => {
      const proxy = new Proxy({}, {});
      return remote(() => proxy).remote();
    },
    names: /proxy/i,
  },
  'an AbortController': {
    call: () => {
      const controller = new AbortController();
      return remote(() => controller.signal.aborted).remote();
    },
    names: /controller/,
  },
  'a timer': {
    call: () => {
      const timer = setTimeout(() => {}, 0);
      return remote(() => timer).remote();
    },
    names: /timer/i,
  },
  'a result of promisify': {
    call: () => {
      const later = promisify((done: (error: Error | null) => void) => done(null));
      return remote(() => later()).remote();
    },
    names: /later[^]*inside the function/,
  },
  'the this of an enclosing function': {
    call() {
      return remote(() => this).remote();
    },
    names: /this/,
  },
  'new.target of an enclosing function': {
    call: () => {
      function Outer(): unknown {
        return remote(() => new.target).remote();
      }
      return Outer();
    },
    names: /new\.target/,
  },
  'direct eval': {
    call: () => remote((code: string) => eval(code) as unknown).remote('1'),
    names: /eval/,
  },
  'super in a method of an object literal': {
    call: () => {
      const tools = {
        print(): string {
          // eslint-disable-next-line @typescript-eslint/no-unsafe-member-access -- what this is about
          return String(super.toString);
        },
      };
      return remote(() => tools.print()).remote();
    },
    names: /super/,
  },
  'a changing variable shared by two closures': {
    call: () => {
      let n = 0;
      const counter = { increment: () => ++n, read: () => n };
      return remote(() => counter.increment() + counter.read()).remote();
    },
    names: /two closures share the changing variable n: keep it in an actor/,
  },
  'an instance with private fields': {
    call: () => {
      const secret = new Secret();
      return remote(() => secret.tell()).remote();
    },
    names: /secret[^]*#word[^]*registerClass|secret[^]*registerClass/,
  },
};

describe('a remote function is refused at the call, with the path, when it uses', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  for (const [what, { call, names }] of Object.entries(refusals)) {
    it(what, async () => {
      const error = await errorOf(() => call.call({}));
      expect(error).to.be.instanceOf(CaptureError);
      expect(error.message).to.match(names);
      // The way to it from the function, what it is, and the way out.
      expect(error.message).to.match(/^(work|anonymous)( → \S+)*: .{10,}[;:] .{10,}/);
    });
  }

  it('nothing of the kind: a class that extends a native one works', async () => {
    class Bus extends EventEmitter {
      greet(): string {
        let heard = '';
        this.once('hello', (name: string) => (heard = name));
        this.emit('hello', 'world');
        return heard;
      }
    }
    expect(await get(remote(() => new Bus().greet()).remote())).to.equal('world');
  });

  it('and may be called after it was mended', async () => {
    const connection: { socket?: Socket; name: string } = { socket: new Socket(), name: 'db' };
    const name = remote(() => connection.name);
    expect(() => name.remote()).to.throw(CaptureError, /socket/);
    delete connection.socket;
    expect(await get(name.remote())).to.equal('db');
  });
});
