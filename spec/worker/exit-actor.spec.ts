import { expect } from 'chai';
import { callContext } from '../../lib/protocol/context';
import { ExitSignal } from '../../lib/protocol/exit-signal';
import { Bench } from './support';

describe('an instance that leaves its worker', () => {
  let bench: Bench;
  let seen: string[];
  beforeEach(() => {
    bench = new Bench();
    seen = [];
  });

  /** As `exitActor()` of user code. */
  const leave = (): never => {
    const context = callContext.getStore();
    if (context === undefined) throw new Error('no call runs');
    return bench.executor.exitActor(context);
  };

  class Leaver {
    constructor(how = '') {
      if (how === 'at once') leave();
    }
    leave(): void {
      try {
        leave();
      } finally {
        seen.push('finally');
      }
    }
    swallow(): string {
      try {
        return leave();
      } catch (signal) {
        seen.push(signal instanceof ExitSignal ? 'signal' : 'an error');
        return 'stayed';
      }
    }
    async later(): Promise<void> {
      await new Promise(setImmediate);
      leave();
    }
    note(text: string): void {
      seen.push(text);
    }
  }

  const left = () => bench.until(() => bench.said.find(({ type }) => type === 'exitActor'));

  for (const method of ['leave', 'swallow', 'later'] as const) {
    it(`says so before anything else of ${method}(), and begins none of the calls behind`, async () => {
      bench.create(bench.define('class', Leaver, 'Leaver'));
      const call = bench.invoke(method);
      bench.invoke('note', ['behind']);
      expect(await left()).to.deep.equal({ type: 'exitActor', actor: 'actor-1', call });
      const ends = bench.said.filter(({ type }) => type === 'exitActor' || type === 'done');
      expect(ends[0]?.type).to.equal('exitActor');
      bench.invoke('note', ['later']);
      for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
      expect(seen).to.not.include('behind').and.not.include('later');
      const cleaned = { leave: ['finally'], swallow: ['signal'], later: [] };
      expect(seen).to.deep.equal(cleaned[method]);
    });
  }

  it('may leave from its constructor', async () => {
    bench.create(bench.define('class', Leaver, 'Leaver'), ['at once']);
    bench.invoke('note', ['behind']);
    expect(await left()).to.deep.equal({ type: 'exitActor', actor: 'actor-1', call: 'actor-1' });
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    expect(seen).to.deep.equal([]);
  });

  it('asks none of its callbacks what to make of that', async () => {
    const ask = (): never => {
      seen.push('asked');
      throw new Error('asked');
    };
    const callbacks = { onCrash: ask, retryMethods: { leave: ask } };
    for (const how of ['', 'at once']) {
      bench = new Bench();
      const more = { callbacks: bench.callbacks(callbacks) };
      bench.create(bench.define('class', Leaver, 'Leaver', more), [how]);
      bench.invoke('leave');
      await left();
      for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    }
    expect(seen).to.deep.equal(['finally']);
  });

  it('ends its thread when the raylet asks for that', async () => {
    bench.create(bench.define('class', Leaver, 'Leaver'));
    bench.invoke('leave');
    await left();
    expect(bench.exits).to.deep.equal([]);
    bench.send({ type: 'retire' });
    await bench.until(() => bench.exits.length > 0);
    expect(bench.exits).to.deep.equal([0]);
  });
});

describe('an instance that is made anew', () => {
  it('knows how often, and its calls know which attempt they are', async () => {
    const bench = new Bench();
    class Knowing {
      readonly made = callContext.getStore()?.restarts;
      know(): unknown {
        const { restarts, attempt } = callContext.getStore() ?? {};
        return { made: this.made, restarts, attempt };
      }
    }
    bench.create(bench.define('class', Knowing, 'Knowing'), [], 2);
    expect(await bench.value(bench.invoke('know'))).to.deep.equal({
      made: 2,
      restarts: 2,
      attempt: 1,
    });
  });
});
