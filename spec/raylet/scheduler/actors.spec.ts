import { expect } from 'chai';
import { Bench, driver, thrown, waitFor } from './support';

describe('scheduler: actors', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 1, resources: { gpu: 1 } });
    bench.define('f');
    bench.define('Counter');
    bench.define('Greedy', { resources: { gpu: 1 } });
  });

  const create = (actor: string): void => {
    bench.createActor(actor);
    bench.alive(actor);
  };

  it('get a thread of their own, code first, and take a CPU only to be placed', () => {
    expect(bench.createActor('x')).to.deep.equal([
      'start n-2 for x',
      'n-2 <- define Counter',
      'create x on n-2',
    ]);
    expect(bench.scheduler.usage().taken.CPU).to.equal(1);
    expect(bench.alive('x')).to.deep.equal(['n-0 <- settled new x ok']);
    expect(bench.scheduler.usage().taken.CPU).to.equal(0);
  });

  it('keep what they declare for life', () => {
    bench.createActor('x', { fn: 'Greedy' });
    bench.alive('x');
    expect(bench.scheduler.usage().taken).to.deep.equal({ CPU: 0, gpu: 1 });
    expect(bench.createActor('y', { fn: 'Greedy' })).to.deep.equal(['tick after 50 when free']);
    expect(bench.died('x')).to.include('create y on n-3');
  });

  it('wait for their arguments, and are dead when one has failed', () => {
    bench.submit('a');
    bench.createActor('x', { refs: ['a'] });
    bench.callActor('x', 'm');
    expect(bench.fail('n-1', 'a')).to.deep.equal([
      'n-0 <- settled a thrown',
      'bury x',
      'n-0 <- settled new x failed by f',
      'n-0 <- settled m ACTOR_DIED',
    ]);
  });

  it('get their calls when they are alive, in the order made', () => {
    bench.createActor('x');
    expect(bench.callActor('x', 'm1')).to.deep.equal([]);
    expect(bench.callActor('x', 'm2')).to.deep.equal([]);
    expect(bench.alive('x').slice(1)).to.deep.equal(['n-2 <- invoke m1', 'n-2 <- invoke m2']);
    expect(bench.callActor('x', 'm3')).to.deep.equal(['n-2 <- invoke m3']);
    expect(bench.done('n-2', 'm1')).to.deep.equal(['n-0 <- settled m1 ok']);
  });

  it('get the calls of one caller in order, whatever their arguments wait for', () => {
    create('x');
    bench.submit('a');
    expect(bench.callActor('x', 'm1', { refs: ['a'] })).to.deep.equal([]);
    expect(bench.callActor('x', 'm2')).to.deep.equal([]);
    expect(bench.callActor('x', 'other', { caller: 'b' })).to.deep.equal(['n-2 <- invoke other']);
    expect(bench.done('n-1', 'a').slice(1)).to.deep.equal([
      'n-2 <- invoke m1 with a',
      'n-2 <- invoke m2',
    ]);
  });

  it('are not held up by a call whose argument failed', () => {
    create('x');
    bench.submit('a');
    bench.callActor('x', 'm1', { refs: ['a'] });
    bench.callActor('x', 'm2');
    expect(bench.fail('n-1', 'a')).to.deep.equal([
      'n-0 <- settled a thrown',
      'n-0 <- settled m1 failed by f',
      'n-2 <- invoke m2',
    ]);
  });

  it('have a bounded number of calls ahead, callers taking turns for the rest', () => {
    create('x');
    for (let n = 0; n < 100; n += 1) bench.callActor('x', `a${n}`);
    expect(bench.said).to.deep.equal([]);
    bench.callActor('x', 'b0', { caller: 'b' });
    expect(bench.done('n-2', 'a0').at(-1)).to.equal('n-2 <- invoke a64');
    expect(bench.done('n-2', 'a1').at(-1)).to.equal('n-2 <- invoke b0');
  });

  it('give their calls the values of their arguments, and free the CPU of a task that waits', () => {
    create('x');
    bench.put('v');
    expect(bench.callActor('x', 'm', { refs: ['v'] })).to.deep.equal(['n-2 <- invoke m with v']);
    bench.submit('a');
    bench.callActor('x', 'm2', { from: 'n-1', parent: 'a' });
    bench.wait('n-1', 'a', waitFor(1, ['m2']));
    expect(bench.scheduler.usage().taken.CPU).to.equal(0);
    expect(bench.done('n-2', 'm2')).to.deep.equal(['n-1 <- settled m2 ok', 'n-1 <- granted a 1']);
  });
});

