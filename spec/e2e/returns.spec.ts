import { expect } from 'chai';
import {
  get,
  getRuntimeContext,
  init,
  InvalidCallError,
  put,
  remote,
  shutdown,
  TaskError,
  wait,
  type ObjectRef,
} from 'rayx';
import { ScriptFolder } from './script';
import { errorOf } from './timing';

describe('a call with numReturns', function () {
  this.timeout(30_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  const divide = remote((a: number, b: number) => [Math.trunc(a / b), a % b], { numReturns: 2 });

  it('answers with a ref for each value of the list', async () => {
    const [quotient, rest] = divide.remote(7, 2);
    expect(await get(rest)).to.equal(1);
    expect(await get(quotient)).to.equal(3);
    expect(await get(divide.remote(9, 4))).to.deep.equal([2, 1]);
  });

  it('takes lists of all kinds, asynchronous ones and promises inside too', async () => {
    const kinds = [
      remote(async () => ['a', 'b'], { numReturns: 2 }),
      remote(() => new Set(['a', 'b']), { numReturns: 2 }),
      remote(() => [Promise.resolve('a'), 'b'], { numReturns: 2 }),
    ] as const;
    for (const kind of kinds) expect(await get([...kind.remote()])).to.deep.equal(['a', 'b']);
    const typed = remote(() => Uint8Array.of(1, 2), { numReturns: 2 });
    expect(await get(typed.remote())).to.deep.equal([1, 2]);
  });

  it('gives each value as its own, to dependants and to wait', async () => {
    const add = remote((a: number, b: number) => a + b);
    const [quotient, rest] = divide.remote(17, 5);
    const sum = add.remote(quotient, rest);
    const [ready, pending] = await wait([rest, quotient, sum], { numReturns: 3 });
    expect(ready).to.deep.equal([rest, quotient, sum]);
    expect(pending).to.deep.equal([]);
    expect(await get(sum)).to.equal(5);
  });

  it('lets one value outlive the others', async () => {
    const make = remote(() => [new Uint8Array(1 << 20).fill(1), 'small'], { numReturns: 2 });
    const keepOne = async (): Promise<ObjectRef<unknown>> => {
      const [large, small] = make.remote();
      await get([large, small]);
      return small;
    };
    const small = await keepOne();
    globalThis.gc?.();
    const echo = remote((value: unknown) => value);
    expect(await get(echo.remote(small))).to.equal('small');
  });

  it('fails every ref with the same error', async () => {
    const fail = remote(
      function fail(): [number, number] {
        throw new RangeError('went wrong');
      },
      { numReturns: 2 },
    );
    for (const ref of fail.remote()) {
      const error = await errorOf(() => get(ref));
      expect(error).to.be.instanceOf(TaskError).and.to.be.instanceOf(RangeError);
    }
    const echo = remote(function echo(value: number) {
      return value;
    });
    const [, second] = fail.remote();
    expect(await errorOf(() => get(echo.remote(second)))).to.include({ dependency: 'fail' });
  });

  const counts: readonly [string, unknown, string][] = [
    ['too many', [1, 2, 3], 'wrong answered with 3 values, but its numReturns is 2'],
    ['too few', [1], 'wrong answered with 1 value, but its numReturns is 2'],
    ['more than can be counted', new Set([1, 2, 3]), 'wrong answered with more values'],
    ['no list', { a: 1 }, 'wrong answered with an object that is no list'],
    ['text', 'ab', 'wrong answered with a string'],
    ['nothing', undefined, 'wrong answered with undefined'],
  ];
  for (const [name, value, message] of counts) {
    it(`fails every ref, saying what it got: ${name}`, async () => {
      const wrong = remote(
        function wrong(result: unknown) {
          return result as never;
        },
        { numReturns: 2 },
      );
      for (const ref of wrong.remote(value)) {
        const error = await errorOf(() => get(ref));
        expect(error).to.be.instanceOf(InvalidCallError);
        expect(error.message).to.include(message);
      }
    });
  }

  it('runs again as a whole when its worker dies', async () => {
    const once = remote(
      () => {
        const { attempt } = getRuntimeContext();
        if (attempt === 1) process.exit(1);
        return [attempt, attempt];
      },
      { numReturns: 2, maxRetries: 1 },
    );
    expect(await get(once.remote())).to.deep.equal([2, 2]);
  });

  it('can be told by options, and back', async () => {
    const pair = remote((): [number, number] => [1, 2]);
    expect(await get(pair.remote())).to.deep.equal([1, 2]);
    expect(await get(pair.options({ numReturns: 2 }).remote())).to.deep.equal([1, 2]);
    expect(await get(pair.options({ numReturns: 2 }).options({ numReturns: 1 }).remote()))
      .to.deep //
      .equal([1, 2]);
  });

  it('works from within tasks, and for many values', async () => {
    const many = remote((count: number) => Array.from({ length: count }, (_, at) => at), {
      numReturns: 1000,
    });
    const sum = remote(async () => {
      const values = await get([...many.remote(1000)]);
      return values.reduce((total, value) => total + value, 0);
    });
    expect(await get(sum.remote())).to.equal(499_500);
  });

  it('sends refs among its values', async () => {
    const hand = remote(() => [put('a'), [put('b')]] as const, { numReturns: 2 });
    const [first, second] = hand.remote();
    expect(await get(await get(first))).to.equal('a');
    expect(await get(await get(second))).to.deep.equal(['b']);
  });

  describe('of a generator', () => {
    function* count(limit: number): Generator<number> {
      for (let at = 0; at < limit; at += 1) yield at;
    }
    async function* countAsync(limit: number): AsyncGenerator<number> {
      for (let at = 0; at < limit; at += 1) yield at;
    }
    const functions = {
      'a plain one': remote(count, { numReturns: 3 }),
      'an asynchronous one': remote(countAsync, { numReturns: 3 }),
    };
    for (const [name, fn] of Object.entries(functions)) {
      it(`takes the first values that it yields: ${name}`, async () => {
        expect(await get(fn.remote(3))).to.deep.equal([0, 1, 2]);
        expect(await get(fn.remote(Infinity)), 'more').to.deep.equal([0, 1, 2]);
      });

      it(`fails every ref when it yields fewer: ${name}`, async () => {
        for (const ref of fn.remote(2)) {
          const error = await errorOf(() => get(ref));
          expect(error).to.be.instanceOf(InvalidCallError);
          expect(error.message).to.match(/yielded 2 values, but its numReturns is 3/);
        }
      });
    }

    it('takes a single value as that', async () => {
      expect(await get(remote(count, { numReturns: 1 }).remote(5))).to.equal(0);
    });
  });

  describe('of an actor', () => {
    class Splitter {
      calls = 0;
      split(text: string): [string, string] {
        this.calls += 1;
        return [text.slice(0, 1), text.slice(1)];
      }
      *letters(text: string): Generator<string> {
        yield* text;
      }
      count(): number {
        return this.calls;
      }
    }

    it('answers with a ref for each value', async () => {
      const splitter = remote(Splitter).remote();
      const [first, rest] = splitter.split.options({ numReturns: 2 }).remote('abc');
      expect(await get([first, rest])).to.deep.equal(['a', 'bc']);
      expect(await get(splitter.split.remote('abc'))).to.deep.equal(['a', 'bc']);
      const three = splitter.letters.options({ numReturns: 3 }).remote('abc');
      expect(await get(three)).to.deep.equal(['a', 'b', 'c']);
      expect(splitter.split.options({ numReturns: 0 }).remote('abc')).to.equal(undefined);
      expect(await get(splitter.count.remote())).to.equal(3);
    });

    it('can be told with the class, for handles everywhere', async () => {
      const splitter = remote(Splitter, { methods: { split: { numReturns: 2 } } }).remote();
      const halves = splitter.split.remote('abc') as unknown as ObjectRef<string>[];
      expect(await get(halves)).to.deep.equal(['a', 'bc']);
      const use = remote((handle: typeof splitter) => {
        const refs = handle.split.remote('xyz') as unknown as ObjectRef<string>[];
        return get(refs);
      });
      expect(await get(use.remote(splitter))).to.deep.equal(['x', 'yz']);
    });
  });
});

describe('a script with numReturns', function () {
  this.timeout(30_000);
  let folder: ScriptFolder;
  before(() => (folder = new ScriptFolder()));
  after(() => folder.remove());

  const prelude = `
    const { get, init, remote, shutdown } = require('rayx');
    init({ numCpus: 1 }); // calls run in their order
    const square = remote((x) => x * x);
  `;
  const script = (text: string) => folder.run(prelude + text);

  it('is told once of a failure that nobody looked at', async () => {
    const { stderr, status } = await script(`
      const fail = remote(function fail() { throw new Error('went wrong'); }, { numReturns: 3 });
      const refs = fail.remote();
      get(square.remote(2)).then(() => shutdown()).then(() => refs);`);
    expect(stderr.match(/fail failed and nobody looked at its result/g)).to.have.length(1);
    expect(stderr).to.match(/submitted at .*script\.cjs/);
    expect(status).to.equal(0);
  });

  it('is not told when one of the refs was looked at', async () => {
    const { stderr, stdout } = await script(`
      const fail = remote(function fail() { throw new Error('went wrong'); }, { numReturns: 3 });
      const refs = fail.remote();
      get(refs[1]).catch((error) => console.log(error.name)).then(() => refs);`);
    expect({ stderr, stdout }).to.deep.equal({ stderr: '', stdout: 'TaskError\n' });
  });

  it('gets nothing for none, but is told of a failure', async () => {
    const { stderr, stdout } = await script(`
      const fail = remote(function fail() { throw new Error('went wrong'); }, { numReturns: 0 });
      const drop = remote(() => () => Symbol.iterator, { numReturns: 0 });
      console.log(fail.remote(), drop.remote());
      get(square.remote(2)).then(() => shutdown());`);
    expect(stdout).to.equal('undefined undefined\n');
    expect(stderr).to.match(/^rayx: fail failed and nobody looked at its result, submitted at /);
    expect(stderr.match(/nobody looked/g)).to.have.length(1);
  });

  it('runs a generator whose values are dropped to its end', async () => {
    const { stdout } = await script(`
      const tell = remote(function* tell() { yield 1; console.log('after one'); yield 2; console.log('after two'); }, { numReturns: 0 });
      tell.remote();
      get(square.remote(2));`);
    expect(stdout).to.match(/after one\n.*after two\n$/);
  });

  it('is told when a generator had more to give', async () => {
    const { stderr, stdout } = await script(`
      const count = remote(function* count() {
        try { for (let at = 0; ; at++) yield at; } finally { console.log('closed'); }
      }, { numReturns: 2 });
      get(count.remote()).then(() => shutdown());`);
    expect(stderr).to.match(
      /^\(count worker=1\) yielded more than its numReturns of 2: the further values are dropped\n$/,
    );
    expect(stdout).to.match(/closed\n$/);
  });
});
