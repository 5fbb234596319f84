import { expect } from 'chai';
import type { Payload, SharedPart } from '../../../lib/protocol/payload';
import { Bench, driver, encoded } from './support';

const part = (id: string, bytes = 30): SharedPart => ({ id, memory: new SharedArrayBuffer(bytes) });

/** A value of 30 bytes of shared memory. */
const value = (id: string, bytes?: number): Payload =>
  encoded('value', { shared: [part(id, bytes)] });

/** A store of 100 bytes with three values of 30 in it, and the driver wanting room for one more. */
function full(): Bench {
  const bench = Bench.ready({ objectStoreMemory: 100 });
  bench.define('f');
  for (const n of [1, 2, 3]) bench.put(`v${n}`, value(`n-0/${n}`));
  return bench;
}

const wantRoom = (bench: Bench, bytes = 30, token = 1): string[] =>
  bench.say(driver, { type: 'ask', token, question: { type: 'room', bytes } });

/** What the bench was answered for room, if it was. */
const answers = (bench: Bench): unknown[] =>
  bench.instructions.flatMap((one) =>
    one.type === 'send' && one.message.type === 'answer' ? [one.message.answer] : [],
  );

/** The first value is on disk, in file 1. */
function spilled(): Bench {
  const bench = full();
  wantRoom(bench);
  bench.say(driver, { type: 'unloaded', ids: ['n-0/1', 'n-0/2'] });
  bench.handle({ type: 'spilled', file: 1 });
  // What room was made for comes, and there is room for more.
  bench.put('v4', value('n-0/4'));
  bench.release(driver, 'v2');
  return bench;
}

