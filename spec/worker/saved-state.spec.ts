import { expect } from 'chai';
import { callContext } from '../../lib/protocol/context';
import type { ActorPolicy } from '../../lib/protocol/specs';
import { currentCall, type UserCall } from '../../lib/worker/call';
import { Bench } from './support';

class Ledger {
  entries: string[];
  restored = false;

  constructor(...entries: string[]) {
    this.entries = entries;
  }

  add(entry: string): number {
    return this.entries.push(entry);
  }

  fail(entry: string): never {
    this.entries.push(entry);
    throw new RangeError('failed');
  }

  all(): string[] {
    return this.entries;
  }

  saveState(): unknown {
    if (this.entries.includes('unsavable')) throw new TypeError('cannot be saved');
    return { entries: this.entries };
  }

  restoreState(state: { entries: string[] }): void {
    if (state.entries.includes('poison')) throw new TypeError('cannot be restored');
    this.entries = state.entries;
  }
}

describe('the state of an instance on a worker', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });

  const make = (actor: ActorPolicy | undefined, Class: unknown = Ledger): string =>
    bench.define('class', Class, 'Ledger', actor && { actor });
  const saved = (): unknown[] => bench.sent('saved').map(({ state }) => bench.codec.decode(state));

  it('is sent after each call, before its result, those that throw included', async () => {
    bench.create(make({ maxRestarts: 1 }));
    await bench.done(bench.invoke('add', ['a']));
    await bench.done(bench.invoke('fail', ['b']));
    expect(saved()).to.deep.equal([{ entries: ['a'] }, { entries: ['a', 'b'] }]);
    const order = bench.said.map(({ type }) => type).filter((type) => type !== 'output');
    expect(order).to.deep.equal(['created', 'saved', 'done', 'saved', 'done']);
  });

  it('is sent after every so many calls, where told', async () => {
    bench.create(make({ maxRestarts: -1, saveEvery: 3 }));
    for (const entry of 'abcdefg') await bench.done(bench.invoke('add', [entry]));
    expect(saved().map((state) => (state as Ledger).entries.join(''))).to.deep.equal([
      'abc',
      'abcdef',
    ]);
  });

  it('is sent before the result where it takes time, and the order is kept', async () => {
    class Slow extends Ledger {
      override async saveState(): Promise<unknown> {
        await new Promise(setImmediate);
        return [...this.entries];
      }
    }
    bench.create(make({ maxRestarts: 1 }, Slow));
    bench.invoke('add', ['a']);
    await bench.done(bench.invoke('add', ['b']));
    expect(saved()).to.deep.equal([['a'], ['a', 'b']]);
    const order = bench.said.map(({ type }) => type);
    expect(order).to.deep.equal(['created', 'saved', 'done', 'saved', 'done']);
  });

  it('is not sent when a later one, which took less time, was sent already', async () => {
    const ends: (() => void)[] = [];
    class Slow extends Ledger {
      override saveState(): Promise<unknown> {
        const entries = [...this.entries];
        return new Promise((resolve) => ends.push(() => resolve(entries)));
      }
    }
    bench.create(make({ maxRestarts: 1, maxConcurrency: 2 }, Slow));
    const calls = [bench.invoke('add', ['a']), bench.invoke('add', ['b'])];
    await bench.until(() => ends.length === 2);
    ends[1]?.();
    await bench.done(calls[1] as string);
    ends[0]?.();
    await bench.done(calls[0] as string);
    expect(saved()).to.deep.equal([['a', 'b']]);
  });

  it('may take its time: how the method has ended stands, whatever else the call does', async () => {
    let resolve: (value: string) => void = () => {};
    let end = (): void => {};
    class Slow extends Ledger {
      current: UserCall | undefined;
      stay(): Promise<string> {
        this.current = currentCall();
        return new Promise((answer) => (resolve = answer));
      }
      give(): string {
        this.current = currentCall();
        return 'given';
      }
      /** As by a rejection that nobody handles. */
      break(): void {
        this.current?.fail(new RangeError('broken'));
      }
      override saveState(): Promise<unknown> | string {
        if (callContext.getStore()?.name === 'Ledger.break') return 'state';
        return new Promise((saved) => (end = () => saved('state')));
      }
    }
    const actor = { maxRestarts: 1, maxConcurrency: 2 };
    bench.create(make(actor, Slow));
    const given = bench.invoke('give');
    await bench.done(bench.invoke('break'));
    end();
    expect(await bench.value(given)).to.equal('given');
    const broken = bench.invoke('stay');
    await bench.done(bench.invoke('break'));
    resolve('too late');
    await new Promise(setImmediate);
    end();
    expect(await bench.thrown(broken)).to.be.instanceOf(RangeError);
    expect(bench.sent('done')).to.have.length(4);
  });

  it('is not sent without restarts, nor for a class that lacks one of the methods', async () => {
    bench.create(make(undefined));
    await bench.done(bench.invoke('add', ['a']));
    expect(saved()).to.have.length(0);
    bench = new Bench();
    class Half {
      add(): void {}
      saveState(): string {
        return 'half';
      }
    }
    bench.create(make({ maxRestarts: 1 }, Half));
    await bench.done(bench.invoke('add'));
    expect(saved()).to.have.length(0);
  });

  it('that cannot be had is told once, and the results are what they are', async () => {
    bench.create(make({ maxRestarts: 1 }));
    expect(await bench.value(bench.invoke('add', ['unsavable']))).to.equal(1);
    expect(await bench.value(bench.invoke('add', ['b']))).to.equal(2);
    expect(saved()).to.have.length(0);
    const lines = bench.sent('output').map(({ text }) => text.split('\n')[0]);
    expect(lines).to.deep.equal([
      'saveState() failed, a restart will have the state of before: TypeError: cannot be saved',
    ]);
  });

  it('is restored behind the constructor, before any call', async () => {
    const state = bench.codec.encode({ entries: ['old'] }, 'state');
    bench.create(make({ maxRestarts: 1 }), ['new'], 1, state);
    expect(await bench.value(bench.invoke('all'))).to.deep.equal(['old']);
  });

  it('that cannot be restored is an error of the constructor', async () => {
    const state = bench.codec.encode({ entries: ['poison'] }, 'state');
    bench.create(make({ maxRestarts: 1 }), [], 1, state);
    const created = await bench.until(() => bench.sent('created')[0]);
    expect(created).to.have.nested.property('outcome.failure.task', 'Ledger');
  });

  it('is not saved by a call after which the instance does not just go on', async () => {
    const callbacks = bench.callbacks({ onCrash: () => 'restart' });
    const actor = { maxRestarts: 1 };
    bench.create(bench.define('class', Ledger, 'Ledger', { actor, callbacks }));
    await bench.done(bench.invoke('add', ['a']));
    await bench.done(bench.invoke('fail', ['b']));
    expect(saved()).to.deep.equal([{ entries: ['a'] }]);
  });
});
