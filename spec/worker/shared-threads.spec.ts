import { expect } from 'chai';
import type { Payload } from '../../lib/protocol/payload';
import { currentCall, type UserCall } from '../../lib/worker/call';
import { Bench } from './support';

describe('instances that share a worker', () => {
  let bench: Bench;
  let spec: string;
  let seen: string[];
  let release: () => void;
  /** The call that stays. */
  let running: UserCall | undefined;
  beforeEach(() => {
    bench = new Bench();
    seen = [];
    const actor = { sharesThread: true, maxRestarts: 1, maxConcurrency: 2 } as const;
    spec = bench.define('class', Light, 'Light', { actor });
    for (const id of ['a1', 'a2']) bench.create(spec, [id], undefined, undefined, id);
  });

  class Light {
    calls = 0;
    savesSlowly = false;
    constructor(readonly id = '') {}
    count(): number {
      return (this.calls += 1);
    }
    label(): string | undefined {
      return currentCall()?.label;
    }
    saveSlowly(): void {
      this.savesSlowly = true;
    }
    async stay(): Promise<string> {
      running = currentCall();
      seen.push(`${this.id} stays`);
      await new Promise<void>((resolve) => (release = resolve));
      seen.push(`${this.id} goes on`);
      return 'too late';
    }
    async *items(): AsyncGenerator<number> {
      try {
        yield 1;
        await new Promise<void>((resolve) => (release = resolve));
        yield 2;
      } finally {
        seen.push('closed');
      }
    }
    async saveState(): Promise<string> {
      if (!this.savesSlowly) return 'early';
      seen.push(`${this.id} saves`);
      await new Promise<void>((resolve) => (release = resolve));
      return 'late';
    }
    restoreState(): void {}
  }

  const drop = (actor: string): void => bench.send({ type: 'dropInstance', actor });
  const dropped = (actor: string) =>
    bench.until(() => bench.sent('dropped').some((one) => one.actor === actor));
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
  };
  const saw = (what: string) => bench.until(() => seen.includes(what));

  it('have a state each', async () => {
    bench.invoke('count', [], { actor: 'a1' });
    expect(await bench.value(bench.invoke('count', [], { actor: 'a1' }))).to.equal(2);
    expect(await bench.value(bench.invoke('count', [], { actor: 'a2' }))).to.equal(1);
  });

  it('go alone: the thread and its neighbours live on', async () => {
    await bench.value(bench.invoke('count', [], { actor: 'a2' }));
    drop('a1');
    await dropped('a1');
    expect(await bench.value(bench.invoke('count', [], { actor: 'a2' }))).to.equal(2);
    expect(bench.exits).to.deep.equal([]);
  });

  it('are told to end what they do when they go, and nothing more is heard of that', async () => {
    const call = bench.invoke('stay', [], { actor: 'a1' });
    await saw('a1 stays');
    drop('a1');
    await dropped('a1');
    expect(bench.aborted.map(([context, code]) => [context.call, code])).to.deep.equal([
      [call, 'TASK_CANCELLED'],
    ]);
    release();
    await saw('a1 goes on');
    await turns();
    expect(bench.sent('done')).to.deep.equal([]);
    expect(bench.said.at(-1)).to.deep.equal({ type: 'dropped', actor: 'a1' });
  });

  it('never begin calls that wait when they go, and let go what those were sent', async () => {
    const inner: Payload = { format: 'text', bytes: new Uint8Array(), refs: ['object'] };
    for (let n = 0; n < 2; n += 1) bench.invoke('stay', [], { actor: 'a1' });
    await bench.until(() => seen.length === 2);
    const call = { id: 'behind', args: inner, actor: 'a1', method: 'count' };
    bench.send({ type: 'invoke', call: { ...call, depth: 0, caller: 'node-0' } });
    drop('a1');
    await dropped('a1');
    expect(bench.discarded).to.deep.equal([inner]);
    release();
    await turns();
    expect(bench.sent('done')).to.deep.equal([]);
  });

  it('yield nothing more when they have gone', async () => {
    const call = bench.invoke('items', [], { actor: 'a1', stream: {} });
    await bench.until(() => bench.sent('yielded').length === 1);
    drop('a1');
    await dropped('a1');
    release();
    await saw('closed');
    await turns();
    expect(bench.sent('yielded').map(({ index }) => index)).to.deep.equal([0]);
    expect(bench.sent('done').filter((one) => one.call === call)).to.deep.equal([]);
  });

  it('save nothing more when they have gone', async () => {
    bench.invoke('saveSlowly', [], { actor: 'a1' });
    await saw('a1 saves');
    const before = bench.sent('saved').length;
    drop('a1');
    await dropped('a1');
    release();
    await turns();
    expect(bench.sent('saved').length).to.equal(before);
  });

  it('come back to the same thread with a state of their own', async () => {
    await bench.value(bench.invoke('count', [], { actor: 'a1' }));
    drop('a1');
    await dropped('a1');
    bench.create(spec, ['again'], 1, undefined, 'a1');
    expect(await bench.value(bench.invoke('count', [], { actor: 'a1' }))).to.equal(1);
  });

  it('do not end by what a former life of theirs does', async () => {
    bench.invoke('stay', [], { actor: 'a1' });
    await saw('a1 stays');
    const former = running;
    if (former === undefined) throw new Error('no call runs');
    drop('a1');
    await dropped('a1');
    bench.create(spec, ['again'], 1, undefined, 'a1');
    await bench.until(() => bench.sent('created').length === 3);
    expect(() => former.leave()).to.throw();
    former.poison('it called process.exit(1)');
    await turns();
    expect([...bench.sent('exitActor'), ...bench.sent('poisoned')]).to.deep.equal([]);
    expect(await bench.value(bench.invoke('count', [], { actor: 'a1' }))).to.equal(1);
  });

  it('die of what their code does alone, and begin nothing more', async () => {
    bench.invoke('stay', [], { actor: 'a1' });
    await saw('a1 stays');
    running?.poison('it called process.exit(1)');
    await bench.until(() => bench.sent('poisoned').some(({ actor }) => actor === 'a1'));
    bench.invoke('count', [], { actor: 'a1' });
    expect(await bench.value(bench.invoke('count', [], { actor: 'a2' }))).to.equal(1);
    await turns();
    expect(bench.sent('done')).to.have.length(1);
    expect(bench.exits).to.deep.equal([]);
  });

  it('each have a name of their own in what they print', async () => {
    bench.create(spec, [], undefined, undefined, 'abcdef');
    const label = await bench.value(bench.invoke('label', [], { actor: 'abcdef' }));
    expect(label).to.equal('Light abcd');
  });
});
