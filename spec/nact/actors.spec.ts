import { expect } from 'chai';
import {
  dispatch,
  spawn,
  spawnEphemeral,
  start,
  stop,
  type ActorSystem,
} from '../../lib/nact/actors';

/** Resolves when every message dispatched so far, and what follows from it at once, is handled. */
async function settled(turns = 10): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
}

describe('actors', () => {
  let system: ActorSystem;
  let faults: [string, unknown][];
  let seen: [string, unknown][];

  beforeEach(() => {
    faults = [];
    seen = [];
    system = start({
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
    it('free their name when they are done, failed or not', async () => {
      const parent = spawn(system, 'tasks', () => undefined, { initialState: undefined });
      const handled: number[] = [];
      for (const round of [1, 2, 3]) {
        spawnEphemeral(parent, 'same', round, (n) => {
          handled.push(n);
          if (n === 2) throw new Error('odd one');
        });
        await settled(3);
      }
      expect(handled).to.deep.equal([1, 2, 3]);
      expect(faults.map(([actor]) => actor)).to.deep.equal(['tasks/same']);
    });

    it('live until their promise settles', async () => {
      const parent = spawn(system, 'tasks', () => undefined, { initialState: undefined });
      let release: () => void = () => {};
      spawnEphemeral(parent, 'same', 1, () => new Promise<void>((resolve) => (release = resolve)));
      await settled();
      expect(() => spawnEphemeral(parent, 'same', 2, () => {})).to.throw('already exists');
      release();
      await settled();
      expect(() => spawnEphemeral(parent, 'same', 3, () => {})).not.to.throw();
    });
  });
});
