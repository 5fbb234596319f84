import { once } from 'node:events';
import { Socket } from 'node:net';
import { MessageChannel } from 'node:worker_threads';
import { expect } from 'chai';
import { SerializationError } from '../../lib/base/errors';
import { createCodec } from '../../lib/data/codec';

function refusalOf(value: unknown, path = 'args'): SerializationError {
  try {
    createCodec().encode(value, path);
  } catch (error) {
    expect(error).to.be.instanceOf(SerializationError);
    return error as SerializationError;
  }
  throw new Error('it was not refused');
}

class Plain {
  x = 1;
}

describe('values that cannot travel', () => {
  const cases: readonly (readonly [title: string, value: unknown, reason: RegExp])[] = [
    ['a function', function work() {}, /^the function work cannot be sent here; /],
    ['an arrow', [() => 1][0], /^a function cannot be sent here; /],
    ['a Promise', Promise.resolve(1), /^a Promise cannot be sent; await it first/],
    ['a WeakMap', new WeakMap(), /^a WeakMap cannot be sent; /],
    ['a WeakSet', new WeakSet(), /^a WeakSet cannot be sent; /],
    ['a WeakRef', new WeakRef({}), /^a WeakRef cannot be sent; send what it refers to/],
    ['a Proxy', new Proxy({}, {}), /^a Proxy cannot be sent; /],
    ['a generator', (function* () {})(), /^a Generator cannot be sent; .*array of its values/],
    ['an iterator', [1].values(), /^an Array Iterator cannot be sent; /],
    [
      'an AbortSignal',
      new AbortController().signal,
      /^an AbortSignal cannot be sent; .*make it there/,
    ],
    ['an AbortController', new AbortController(), /^an AbortController cannot be sent; /],
    ['a stream', process.stdout, /cannot be sent; open it inside the function/],
    ['an instance', new Plain(), /^an instance of Plain cannot be sent; .*registerClass\(\)/],
    ['an array of a class', new (class List extends Array {})(), /^an instance of List /],
    ['a Map of a class', new (class Table extends Map {})(), /^an instance of Table /],
    ['a local symbol', Symbol('mine'), /^Symbol\(mine\) cannot be sent; .*Symbol\.for\(\)/],
  ];
  for (const [title, value, reason] of cases) {
    it(`say so: ${title}`, () => {
      expect(refusalOf(value)).to.include({ path: 'args' });
      expect(refusalOf(value).reason).to.match(reason);
    });
  }

  it('say where they are', () => {
    const socket = new Socket();
    const error = refusalOf([1, { config: { socket } }]);
    expect(error.path).to.equal('args[1].config.socket');
    expect(error.message).to.equal(
      'args[1].config.socket: a Socket cannot be sent; ' +
        'open it inside the function, or keep it in an actor',
    );
    socket.destroy();
  });

  it('say where they are in a Map, a Set, and under an odd key', () => {
    const work = () => 1;
    expect(refusalOf(new Map([['k', [work]]])).path).to.equal('args.get("k")[0]');
    expect(refusalOf(new Map([[work, 1]])).path).to.equal('args.keys()[0]');
    expect(refusalOf(new Set([1, work])).path).to.equal('args.values()[1]');
    expect(refusalOf({ 'a b': { 0: work } }).path).to.equal('args["a b"]["0"]');
  });

  it('keep the ends of a path that is very long', () => {
    let value: unknown = { work: () => 1 };
    for (let level = 0; level < 50_000; level += 1) value = { next: value };
    expect(refusalOf(value).path).to.match(/^args\.next.{1,200}…(\.next){11}\.work$/);
  });

  it('include timers and ports', async () => {
    const timer = setTimeout(() => {}, 1000);
    expect(refusalOf({ timer }).message).to.match(
      /^args\.timer: a Timeout cannot be sent; make it/,
    );
    clearTimeout(timer);
    const { port1 } = new MessageChannel();
    expect(refusalOf([port1]).message).to.match(/^args\[0\]: a MessagePort cannot be sent; /);
    port1.close();
    await once(port1, 'close');
  });

  it('include memory that was transferred away', () => {
    const memory = new ArrayBuffer(8);
    const view = new Uint8Array(memory);
    structuredClone(memory, { transfer: [memory] });
    expect(refusalOf([view]).message).to.match(/^args\[0\]: its memory was transferred/);
  });

  it('name a getter that throws, with its error as the cause', () => {
    const boom = new Error('boom');
    const value = {
      get bad(): number {
        throw boom;
      },
    };
    const error = refusalOf([value]);
    expect(error.message).to.equal('args[0].bad: its getter threw');
    expect(error.cause).to.equal(boom);
  });

  it('do not run the traps of a Proxy', () => {
    const trap = () => {
      throw new Error('trapped');
    };
    const proxy: object = new Proxy({}, { get: trap, ownKeys: trap });
    expect(refusalOf([proxy]).message).to.match(/^args\[0\]: a Proxy cannot be sent/);
  });
});
