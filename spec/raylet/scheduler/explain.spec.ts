import { expect } from 'chai';
import type { Explanation } from '../../../lib/protocol/explanation';
import { Bench, waitFor } from './support';

/** What is told of a ref. */
function explain(bench: Bench, id: string): Explanation {
  bench.say('n-0', { type: 'ask', token: 1, question: { type: 'explain', id } });
  for (const one of bench.instructions) {
    if (one.type !== 'send' || one.message.type !== 'answer') continue;
    const { answer } = one.message;
    if (answer.type === 'explain') return answer.explanation;
  }
  throw new Error('nothing was answered');
}

function liveCounter(bench: Bench, actor: string, fn = 'Counter'): string {
  bench.createActor(actor, { fn });
  const creation = bench.instructions.find(({ type }) => type === 'createActor');
  const worker = creation?.type === 'createActor' ? creation.worker : '';
  bench.online(worker);
  bench.alive(actor);
  return worker;
}

describe('scheduler: why a ref is pending', () => {
  it('tells what a call runs on and for how long, and when it has ended', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.submit('a');
    bench.at += 1250;
    expect(explain(bench, 'a')).to.deep.equal({
      state: 'running',
      task: 'f',
      on: 'n-1',
      elapsed: 1250,
      reason: 'f has been running on worker=1 for 1.3 s',
    });
    bench.done('n-1', 'a');
    expect(explain(bench, 'a')).to.deep.equal({
      state: 'settled',
      task: 'f',
      ok: true,
      reason: 'the value of f is here',
    });
    bench.submit('b');
    bench.fail('n-1', 'b');
    expect(explain(bench, 'b')).to.deep.include({ state: 'settled', ok: false });
    bench.release('n-0', 'b');
    expect(explain(bench, 'b').reason).to.equal('its value is gone');
  });

  it('tells when a call that has failed is run again', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f', { task: { retryDelay: 1500 } });
    bench.submit('a');
    bench.failAgain('n-1', 'a');
    bench.at += 300;
    expect(explain(bench, 'a')).to.deep.equal({
      state: 'waiting to be retried',
      task: 'f',
      failed: 1,
      due: 1200,
      reason: 'f has failed 1 time and runs again in 1.2 s',
    });
  });

  it('tells the calls whose values it needs', () => {
    const bench = Bench.ready();
    for (const name of ['f', 'g', 'sum']) bench.define(name);
    bench.submit('a', { fn: 'f' });
    bench.submit('b', { fn: 'f' });
    bench.submit('c', { fn: 'g' });
    bench.put('there');
    bench.submit('d', { fn: 'sum', refs: ['a', 'b', 'c', 'there'] });
    expect(explain(bench, 'd')).to.deep.equal({
      state: 'waiting for arguments',
      task: 'sum',
      waitingFor: [
        { id: 'a', task: 'f' },
        { id: 'b', task: 'f' },
        { id: 'c', task: 'g' },
      ],
      reason: 'sum waits for its arguments: f (2), g',
    });
  });

  it('tells the resources it needs, what is free, who has them and how many go first', () => {
    const bench = Bench.ready({ numCpus: 4, resources: { GPU: 1 } });
    bench.define('train', { resources: { CPU: 1, GPU: 0.75 } });
    bench.define('Keeper', { resources: { GPU: 0.25 } });
    liveCounter(bench, 'A', 'Keeper');
    for (const id of ['a', 'b', 'c']) bench.submit(id, { fn: 'train' });
    expect(explain(bench, 'c')).to.deep.equal({
      state: 'waiting for resources',
      task: 'train',
      needs: { CPU: 1, GPU: 0.75 },
      available: { CPU: 3, GPU: 0 },
      heldBy: [
        { name: 'train', isActor: false, resources: { GPU: 0.75 } },
        { name: 'Keeper', isActor: true, resources: { GPU: 0.25 } },
      ],
      ahead: 1,
      feasible: true,
      reason:
        'train waits for GPU: 0.75 (0 free), held by train, the actor Keeper; 1 other call before it',
    });
  });

  it('tells when only living instances stand in the way, and when nothing ever helps', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.define('huge', { resources: { CPU: 2 } });
    bench.define('Keeper', { resources: { CPU: 1 } });
    liveCounter(bench, 'A', 'Keeper');
    bench.submit('a');
    expect(explain(bench, 'a').reason).to.equal(
      'f waits for CPU: 1 (0 free), held by the actor Keeper for life',
    );
    bench.submit('b', { fn: 'huge' });
    expect(explain(bench, 'b')).to.deep.include({
      state: 'waiting for resources',
      feasible: false,
      reason: 'huge waits for CPU: 2 (0 free), more than this machine has; 1 other call before it',
    });
  });

  it('tells how many calls are before it at its actor, and which of them run', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('Counter');
    const thread = liveCounter(bench, 'A');
    for (let at = 0; at < 70; at += 1) bench.callActor('A', `call ${at}`);
    expect(explain(bench, 'call 0')).to.deep.equal({
      state: 'running',
      task: 'Counter.inc',
      on: thread,
      reason: `Counter.inc runs in Counter A`,
    });
    for (const at of [1, 63, 64, 69]) {
      expect(explain(bench, `call ${at}`)).to.deep.equal({
        state: 'behind other calls',
        task: 'Counter.inc',
        ahead: at,
        behind: [{ id: 'call 0', task: 'Counter.inc' }],
        reason: `Counter.inc is behind ${at} other call${at === 1 ? '' : 's'} of its actor, which is busy with Counter.inc`,
      });
    }
  });

  it('tells where the creation of its actor stands', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.define('Counter');
    bench.submit('a');
    bench.createActor('A', { refs: ['a'] });
    bench.callActor('A', 'call');
    expect(explain(bench, 'call')).to.deep.equal({
      state: 'waiting for its actor',
      task: 'Counter.inc',
      actor: 'Counter',
      because: {
        state: 'waiting for arguments',
        task: 'Counter',
        waitingFor: [{ id: 'a', task: 'f' }],
        reason: 'Counter waits for its arguments: f',
      },
      reason:
        'Counter.inc waits for its actor Counter, which is not there yet: ' +
        'Counter waits for its arguments: f',
    });
  });

  it('tells for what a call waits itself, and whether its thread stands still', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.define('g');
    bench.submit('a');
    bench.submit('b', { fn: 'g', from: 'n-1', parent: 'a' });
    bench.waitSync('n-1', 'a', waitFor(1, ['b']));
    bench.at += 40;
    expect(explain(bench, 'a')).to.deep.equal({
      state: 'waiting',
      task: 'f',
      on: 'n-1',
      waitingFor: [{ id: 'b', task: 'g' }],
      elapsed: 40,
      blocking: true,
      reason: 'f has been waiting for g on worker=1, and blocks it, for 40 ms',
    });
    expect(explain(bench, 'b')).to.deep.equal({
      state: 'waiting for a thread',
      task: 'g',
      ahead: 0,
      reason: 'g waits for a thread: what it needs is free',
    });
  });

  it('tells that its actor is made anew, and why', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('Phoenix', { actor: { maxRestarts: 1, restartDelay: 100 } });
    const thread = liveCounter(bench, 'A', 'Phoenix');
    bench.exited(thread, { reason: 'its thread broke' });
    bench.callActor('A', 'call', { maxRetries: 1 });
    const told = explain(bench, 'call');
    const made = 'Phoenix.inc waits for its actor Phoenix, which is made anew, because';
    expect(told.reason).to.equal(`${made} its thread broke`);
  });

  it('tells that a generator pauses until its items are taken', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('gen');
    bench.submit('s', { fn: 'gen', stream: { backpressure: 1 } });
    bench.yielded('n-1', 's', 0);
    bench.wait('n-1', 's', { id: 1, refs: [], count: 1, failFast: false, taken: 1 });
    const reason = 'gen has been waiting for its items to be taken on worker=1, for 0 ms';
    expect(explain(bench, 's')).to.deep.include({ state: 'waiting', waitingFor: [], reason });
    expect(explain(bench, 's:1')).to.deep.include({ task: 'gen', state: 'waiting' });
    expect(explain(bench, 's:0').state).to.equal('settled');
  });

  it('tells that a call is answered and has no CPU to go on with', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.define('free', { resources: { CPU: 0 } });
    bench.submit('a');
    bench.submit('b', { fn: 'free', from: 'n-1', parent: 'a' });
    bench.wait('n-1', 'a', waitFor(1, ['b']));
    bench.submit('c');
    bench.online('n-2');
    bench.online('n-3');
    bench.done(bench.workerOf('b'), 'b');
    expect(explain(bench, 'a')).to.deep.equal({
      state: 'waiting for resources',
      task: 'f',
      needs: { CPU: 1 },
      available: { CPU: 0 },
      heldBy: [{ name: 'f', isActor: false, resources: { CPU: 1 } }],
      ahead: 0,
      feasible: true,
      reason: 'f has the answer it waited for, and waits for CPU: 1 (0 free), held by f',
    });
  });

  it('tells that a short call lies in a hand behind others', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.teach('f');
    for (const id of ['a', 'b', 'c']) bench.submit(id);
    expect(explain(bench, 'c')).to.deep.equal({
      state: 'behind other calls',
      task: 'f',
      ahead: 2,
      behind: [{ id: 'a', task: 'f' }],
      reason: 'f is behind 2 other calls on worker=1, which is busy with f',
    });
  });
});
