import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { FromWorker } from '../../lib/protocol/messages';
import { Bench } from './support';

const stream = {};

describe('generators of a worker', () => {
  let bench: Bench;
  beforeEach(() => (bench = new Bench()));

  /** What a call has yielded so far, decoded. */
  const items = (call: string): unknown[] =>
    bench.said
      .filter((said) => said.type === 'yielded')
      .filter((said) => said.call === call)
      .map(({ value }) => bench.codec.decode(value));

  const ordered = (call: string): readonly FromWorker['type'][] =>
    bench.said.filter((said) => 'call' in said && said.call === call).map(({ type }) => type);

  it('report each item with its number, then their end', async () => {
    const count = bench.define(
      'function',
      function* (to: number) {
        for (let i = 1; i <= to; i += 1) yield { i };
      },
      'count',
    );
    const call = bench.run(count, [3], { stream });
    expect(await bench.value(call)).to.equal(undefined);
    expect(items(call)).to.deep.equal([{ i: 1 }, { i: 2 }, { i: 3 }]);
    expect(ordered(call)).to.deep.equal(['yielded', 'yielded', 'yielded', 'done']);
    const indices = bench.said.flatMap((said) => (said.type === 'yielded' ? said.index : []));
    expect(indices).to.deep.equal([0, 1, 2]);
  });

  it('report an item at once, while they go on', async () => {
    let open: () => void = () => {};
    const pair = bench.define(
      'function',
      async function* () {
        yield 1;
        await new Promise<void>((resolve) => (open = resolve));
        yield Promise.resolve(2);
      },
      'pair',
    );
    const call = bench.run(pair, [], { stream });
    await bench.until(() => items(call).length === 1);
    expect(ordered(call)).to.deep.equal(['yielded']);
    open();
    await bench.done(call);
    expect(items(call)).to.deep.equal([1, 2]);
  });

  it('await what a synchronous one yields', async () => {
    const one = bench.define(
      'function',
      function* () {
        yield Promise.resolve(1);
      },
      'one',
    );
    const call = bench.run(one, [], { stream });
    await bench.done(call);
    expect(items(call)).to.deep.equal([1]);
  });

  it('fail with what they throw, behind their items', async () => {
    const fails = bench.define(
      'function',
      function* () {
        yield 1;
        throw new RangeError('no more');
      },
      'fails',
    );
    const call = bench.run(fails, [], { stream });
    expect(await bench.thrown(call)).to.be.instanceOf(RangeError);
    expect(items(call)).to.deep.equal([1]);
  });

  it('fail at an item that cannot travel, and clean up', async () => {
    let cleaned = false;
    const leak = bench.define(
      'function',
      function* () {
        try {
          yield 1;
          yield { socket: new WeakRef({}) };
          yield 3;
        } finally {
          cleaned = true;
        }
      },
      'leak',
    );
    const call = bench.run(leak, [], { stream });
    const error = (await bench.thrown(call)) as Error;
    expect(error.message).to.include('items[1].socket');
    expect(items(call)).to.deep.equal([1]);
    expect(cleaned).to.equal(true);
  });

  it('are told from values that are none', async () => {
    const list = bench.define('function', () => [1, 2], 'list');
    const { outcome } = await bench.done(bench.run(list, [], { stream }));
    expect(outcome).to.have.nested.property('failure.code', 'INVALID_CALL');
    expect(outcome).to.have.nested.property('failure.message').that.includes('list');
  });

  for (const [kind, endless] of [
    [
      'synchronous',
      function* (cleaned: () => void) {
        try {
          for (;;) yield 1;
        } finally {
          cleaned();
        }
      },
    ],
    [
      'asynchronous',
      async function* (cleaned: () => void) {
        try {
          for (;;) yield 1;
        } finally {
          cleaned();
        }
      },
    ],
  ] as const) {
    it(`let the thread take its messages though they never wait: ${kind}`, async () => {
      let cleaned = false;
      const spin = bench.define('function', () => endless(() => (cleaned = true)), 'spin');
      const call = bench.run(spin, [], { stream });
      await bench.until(() => items(call).length > 0);
      await bench.abort(call);
      await bench.done(call);
      expect(cleaned).to.equal(true);
      expect(bench.ended).to.have.length(1);
    });
  }

  it('wait for a raylet that cannot follow, and go on when it has', async () => {
    const count = 300;
    const many = bench.define(
      'function',
      function* () {
        for (let i = 0; i < count; i += 1) yield 'x'.repeat(1000);
      },
      'many',
    );
    bench.follows = false;
    const call = bench.run(many, [], { stream });
    await bench.until(() => items(call).length > 20);
    await sleep(30);
    expect(items(call)).to.have.length.below(100);
    bench.follows = true;
    bench.follow();
    await bench.done(call);
    expect(items(call)).to.have.length(count);
  });

  it('end when nobody reads on, at their next item', async () => {
    let open: () => void = () => {};
    const pair = bench.define(
      'function',
      async function* () {
        yield 1;
        await new Promise<void>((resolve) => (open = resolve));
        yield 2;
        yield 3;
      },
      'pair',
    );
    const call = bench.run(pair, [], { stream });
    await bench.until(() => items(call).length === 1);
    await bench.abort(call);
    await sleep(10);
    expect(ordered(call)).to.deep.equal(['yielded']);
    open();
    await bench.done(call);
    expect(items(call)).not.to.include(3);
  });

  it('take no notice when they are told about calls that do not run', () => {
    bench.send({ type: 'taken', call: 'gone', count: 1 });
  });

  it('pause when their reader is as many items behind as it may be', async () => {
    let reached = 0;
    const count = bench.define(
      'function',
      function* () {
        for (reached = 1; reached <= 4; reached += 1) yield reached;
      },
      'count',
    );
    const call = bench.run(count, [], { stream: { backpressure: 2 } });
    await bench.until(() => items(call).length === 2 && bench.pauses.length > 0);
    expect(reached).to.equal(2);
    expect(bench.pauses).to.deep.include({ ...bench.pauses[0], call, taken: 1 });
    await bench.taken(call, 1);
    await bench.until(() => items(call).length === 3 && bench.pauses.length > 0);
    expect(bench.pauses[0]).to.have.property('taken', 2);
    // More was taken than it had to wait for: it asks no more.
    await bench.taken(call, 3);
    await bench.done(call);
    expect(items(call)).to.deep.equal([1, 2, 3, 4]);
    expect(bench.pauses).to.deep.equal([]);
  });

  it('end while they pause', async () => {
    const endless = bench.define(
      'function',
      function* () {
        for (;;) yield 1;
      },
      'endless',
    );
    const call = bench.run(endless, [], { stream: { backpressure: 1 } });
    await bench.until(() => bench.pauses.length > 0);
    await bench.abort(call);
    await bench.done(call);
    expect(items(call)).to.deep.equal([1]);
    expect(bench.pauses).to.deep.equal([]);
  });

  it('occupy their instance until they have ended', async () => {
    let open: () => void = () => {};
    class Feed {
      async *items() {
        yield 1;
        await new Promise<void>((resolve) => (open = resolve));
        yield 2;
      }
      after() {
        return 'after';
      }
    }
    bench.create(bench.define('class', Feed, 'Feed'));
    const [first, then] = [bench.invoke('items', [], { stream }), bench.invoke('after')];
    await bench.until(() => items(first).length === 1);
    await sleep(10);
    expect(ordered(then)).to.deep.equal([]);
    open();
    expect(await bench.value(then)).to.equal('after');
    expect(items(first)).to.deep.equal([1, 2]);
  });
});
