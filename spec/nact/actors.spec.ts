import { expect } from 'chai';
import {
  dispatch,
  spawn,
  spawnEphemeral,
  start,
  stop,
  type ActorSystem,
  type SystemOptions,
} from '../../lib/nact/actors';
import { loopTurns } from '../protocol/turns';

/** Resolves when every message dispatched so far, and what follows from it at once, is handled. */
async function settled(turns = 10): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
}

/** What actors run on: nact, or turns that a blocked thread can have as well. */
const engines: Record<string, () => Pick<SystemOptions, 'turns'>> = {
  actors: () => ({}),
  'actors on turns': () => ({ turns: loopTurns() }),
};

for (const [engine, options] of Object.entries(engines))
  describe(engine, () => {
    let system: ActorSystem;
    let faults: [string, unknown][];
    let seen: [string, unknown][];

    beforeEach(() => {
      faults = [];
      seen = [];
      system = start({
        ...options(),
        onFault: (actor, error) => faults.push([actor, error]),
        onMessage: (to, message) => seen.push([to, message]),
      });
    });

    afterEach(() => stop(system));

    it('handle messages in order, with the state of the message before', async () => {
      const sums: number[] = [];
      const adder = spawn(
        system,
        'adder',
        (sum: number, add: number) => {
          sums.push(sum + add);
          return sum + add;
        },
        { initialState: 10 },
      );
      for (const add of [1, 2, 3]) dispatch(adder, add);
      await settled();
      expect(sums).to.deep.equal([11, 13, 16]);
    });

    it('take no message while the promise of the one before is pending', async () => {
      const log: string[] = [];
      let release: () => void = () => {};
      const slow = spawn(
        system,
        'slow',
        async (_: undefined, name: string) => {
          log.push(`${name} begins`);
          if (name === 'first') await new Promise<void>((resolve) => (release = resolve));
          log.push(`${name} ends`);
          return undefined;
        },
        { initialState: undefined },
      );
      dispatch(slow, 'first');
      dispatch(slow, 'second');
      await settled();
      expect(log).to.deep.equal(['first begins']);
      release();
      await settled();
      expect(log).to.deep.equal(['first begins', 'first ends', 'second begins', 'second ends']);
    });

    it('report what a handler throws or rejects with, and go on with the state they had', async () => {
      const states: number[] = [];
      const fragile = spawn(
        system,
        'fragile',
        (state: number, message: 'throw' | 'reject' | 'count') => {
          states.push(state);
          if (message === 'throw') throw new Error('thrown');
          if (message === 'reject') return Promise.reject<number>(new Error('rejected'));
          return state + 1;
        },
        { initialState: 0 },
      );
      for (const message of ['count', 'throw', 'reject', 'count'] as const)
        dispatch(fragile, message);
      await settled();
      expect(states).to.deep.equal([0, 1, 1, 1]);
      expect(faults.map(([actor, error]) => [actor, (error as Error).message])).to.deep.equal([
        ['fragile', 'thrown'],
        ['fragile', 'rejected'],
      ]);
    });

    it('run afterStop once, also when the handler fails after it was stopped', async () => {
      const stopped: string[] = [];
      let fail: (error: Error) => void = () => {};
      const doomed = spawn(
        system,
        'doomed',
        () => new Promise<string>((_, reject) => (fail = reject)),
        { initialState: 'last state', afterStop: (state) => stopped.push(state) },
      );
      dispatch(doomed, undefined as never);
      await settled();
      stop(doomed);
      stop(doomed);
      fail(new Error('too late'));
      await settled();
      expect(stopped).to.deep.equal(['last state']);
      expect(faults).to.have.length(1);
    });

    it('drop what is sent to the stopped', async () => {
      const handled: string[] = [];
      const gone = spawn(system, 'gone', (_: undefined, m: string) => void handled.push(m), {
        initialState: undefined,
      });
      stop(gone);
      dispatch(gone, 'hello?');
      await settled();
      expect(handled).to.deep.equal([]);
    });

    it('show every message to the hook with the path it goes to', async () => {
      const parent = spawn(system, 'tasks', () => undefined, { initialState: undefined });
      spawnEphemeral(parent, 'größe-1', { value: 3 }, () => {});
      await settled();
      expect(seen).to.deep.equal([['tasks/größe-1', { value: 3 }]]);
    });

    describe('for a single message', () => {
      const tasks = () => spawn(system, 'tasks', () => undefined, { initialState: undefined });

      it('handle it, failed or not, whatever others have their name', async () => {
        const parent = tasks();
        const handled: number[] = [];
        for (const round of [1, 2, 3]) {
          spawnEphemeral(parent, 'same', round, (n) => {
            handled.push(n);
            if (n === 2) throw new Error('odd one');
          });
        }
        await settled();
        expect(handled).to.deep.equal([1, 2, 3]);
        expect(faults.map(([actor]) => actor)).to.deep.equal(['tasks/same']);
      });

      it('tell what their promises reject with, and hold up no others', async () => {
        const parent = tasks();
        const handled: number[] = [];
        spawnEphemeral(parent, 'never', 0, () => new Promise<void>(() => {}));
        for (let n = 1; n <= 200; n += 1) {
          spawnEphemeral(parent, 'late', n, async (one) => {
            await Promise.resolve();
            handled.push(one);
            if (one === 100) throw new Error('odd one');
          });
        }
        await settled(250);
        expect(handled).to.have.length(200);
        expect(faults.map(([actor]) => actor)).to.deep.equal(['tasks/late']);
      });

      it('keep nothing once many have come after them', async () => {
        const parent = tasks();
        const kept = (() => {
          const large = {};
          spawnEphemeral(parent, 'first', 0, () => void large);
          return new WeakRef(large);
        })();
        for (let n = 0; n < 100; n += 1) spawnEphemeral(parent, 'next', n, () => {});
        await settled(150);
        for (let n = 0; n < 10 && kept.deref() !== undefined; n += 1) {
          await settled(1);
          globalThis.gc?.();
        }
        expect(kept.deref()).to.equal(undefined);
      });
    });
  });