describe('scheduler: the death of an actor', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.define('Counter');
    bench.createActor('x');
  });

  it('fails its creation and every call, with what its constructor threw', () => {
    bench.callActor('x', 'm1');
    expect(bench.died('x', thrown('Counter'))).to.deep.equal([
      'end x on n-2',
      'bury x',
      'n-0 <- settled new x ACTOR_DIED',
      'n-0 <- settled m1 ACTOR_DIED',
    ]);
    expect(bench.callActor('x', 'm2')).to.deep.equal(['n-0 <- settled m2 ACTOR_DIED']);
    const last = bench.instructions.find((one) => one.type === 'send');
    expect(last).to.have.nested.property('message.outcome.failure.cause.error', 'Counter threw');
    expect(bench.scheduler.usage().taken.CPU).to.equal(0);
  });

  it('fails calls that run, that wait, and that have no arguments yet', () => {
    bench.alive('x');
    bench.submit('a');
    bench.callActor('x', 'running');
    bench.callActor('x', 'blocked', { refs: ['a'] });
    bench.callActor('x', 'behind');
    expect(bench.died('x')).to.deep.equal([
      'end x on n-2',
      'bury x',
      'n-0 <- settled running ACTOR_DIED',
      'n-0 <- settled blocked ACTOR_DIED',
      'n-0 <- settled behind ACTOR_DIED',
    ]);
    expect(bench.callActor('x', 'late', { refs: ['a'] })).to.deep.equal([
      'n-0 <- settled late ACTOR_DIED',
    ]);
    expect(bench.done('n-1', 'a')).to.deep.equal(['n-0 <- settled a ok']);
  });

  it('leaves little behind', () => {
    const one = (n: number): void => {
      const worker = `n-${n + 3}`;
      bench.createActor(`a${n}`);
      bench.alive(`a${n}`);
      bench.callActor(`a${n}`, `m${n}`);
      bench.died(`a${n}`);
      bench.exited(worker);
      for (const id of [`new a${n}`, `m${n}`]) bench.release(driver, id);
    };
    const heap = (): number => {
      global.gc?.();
      return process.memoryUsage().heapUsed;
    };
    bench.died('x');
    for (let n = 0; n < 1000; n += 1) one(n);
    const before = heap();
    for (let n = 1000; n < 2000; n += 1) one(n);
    expect((heap() - before) / 1000, 'bytes for each').to.be.below(2000);
    expect(bench.callActor('a0', 'late')).to.deep.equal(['n-0 <- settled late ACTOR_DIED']);
  });

  it('comes when a method calls process.exit', () => {
    bench.alive('x');
    bench.callActor('x', 'm');
    const outcome = { ok: true, value: undefined } as const;
    const done = {
      type: 'done',
      call: 'm',
      outcome,
      took: 1,
      blocked: false,
      exitCode: 2,
    } as const;
    expect(bench.say('n-2', done)).to.deep.equal([
      'end x on n-2',
      'bury x',
      'n-0 <- settled m ACTOR_DIED',
    ]);
    expect(bench.exited('n-2')).to.deep.equal([]);
  });

  it('comes when its thread is poisoned, with what poisoned it as the cause', () => {
    bench.alive('x');
    const poisoned = { type: 'poisoned', reason: 'an uncaught error', error: 'an error' } as const;
    expect(bench.say('n-2', poisoned)).to.deep.equal(['end x on n-2', 'bury x']);
    bench.callActor('x', 'late');
    expect(bench.instructions.find((one) => one.type === 'send')).to.have.nested.include({
      'message.outcome.failure.reason': 'an uncaught error',
      'message.outcome.failure.cause.error': 'an error',
    });
  });

  it('comes when its thread ends', () => {
    bench.alive('x');
    bench.callActor('x', 'm');
    expect(bench.exited('n-2')).to.deep.equal(['bury x', 'n-0 <- settled m ACTOR_DIED']);
  });
});
