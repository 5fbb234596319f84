import { expect } from 'chai';
import { Bench, driver, encoded, escalated, thrown, waitFor } from './support';

describe('scheduler: restarts of instances', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 2, resources: { gpu: 1 } });
    bench.define('f');
    bench.define('Counter', { actor: { maxRestarts: 2, maxTaskRetries: 1 } });
    bench.define('Eternal', { actor: { maxRestarts: -1, maxTaskRetries: -1 } });
    bench.define('Rested', { actor: { maxRestarts: -1, restartDelay: 100 } });
    bench.define('Keeper', { resources: { CPU: 1, gpu: 1 }, actor: { maxRestarts: 1 } });
  });

  const create = (fn = 'Counter'): void => {
    bench.createActor('x', { fn });
    bench.alive('x');
  };
  const thread = (): string => bench.threads.get('x') ?? '';
  const failureOf = (id: string): unknown => {
    for (const one of bench.instructions) {
      if (one.type !== 'send' || one.message.type !== 'settled' || one.message.id !== id) continue;
      if (!one.message.outcome.ok) return one.message.outcome.failure;
    }
    return undefined;
  };

  it('come when the thread has ended, as often as the class allows', () => {
    create();
    expect(bench.exited('n-3')).to.deep.equal([
      'start n-4 for x',
      'n-4 <- define Counter',
      'create x on n-4 again 1',
    ]);
    expect(bench.alive('x')).to.deep.equal([]);
    expect(bench.exited('n-4')).to.include('create x on n-5 again 2');
    bench.alive('x');
    bench.callActor('x', 'm');
    expect(bench.exited('n-5', { reason: 'it broke' })).to.deep.equal([
      'bury x',
      'n-0 <- settled m ACTOR_DIED',
    ]);
    expect(failureOf('m')).to.include({ reason: 'it broke, after 2 restarts' });
  });

  it('wait for the old thread to end, but not for ever', () => {
    create();
    const poisoned = { type: 'poisoned', reason: 'an uncaught error' } as const;
    expect(bench.say('n-3', poisoned)).to.deep.equal(['end x on n-3', 'tick after 1000']);
    expect(bench.exited('n-3')).to.include('create x on n-4 again 1');
    bench.alive('x');
    bench.kill('x', true);
    expect(bench.tick(999)).to.not.include('create x on n-5 again 2');
    expect(bench.tick(1)).to.include('create x on n-5 again 2');
    expect(bench.exited('n-4')).to.deep.equal([]);
  });

  it('come after a delay, which doubles each time up to a minute', () => {
    create('Rested');
    for (let n = 0; n < 12; n += 1) {
      const delay = Math.min(100 * 2 ** n, 60_000);
      bench.exited(thread());
      expect(bench.tick(delay - 1)).to.not.include(`create x on n-${n + 4} again ${n + 1}`);
      expect(bench.tick(1)).to.include(`create x on n-${n + 4} again ${n + 1}`);
      bench.alive('x');
    }
  });

  it('take what the instance declares anew, in turn with others', () => {
    create('Keeper');
    bench.createActor('y', { fn: 'Keeper' });
    expect(bench.exited('n-3')).to.include('create y on n-4');
    expect(bench.scheduler.usage().taken).to.deep.equal({ CPU: 1, gpu: 1 });
    expect(bench.kill('y')).to.include('create x on n-5 again 1');
  });

  it('fail what was given to the instance, or waits for it, and may not be made again', () => {
    create();
    bench.submit('a');
    for (const id of ['running', 'given']) bench.callActor('x', id, { maxRetries: 0 });
    bench.callActor('x', 'waiting', { maxRetries: 0, refs: ['a'] });
    expect(bench.exited('n-3', { reason: 'it broke' })).to.deep.equal([
      'n-0 <- settled running ACTOR_UNAVAILABLE',
      'n-0 <- settled given ACTOR_UNAVAILABLE',
      'n-0 <- settled waiting ACTOR_UNAVAILABLE',
      'start n-4 for x',
      'n-4 <- define Counter',
      'create x on n-4 again 1',
    ]);
    expect(failureOf('given')).to.include({
      actorName: 'Counter',
      actorId: 'x',
      reason: 'it broke',
    });
    expect(bench.callActor('x', 'meanwhile', { maxRetries: 0 })).to.deep.equal([
      'n-0 <- settled meanwhile ACTOR_UNAVAILABLE',
    ]);
    bench.alive('x');
    expect(bench.callActor('x', 'after', { maxRetries: 0 })).to.deep.equal(['n-4 <- invoke after']);
  });

  it('leave a call the attempt that it has paid for and not begun', () => {
    create();
    bench.callActor('x', 'm');
    bench.exited('n-3');
    // The new instance dies before the call has got there.
    expect(bench.exited('n-4')).to.include('create x on n-5 again 2');
    expect(bench.alive('x')).to.deep.equal(['n-5 <- invoke m again 1']);
    bench.fail('n-5', 'm');
    expect(failureOf('m')).to.include({ kind: 'thrown' });
  });

  it('that a method asks for by its error leave it the retry of that error', () => {
    create();
    bench.callActor('x', 'm');
    const crash = { ...escalated('m'), directive: 'restart' } as const;
    const outcome = { ok: false, failure: thrown('m') } as const;
    const done = { type: 'done', call: 'm', outcome, took: 1, blocked: false } as const;
    bench.say('n-3', { ...done, retry: true, crash });
    bench.exited('n-3');
    expect(bench.alive('x')).to.deep.equal(['n-4 <- invoke m again 1']);
  });

  it('make the others again, in the order of each caller', () => {
    create('Eternal');
    bench.submit('arg');
    bench.callActor('x', 'a1');
    bench.callActor('x', 'b1', { caller: 'b' });
    bench.callActor('x', 'a2');
    bench.callActor('x', 'a3', { refs: ['arg'] });
    bench.callActor('x', 'a4');
    bench.exited('n-3');
    bench.callActor('x', 'a5');
    bench.callActor('x', 'b2', { caller: 'b' });
    expect(bench.alive('x')).to.deep.equal([
      'n-4 <- invoke a1 again 1',
      'n-4 <- invoke b1',
      'n-4 <- invoke a2',
      'n-4 <- invoke b2',
    ]);
    expect(bench.done(bench.workerOf('arg'), 'arg').slice(1)).to.deep.equal([
      'n-4 <- invoke a3 with arg',
      'n-4 <- invoke a4',
      'n-4 <- invoke a5',
    ]);
  });

  it('charge a retry only to calls that may have started', () => {
    create();
    for (const id of ['a', 'b']) bench.callActor('x', id);
    bench.exited('n-3');
    expect(bench.alive('x')).to.deep.equal(['n-4 <- invoke a again 1', 'n-4 <- invoke b']);
    expect(bench.exited('n-4')).to.include('n-0 <- settled a ACTOR_UNAVAILABLE');
    expect(bench.alive('x')).to.deep.equal(['n-5 <- invoke b']);
  });

  it('charge as many as may run at once, in each group', () => {
    const limits = { maxConcurrency: 2, concurrencyGroups: { io: 1 } };
    bench.define('Grouped', { actor: { maxRestarts: 1, maxTaskRetries: 1, ...limits } });
    create('Grouped');
    for (const id of ['a', 'b', 'c']) bench.callActor('x', id);
    for (const id of ['io1', 'io2']) bench.callActor('x', id, { group: 'io' });
    bench.exited('n-3');
    expect(bench.alive('x')).to.have.members([
      'n-4 <- invoke a again 1',
      'n-4 <- invoke b again 1',
      'n-4 <- invoke c',
      'n-4 <- invoke io1 again 1',
      'n-4 <- invoke io2',
    ]);
  });

  it('do not bring back calls that were cancelled', () => {
    create('Eternal');
    bench.callActor('x', 'a');
    bench.callActor('x', 'b');
    bench.cancel('a');
    bench.exited('n-3');
    expect(bench.alive('x')).to.deep.equal(['n-4 <- invoke b again 1']);
  });

  it('keep the arguments of the constructor, as long as a restart may come', () => {
    bench.put('v');
    bench.put('inside');
    bench.createActor('x', { refs: ['v'], inner: ['inside'] });
    for (const id of ['v', 'inside']) bench.release(driver, id);
    expect(bench.threads.get('x')).to.equal('n-3');
    bench.alive('x');
    expect(bench.exited('n-3')).to.include('create x on n-4 with v again 1');
    bench.alive('x');
    expect(bench.exited('n-4')).to.include('create x on n-5 with v again 2');
    expect(bench.scheduler.usage().objects).to.equal(3);
    bench.alive('x');
    // The thread holds what it was sent inside the arguments.
    bench.release('n-5', 'inside');
    expect(bench.scheduler.usage().objects).to.equal(1);
  });

  it('are over when the constructor throws', () => {
    create();
    bench.exited('n-3');
    bench.callActor('x', 'm');
    expect(bench.died('x', thrown('Counter'))).to.deep.equal([
      'end x on n-4',
      'bury x',
      'n-0 <- settled m ACTOR_DIED',
    ]);
  });

  it('come for a constructor whose thread ended: its creation settles at last', () => {
    bench.createActor('x');
    bench.callActor('x', 'm');
    expect(bench.exited('n-3')).to.include('create x on n-4 again 1');
    expect(bench.alive('x')).to.deep.equal(['n-0 <- settled new x ok', 'n-4 <- invoke m']);
  });

  it('leave no creation open when the instance is killed before its constructor has ended', () => {
    bench.createActor('x', { fn: 'Rested' });
    bench.exited('n-3');
    expect(bench.kill('x')).to.deep.equal(['bury x', 'n-0 <- settled new x ACTOR_DIED']);
  });

  it('end the waits of lost calls and of lost constructors', () => {
    create('Keeper');
    bench.submit('a');
    bench.callActor('x', 'm', { maxRetries: -1 });
    bench.wait('n-3', 'm', waitFor(1, ['a']));
    expect(bench.exited('n-3')).to.include('create x on n-4 again 1');
    bench.wait('n-4', 'new x', waitFor(1, ['a']));
    expect(bench.done(bench.workerOf('a'), 'a')).to.deep.equal([
      'n-0 <- settled a ok',
      'n-4 <- granted new x 1',
    ]);
    expect(bench.alive('x')).to.deep.equal(['n-4 <- invoke m again 1']);
  });

  it('take no notice of what threads of before still say', () => {
    create();
    bench.callActor('x', 'm');
    bench.kill('x', true);
    expect(bench.done('n-3', 'm')).to.deep.equal([]);
    expect(bench.alive('x', 'n-3')).to.deep.equal([]);
    bench.exited('n-3');
    bench.alive('x');
    expect(bench.done('n-4', 'm')).to.deep.equal(['n-0 <- settled m ok']);
  });

  it('leave one alone that has no thread yet, when kill asks for a restart', () => {
    bench.submit('a');
    bench.createActor('x', { refs: ['a'] });
    bench.callActor('x', 'm', { maxRetries: 0 });
    expect(bench.kill('x', true)).to.deep.equal(['n-0 <- settled m ACTOR_UNAVAILABLE']);
    expect(bench.done(bench.workerOf('a'), 'a')).to.include('create x on n-3 with a again 1');
  });

  it('do not come when nobody can call the instance any more', () => {
    create('Rested');
    bench.exited('n-3');
    expect(bench.release(driver, 'new x')).to.deep.equal(['bury x']);
    expect(bench.tick(1000)).to.deep.equal([]);
    expect(bench.scheduler.usage().actors).to.equal(0);
  });

  it('keep what the failure of a dead instance refers to, as long as it can be asked for', () => {
    bench.createActor('x', { fn: 'f' });
    bench.alive('x');
    const error = encoded('error', { refs: ['kept'] });
    bench.put('kept');
    bench.say('n-3', { type: 'poisoned', reason: 'an uncaught error', error });
    bench.release(driver, 'kept');
    expect(bench.scheduler.usage().objects).to.equal(2);
    bench.release(driver, 'new x');
    expect(bench.scheduler.usage().objects).to.equal(0);
  });
});
