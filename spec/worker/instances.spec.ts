import { expect } from 'chai';
import { callContext } from '../../lib/protocol/context';
import { Bench } from './support';

class Counter {
  #count: number;
  readonly log: string[] = [];

  constructor(start: number) {
    if (start < 0) throw new RangeError('negative');
    this.#count = start;
  }

  add(n: number): number {
    return (this.#count += n);
  }

  async slowly(name: string): Promise<string[]> {
    this.log.push(`${name} begins`);
    await new Promise(setImmediate);
    this.log.push(`${name} ends`);
    return this.log;
  }

  fail(): void {
    throw new RangeError('failed');
  }
}

describe('an instance on a worker', () => {
  let bench: Bench;
  let spec: string;
  beforeEach(() => {
    bench = new Bench();
    spec = bench.define('class', Counter, 'Counter');
  });

  const created = () => bench.until(() => bench.said.find(({ type }) => type === 'created'));

  it('is made by its constructor, and keeps its state from call to call', async () => {
    bench.create(spec, [10]);
    const calls = [bench.invoke('add', [1]), bench.invoke('add', [2])];
    expect(await bench.value(calls[0] ?? '')).to.equal(11);
    expect(await bench.value(calls[1] ?? '')).to.equal(13);
    expect(await created()).to.deep.equal({
      type: 'created',
      actor: 'actor-1',
      outcome: { ok: true, value: undefined },
    });
  });

  it('takes one call at a time, asynchronous ones too', async () => {
    bench.create(spec, [0]);
    bench.invoke('slowly', ['a']);
    expect(await bench.value(bench.invoke('slowly', ['b']))).to.deep.equal([
      'a begins',
      'a ends',
      'b begins',
      'b ends',
    ]);
  });

  it('takes as many calls at a time as it may, and the next as soon as one has ended', async () => {
    class Pairs {
      readonly log: string[] = [];
      leave: (() => void) | undefined;
      async enter(name: string): Promise<string[]> {
        this.log.push(`${name} begins`);
        const { leave } = this;
        // Every second one lets the one before it go, and goes behind it.
        if (leave === undefined) await new Promise<void>((resolve) => (this.leave = resolve));
        else await Promise.resolve(leave()).then(() => (this.leave = undefined));
        this.log.push(`${name} ends`);
        return this.log;
      }
    }
    bench.create(bench.define('class', Pairs, 'Pairs', { actor: { maxConcurrency: 2 } }));
    const calls = ['a', 'b', 'c', 'd'].map((name) => bench.invoke('enter', [name]));
    expect(await bench.value(calls[3] ?? '')).to.deep.equal(
      ['a begins', 'b begins', 'a ends', 'b ends'].concat([
        'c begins',
        'd begins',
        'c ends',
        'd ends',
      ]),
    );
  });

  it('takes calls of a group beside all others, in the order of the group', async () => {
    class Log {
      readonly seen: string[] = [];
      open = (): void => {};
      readonly opened = new Promise<void>((resolve) => {
        this.open = resolve;
      });
      async wait(name: string): Promise<string[]> {
        this.seen.push(name);
        await this.opened;
        return this.seen;
      }
      release(): void {
        this.open();
      }
    }
    const policy = { concurrencyGroups: { 'a b': 1, a_b: 1 } };
    bench.create(bench.define('class', Log, 'Log', { actor: policy }));
    await created();
    const first = bench.invoke('wait', ['first']);
    const others = ['second', 'third'].map((name) =>
      bench.invoke('wait', [name], { group: 'a b' }),
    );
    bench.invoke('release', [], { group: 'a_b' });
    expect(await bench.value(first)).to.deep.equal(['first', 'second']);
    expect(await bench.value(others[1] ?? '')).to.deep.equal(['first', 'second', 'third']);
  });

  it('says once that a call blocks those beside it', async () => {
    class Blocker {
      readonly leave: (() => void)[] = [];
      stay(): Promise<void> {
        return new Promise((resolve) => this.leave.push(resolve));
      }
      end(): void {
        for (const leave of this.leave) leave();
      }
      block(): void {
        callContext.getStore()?.onBlock?.();
      }
    }
    bench.create(bench.define('class', Blocker, 'Blocker', { actor: { maxConcurrency: 4 } }));
    await bench.done(bench.invoke('block'));
    const notes = () => bench.said.filter(({ type }) => type === 'output');
    expect(notes()).to.have.length(0);
    const methods = ['stay', 'stay', 'block', 'block', 'end'];
    const calls = methods.map((method) => bench.invoke(method));
    for (const call of calls) await bench.done(call);
    expect(notes()).to.deep.equal([
      {
        type: 'output',
        fd: 2,
        source: 'Blocker',
        text: 'Blocker.block blocks 2 other calls of its actor by getSync(); use await get() instead\n',
      },
    ]);
  });

  it('lives on when a method throws', async () => {
    bench.create(spec, [1]);
    expect(await bench.thrown(bench.invoke('fail'))).to.be.instanceOf(RangeError);
    expect(await bench.value(bench.invoke('add', [1]))).to.equal(2);
  });

  it('refuses a method that it does not have', async () => {
    bench.create(spec, [0]);
    const { outcome } = await bench.done(bench.invoke('substract'));
    expect(outcome).to.deep.equal({
      ok: false,
      failure: {
        kind: 'system',
        code: 'INVALID_CALL',
        message: 'Counter has no method substract()',
      },
    });
  });

  it('reads the arguments of a call that it refuses: refs among them are to be released', async () => {
    let read = 0;
    class Ticket {}
    bench.codec.register<Ticket, string, undefined>({
      id: 'ticket',
      test: (value): value is Ticket => value instanceof Ticket,
      encode: () => 'ticket',
      decode: () => {
        read += 1;
        return new Ticket();
      },
    });
    bench.create(spec, [0]);
    await bench.done(bench.invoke('substract', [new Ticket()]));
    expect(read).to.equal(1);
  });

  it('reports what its constructor threw', async () => {
    bench.create(spec, [-1]);
    const said = await created();
    expect(said).to.have.nested.property('outcome.failure.task', 'Counter');
  });

  it('tells its calls apart by name', async () => {
    bench.create(spec, [0]);
    await bench.done(bench.invoke('add', [1]));
    expect(bench.ended.map(({ name, caller }) => [name, caller])).to.deep.equal([
      ['Counter', 'actor-1'],
      ['Counter.add', 'actor-1'],
    ]);
  });
});