describe('scheduler: values on disk', () => {
  it('go there when room is wanted: first whoever has them lets go, then they are written', () => {
    const bench = full();
    expect(wantRoom(bench)).to.include(`${driver} <- unload`);
    expect(answers(bench)).to.deep.equal([]);
    expect(bench.say(driver, { type: 'unloaded', ids: ['n-0/1'] })).to.include('spill 1');
    expect(bench.handle({ type: 'spilled', file: 1 })).to.include(`${driver} <- recycle`);
    expect(answers(bench)).to.deep.equal([{ type: 'room', credit: 31 }]);
  });

  it('stay where a thread shows them until it says that they are gone', () => {
    const bench = full();
    bench.say(driver, { type: 'shown', ids: ['n-0/1', 'n-0/2', 'n-0/3'] });
    wantRoom(bench);
    const said = bench.say(driver, { type: 'unloaded', ids: ['n-0/1', 'n-0/2'] });
    expect(said).not.to.include('spill 1');
    expect(bench.say(driver, { type: 'gone', buffers: [['n-0/2', 1]] })).to.include('spill 1');
  });

  it('are those that were used longest ago', () => {
    const bench = full();
    bench.submit('c', { refs: ['v1'] });
    const worker = bench.workerOf('c');
    bench.say(worker, { type: 'gone', buffers: [['n-0/1', 1]] });
    bench.done(worker, 'c');
    wantRoom(bench, 20);
    const [ids] = bench.instructions.flatMap((one) =>
      one.type === 'send' && one.message.type === 'unload' ? [one.message.ids] : [],
    );
    expect(ids).to.deep.equal(['n-0/2']);
  });

  it('come back before a call that is given one, others going on meanwhile', () => {
    const bench = spilled();
    expect(bench.submit('c', { refs: ['v1'] })).to.deep.equal(['restore 1']);
    bench.submit('other');
    expect(bench.workerOf('other')).not.to.equal('nowhere');
    const memory = new SharedArrayBuffer(30);
    const said = bench.handle({ type: 'restored', file: 1, memory });
    expect(said).to.include(`${bench.workerOf('c')} <- run c with v1`);
  });

  it('come back before a method call, behind which those of its caller wait', () => {
    const bench = spilled();
    bench.define('Counter');
    bench.createActor('a');
    bench.alive('a');
    expect(bench.callActor('a', 'first', { refs: ['v1'] })).to.deep.equal(['restore 1']);
    expect(bench.callActor('a', 'second')).to.deep.equal([]);
    const memory = new SharedArrayBuffer(30);
    const said = bench.handle({ type: 'restored', file: 1, memory });
    const invoked = said.filter((line) => line.includes('invoke'));
    expect(invoked.map((line) => line.split(' ')[3])).to.deep.equal(['first', 'second']);
  });

  it('are told without their memory, which whoever reads them fetches', () => {
    const bench = spilled();
    expect(bench.want('n-1', 'v1')).to.deep.equal(['n-1 <- settled v1 ok']);
    expect(bench.say('n-1', { type: 'fetch', token: 1, ids: ['v1'] })).to.deep.equal(['restore 1']);
    const memory = new SharedArrayBuffer(30);
    const said = bench.handle({ type: 'restored', file: 1, memory });
    expect(said).to.include('n-1 <- settled v1 ok');
  });

  it('are not written again when they came from there', () => {
    const bench = spilled();
    bench.say('n-1', { type: 'fetch', token: 1, ids: ['v1'] });
    bench.handle({ type: 'restored', file: 1, memory: new SharedArrayBuffer(30) });
    bench.say('n-1', { type: 'gone', buffers: [['n-0/1', 1]] });
    wantRoom(bench, 80, 2);
    bench.say('n-1', { type: 'unloaded', ids: ['n-0/1'] });
    bench.say(driver, { type: 'unloaded', ids: ['n-0/3', 'n-0/4'] });
    const written = bench.instructions.filter(({ type }) => type === 'spill').length;
    expect(written).to.be.below(3);
  });

  it('cost no file any more when nobody wants them', () => {
    const bench = spilled();
    expect(bench.release(driver, 'v1')).to.include('unlink 1');
  });

  it('are refused where all is in use, after two seconds in which nothing got free', () => {
    const bench = full();
    bench.say(driver, { type: 'shown', ids: ['n-0/1', 'n-0/2', 'n-0/3'] });
    wantRoom(bench);
    bench.say(driver, { type: 'unloaded', ids: ['n-0/1', 'n-0/2', 'n-0/3'] });
    bench.tick(1_000);
    expect(answers(bench)).to.deep.equal([]);
    bench.say(driver, { type: 'collected' });
    bench.tick(1_100);
    const refusal = { kind: 'system', code: 'OBJECT_STORE_FULL', size: 30, capacity: 100 };
    expect(answers(bench)).to.deep.equal([{ type: 'room', refusal }]);
  });

  it('wait longer for a thread that has not collected its garbage, but not for ever', () => {
    const bench = full();
    bench.say(driver, { type: 'shown', ids: ['n-0/1', 'n-0/2', 'n-0/3'] });
    wantRoom(bench);
    bench.say(driver, { type: 'unloaded', ids: ['n-0/1', 'n-0/2', 'n-0/3'] });
    bench.tick(1_000);
    bench.tick(8_000);
    expect(answers(bench)).to.deep.equal([]);
    bench.tick(1_100);
    expect(answers(bench)).to.have.lengthOf(1);
  });

  it('do not wait for a thread that has ended to collect its garbage', () => {
    const bench = full();
    bench.release(driver, 'v3');
    bench.put('v5', value('n-1/1'), 'n-1');
    bench.want(driver, 'v5');
    bench.exited('n-1');
    bench.say(driver, { type: 'shown', ids: ['n-0/1', 'n-0/2'] });
    wantRoom(bench);
    bench.say(driver, { type: 'unloaded', ids: ['n-0/1', 'n-0/2', 'n-1/1'] });
    bench.tick(1_000);
    bench.say(driver, { type: 'collected' });
    bench.tick(1_100);
    expect(answers(bench)).to.have.lengthOf(1);
  });

  it('lose no room to what those who asked did not use, however often', () => {
    const bench = Bench.ready({ objectStoreMemory: 1000 });
    for (let token = 1; token <= 200; token += 1) {
      wantRoom(bench, 30, token);
      expect((answers(bench).at(-1) as { credit: number }).credit).to.be.above(30);
      bench.put(`v${token}`, value(`n-0/${token}`));
      bench.release(driver, `v${token}`);
    }
    wantRoom(bench, 900, 201);
    expect(answers(bench)).to.deep.equal([{ type: 'room', credit: 910 }]);
  });

  it('lose none to what was made room for and never sent', () => {
    const bench = Bench.ready({ objectStoreMemory: 100 });
    for (let token = 1; token <= 5; token += 1) {
      wantRoom(bench, 60, token);
      expect(answers(bench)).to.deep.equal([{ type: 'room', credit: 61 }]);
    }
  });

  it('are refused at once where they are larger than the store', () => {
    const bench = full();
    wantRoom(bench, 101);
    expect(answers(bench)).to.have.lengthOf(1);
  });

  it('are refused with what the system says where the disk is full', () => {
    const bench = full();
    wantRoom(bench);
    bench.say(driver, { type: 'unloaded', ids: ['n-0/1', 'n-0/2'] });
    bench.handle({ type: 'spilled', file: 1, problem: 'ENOSPC' });
    bench.handle({ type: 'spilled', file: 2, problem: 'ENOSPC' });
    const refusal = { kind: 'system', code: 'OUT_OF_DISK', reason: 'ENOSPC' };
    expect(answers(bench)).to.deep.equal([{ type: 'room', refusal }]);
  });

  describe('that cannot be read back', () => {
    /** The result of a task, on disk in file 1 and lost there, while somebody fetches it. */
    function lost(maxRetries: number): Bench {
      const bench = Bench.ready({ objectStoreMemory: 100 });
      bench.define('f', { maxRetries });
      bench.put('input', 'small');
      bench.submit('c', { refs: ['input'] });
      bench.done(bench.workerOf('c'), 'c', value('n-1/1'));
      bench.release(driver, 'input');
      bench.say(driver, { type: 'gone', buffers: [['n-1/1', 1]] });
      bench.say('n-2', { type: 'ask', token: 1, question: { type: 'room', bytes: 90 } });
      bench.say(driver, { type: 'unloaded', ids: ['n-1/1'] });
      bench.say('n-1', { type: 'unloaded', ids: ['n-1/1'] });
      bench.handle({ type: 'spilled', file: 1 });
      // Whoever wanted room needs it no more.
      bench.exited('n-2');
      bench.say(driver, { type: 'fetch', token: 1, ids: ['c'] });
      return bench;
    }

    it('are made again by their task, and told to whoever wants them', () => {
      const bench = lost(3);
      const said = bench.handle({ type: 'restored', file: 1, problem: 'it is empty' });
      const [run] = said.filter((line) => line.includes('run c with input'));
      expect(run).not.to.equal(undefined);
      expect(said).not.to.include(`${driver} <- settled c OBJECT_LOST`);
      expect(bench.done(bench.workerOf('c'), 'c', value('n-1/2'))).to.include(
        `${driver} <- settled c ok`,
      );
    });

    it('are lost where their task may not run again', () => {
      const bench = lost(0);
      expect(bench.handle({ type: 'restored', file: 1, problem: 'it is empty' })).to.include(
        `${driver} <- settled c OBJECT_LOST`,
      );
    });
  });
});