describe('actors on turns', () => {
  it('go on while the thread is blocked', () => {
    const turns = loopTurns();
    const system = start({ turns, onFault: () => {} });
    const handled: number[] = [];
    const actor = spawn(system, 'actor', (_: undefined, n: number) => void handled.push(n), {
      initialState: undefined,
    });
    for (const n of [1, 2, 3]) dispatch(actor, n);
    while (turns.runOne());
    expect(handled).to.deep.equal([1, 2, 3]);
    stop(system);
  });

  it('take no message while one is handled that blocks for others', () => {
    const turns = loopTurns();
    const system = start({ turns, onFault: () => {} });
    const log: string[] = [];
    const other = spawn(system, 'other', (_: undefined, text: string) => void log.push(text), {
      initialState: undefined,
    });
    const blocking = spawn(
      system,
      'blocking',
      (_: undefined, text: string) => {
        log.push(`${text} begins`);
        dispatch(other, `for ${text}`);
        while (turns.runOne());
        log.push(`${text} ends`);
        return undefined;
      },
      { initialState: undefined },
    );
    dispatch(blocking, 'first');
    dispatch(blocking, 'second');
    while (turns.runOne());
    const round = (text: string) => [`${text} begins`, `for ${text}`, `${text} ends`];
    expect(log).to.deep.equal([...round('first'), ...round('second')]);
    stop(system);
  });

  it('begin nothing below an actor that was stopped', () => {
    const turns = loopTurns();
    const system = start({ turns, onFault: () => {} });
    const handled: string[] = [];
    stop(system);
    spawnEphemeral(system, 'late', 'message', (message) => void handled.push(message));
    while (turns.runOne());
    expect(handled).to.deep.equal([]);
  });
});
