import { inspect, types } from 'node:util';
import { expect } from 'chai';
import { ActorDiedError, GetTimeoutError, TaskError } from '../../lib/base/errors';
import { createCodec } from '../../lib/data/codec';
import type { Kind } from '../../lib/data/kinds';
import { hop, hopThrown } from './hop';

class QuotaError extends RangeError {
  readonly #used = 11;
  readonly limit: number;
  constructor(limit: number, options?: ErrorOptions) {
    super(`over ${limit}`, options);
    this.name = 'QuotaError';
    this.limit = limit;
  }
  get used() {
    return this.#used;
  }
}

/** As `code/` does it: classes known on both sides go by a number. */
const classes: readonly unknown[] = [QuotaError];
const classTable: Kind<unknown, number> = {
  id: 'spec class',
  test: (value): value is unknown => classes.includes(value),
  encode: (value) => classes.indexOf(value),
  decode: (index) => classes[index],
};

function codecWithClasses() {
  const codec = createCodec();
  codec.register(classTable);
  return codec;
}

describe('errors on the move', () => {
  for (const Class of [
    Error,
    EvalError,
    RangeError,
    ReferenceError,
    SyntaxError,
    TypeError,
    URIError,
  ]) {
    it(`bring a ${Class.name}`, () => {
      const error = new Class('boom');
      const there = hopThrown(error);
      expect(there).to.be.instanceOf(Class).and.not.equal(error);
      expect(there.constructor).to.equal(Class);
      expect(types.isNativeError(there)).to.be.true;
      expect(there).to.include({ name: Class.name, message: 'boom', stack: error.stack });
      expect(Object.keys(there)).to.deep.equal([]);
    });
  }

  it('bring causes of all sorts, AggregateErrors and DOMExceptions', () => {
    const error = new AggregateError(
      [new TypeError('one', { cause: 'text' }), 2, new DOMException('stop', 'AbortError')],
      'many',
      { cause: new RangeError('why', { cause: { url: new URL('http://a') } }) },
    );
    const there = hopThrown(error);
    expect(there).to.be.instanceOf(AggregateError);
    expect(there.cause).to.be.instanceOf(RangeError);
    expect((there.cause as Error).cause).to.deep.equal({ url: new URL('http://a') });
    const [one, two, three] = there.errors as [TypeError, number, DOMException];
    expect(one).to.be.instanceOf(TypeError).with.property('cause', 'text');
    expect(two).to.equal(2);
    expect(three).to.be.instanceOf(DOMException);
    expect(three).to.include({ name: 'AbortError', message: 'stop', code: 20 });
  });

  it('bring an abort as it came from a signal', () => {
    const there = hopThrown(AbortSignal.abort().reason as DOMException);
    expect(there).to.be.instanceOf(DOMException).with.property('name', 'AbortError');
  });

  it('bring own fields, and errors of Node with their code', () => {
    const error = Object.assign(new Error('x'), { code: 'E1', list: [1n], when: new Date(0) });
    expect(hopThrown(error)).to.deep.include({ code: 'E1', list: [1n], when: new Date(0) });
    try {
      Buffer.alloc('x' as unknown as number);
    } catch (thrown) {
      const there = hopThrown(thrown as TypeError);
      expect(there).to.be.instanceOf(TypeError).with.property('code', 'ERR_INVALID_ARG_TYPE');
    }
  });

  it("bring a user's error to a thread without its class by name", () => {
    const there = hopThrown(new QuotaError(10));
    expect(there).to.be.instanceOf(Error);
    expect(there).to.include({ name: 'QuotaError', message: 'over 10', limit: 10, used: 11 });
    expect(there.stack).to.include('errors.spec.ts');
  });

  it('have the name of their class where nothing else names them', () => {
    class Unnamed extends Error {}
    expect(hopThrown(new Unnamed('x')).name).to.equal('Unnamed');
  });

  it('have their class where a kind takes it, and #private fields read', () => {
    const there = hopThrown(new QuotaError(10), codecWithClasses());
    expect(there).to.be.instanceOf(QuotaError).and.instanceOf(RangeError);
    expect(there.constructor).to.equal(QuotaError);
    expect(there).to.include({ limit: 10, used: 11 });
  });

  it('keep cycles and shared identity, in data too', () => {
    const inner = new TypeError('inner');
    const error = new QuotaError(1, { cause: inner }) as QuotaError & Record<string, unknown>;
    error.self = { error, list: [inner] };
    const [there, again] = hop([error, error], codecWithClasses());
    const self = there?.self as { error: unknown; list: unknown[] };
    expect(again).to.equal(there);
    expect(self.error).to.equal(there);
    expect(self.list[0]).to.equal(there?.cause);
  });

  it('keep their chain, however long', () => {
    let error = new Error('0');
    for (let level = 1; level < 2000; level += 1)
      error = new Error(String(level), { cause: error });
    let there = hopThrown(error);
    while (there.cause) there = there.cause as Error;
    expect(there.message).to.equal('0');
  });

  describe('that carry what cannot be sent', () => {
    it('describe it and keep the rest', () => {
      const error = Object.assign(new RangeError('x', { cause: new WeakMap() }), {
        ok: [1, { two: 2 }],
        request: { abort: () => 1 },
      });
      const there = hopThrown(error);
      expect(there).to.be.instanceOf(RangeError);
      expect(there.ok).to.deep.equal([1, { two: 2 }]);
      expect(there.request).to.equal(
        '[cannot be sent: error.request.abort: the function abort cannot be sent here; ' +
          'send what it needs as data]',
      );
      expect(there.cause).to.match(/^\[cannot be sent: error\.cause: a WeakMap cannot be sent/);
    });

    it('keep an error that hangs on one that is described', () => {
      const inner = new Error('inner');
      const error = Object.assign(new Error('x'), { bad: { inner, work: () => 1 }, good: [inner] });
      const there = hopThrown(error);
      expect(there.bad).to.match(/^\[cannot be sent: error\.bad\.work/);
      expect(there.good[0]).to.be.instanceOf(Error).with.property('message', 'inner');
    });

    it('describe getters that throw, theirs and in their fields', () => {
      class Hostile extends Error {
        get broken(): string {
          throw new Error('no');
        }
        field = {
          get broken(): string {
            throw new Error('no');
          },
        };
      }
      const there = hopThrown(new Hostile('x')) as unknown as Record<string, unknown>;
      expect(there.broken).to.equal('[cannot be read: Error: no]');
      expect(there.field).to.match(/^\[cannot be sent: error\.field\.broken: its getter threw/);
      expect(there.message).to.equal('x');
    });

    it('survive a message, stack, name and constructor that are out of order', () => {
      const error = new Error('x');
      for (const key of ['stack', 'message', 'name', 'constructor']) {
        Object.defineProperty(error, key, {
          get() {
            throw new Error('no');
          },
        });
      }
      expect(hopThrown(error)).to.be.instanceOf(Error);
      expect(hopThrown(Object.assign(new Error(), { message: 7, stack: {} }))).to.be.instanceOf(
        Error,
      );
    });

    it('arrive though a kind that claims them fails', () => {
      const codec = createCodec();
      codec.register<Error, unknown, unknown>({
        id: 'broken',
        test: (value): value is Error => value instanceof RangeError,
        encode: () => {
          throw new Error('no');
        },
        decode: () => new Error('never'),
      });
      const there = hopThrown(Object.assign(new RangeError('x'), { code: 5 }), codec);
      expect(there).to.be.instanceOf(RangeError).and.include({ message: 'x', code: 5 });
    });
  });

  describe('of rayx', () => {
    it('arrive as themselves', () => {
      const error = new ActorDiedError('Counter', '12345678ab', 'it was killed');
      const there = hopThrown(error);
      expect(there).to.be.instanceOf(ActorDiedError);
      expect(there).to.include({ ...error });
      expect(there.name).to.equal('ActorDiedError');
      expect(hopThrown(new GetTimeoutError(5, ['a'])).pending).to.deep.equal(['a']);
    });

    it('keep the class that a task has thrown, and its fields', () => {
      const error = new TaskError('divide', new QuotaError(10));
      const there = hopThrown(error, codecWithClasses()) as TaskError & QuotaError;
      expect(there).to.be.instanceOf(TaskError);
      expect(there).to.be.instanceOf(QuotaError);
      expect(there.constructor).to.equal(TaskError);
      expect(there.cause).to.be.instanceOf(QuotaError);
      expect(there).to.include({
        name: 'TaskError',
        task: 'divide',
        limit: 10,
        stack: error.stack,
      });
    });
  });

  describe('that are none', () => {
    for (const thrown of ['text', 7, undefined, null, { code: 1 }, [1n], Symbol.for('x')]) {
      it(`arrive as they are: ${inspect(thrown)}`, () => {
        expect(hopThrown(thrown)).to.deep.equal(thrown);
      });
    }

    it('are described where they cannot be sent', () => {
      const there = hopThrown<unknown>(() => 1);
      expect(there).to.be.instanceOf(Error);
      expect((there as Error).message).to.match(/^a function was thrown, which cannot be sent: /);
      expect((hopThrown<unknown>(Promise.resolve()) as Error).message).to.match(
        /^an object of class Promise was thrown/,
      );
      expect(hopThrown<unknown>(new Proxy(new Error('x'), {}))).to.be.instanceOf(Error);
    });
  });

  it('are described where they cannot be read', () => {
    const there = hopThrown<unknown>({ Class: QuotaError }, codecWithClasses(), createCodec());
    expect(there).to.be.instanceOf(Error);
    expect((there as Error).message).to.match(/cannot be read here/);
  });
});
