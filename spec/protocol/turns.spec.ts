import { AsyncLocalStorage } from 'node:async_hooks';
import { expect } from 'chai';
import { Turns } from '../../lib/protocol/turns';
import { loopTurns } from './turns';

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('turns', () => {
  it('come one by one, in order, with what their promises lead to in between', async () => {
    const turns = loopTurns();
    const log: string[] = [];
    for (const name of ['a', 'b']) {
      turns.soon(() => {
        log.push(name);
        void Promise.resolve().then(() => log.push(`after ${name}`));
      });
    }
    await turn();
    await turn();
    expect(log).to.deep.equal(['a', 'after a', 'b', 'after b']);
  });

  it('are had at once by whoever is blocked, each once', async () => {
    const turns = loopTurns();
    const log: number[] = [];
    for (const n of [1, 2]) turns.soon(() => log.push(n));
    expect([turns.runOne(), turns.runOne(), turns.runOne()]).to.deep.equal([true, true, false]);
    expect(log).to.deep.equal([1, 2]);
    await turn();
    await turn();
    expect(log).to.deep.equal([1, 2]);
  });

  it('can be had within a turn', () => {
    const turns = loopTurns();
    const log: string[] = [];
    turns.soon(() => {
      turns.soon(() => log.push('inner'));
      while (turns.runOne());
      log.push('outer');
    });
    turns.runOne();
    expect(log).to.deep.equal(['inner', 'outer']);
  });

  it('keep nothing of what was done, though something is always left to be done', async () => {
    const never = { soon: () => {}, ref: () => {}, unref: () => {}, close: () => {} };
    const turns = new Turns(never);
    const done = (() => {
      const large = {};
      turns.soon(() => void large);
      return new WeakRef(large);
    })();
    for (let count = 0; count < 10; count += 1) {
      turns.soon(() => {});
      turns.runOne();
      turns.soon(() => {});
    }
    for (let count = 0; count < 10 && done.deref() !== undefined; count += 1) {
      await turn();
      globalThis.gc?.();
    }
    expect(done.deref()).to.equal(undefined);
    expect(turns.runOne()).to.equal(true);
  });

  it('have the asynchronous context of nobody who asked for them', () => {
    const turns = loopTurns();
    const storage = new AsyncLocalStorage<string>();
    let seen: string | undefined = 'nothing ran';
    storage.run('mine', () => {
      turns.soon(() => (seen = storage.getStore()));
      turns.runOne();
    });
    expect(seen).to.equal(undefined);
  });

  it('go on after one that throws', () => {
    let next = (): void => {};
    const turns = new Turns({
      soon: (action) => (next = action),
      ref: () => {},
      unref: () => {},
      close: () => {},
    });
    const log: string[] = [];
    turns.soon(() => {
      throw new Error('mine');
    });
    turns.soon(() => log.push('next'));
    expect(() => next()).to.throw('mine');
    next();
    expect(log).to.deep.equal(['next']);
  });

  it('end when they are closed', async () => {
    let closed = false;
    const turns = new Turns({
      soon: (action) => void setImmediate(action),
      ref: () => {},
      unref: () => {},
      close: () => (closed = true),
    });
    const log: string[] = [];
    turns.soon(() => log.push('before'));
    turns.close();
    turns.soon(() => log.push('after'));
    await turn();
    expect(log).to.deep.equal([]);
    expect(turns.runOne()).to.equal(false);
    expect(closed).to.equal(true);
  });
});
