import { expect } from 'chai';
import type { ActorPolicy } from '../../../lib/protocol/specs';
import { Bench, callOf, driver, waitFor } from './support';

describe('scheduler: actors that do several things at once', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
  });

  const create = (policy: ActorPolicy, resources = {}): void => {
    bench.define('Counter', { actor: policy, resources });
    bench.createActor('x');
    bench.alive('x');
  };
  const callIn = (group: string, id: string, refs: readonly string[] = []): string[] => {
    const call = { ...callOf(id, { refs }), actor: 'x', method: 'm', group };
    return bench.say(driver, { type: 'callActor', call });
  };

  it('let ready calls of a caller overtake those whose arguments are not there', () => {
    create({ maxConcurrency: 2 });
    bench.submit('a');
    expect(bench.callActor('x', 'm1', { refs: ['a'] })).to.deep.equal([]);
    expect(bench.callActor('x', 'm2')).to.deep.equal(['n-2 <- invoke m2']);
    expect(bench.done('n-1', 'a').slice(1)).to.deep.equal(['n-2 <- invoke m1 with a']);
  });

  it('keep the order within a group that does one at a time, and not across groups', () => {
    create({ maxConcurrency: 3, concurrencyGroups: { one: 1 } });
    bench.submit('a');
    expect(callIn('one', 'm1', ['a'])).to.deep.equal([]);
    expect(callIn('one', 'm2')).to.deep.equal([]);
    expect(bench.callActor('x', 'm3')).to.deep.equal(['n-2 <- invoke m3']);
    expect(bench.done('n-1', 'a').slice(1)).to.deep.equal([
      'n-2 <- invoke m1 with a',
      'n-2 <- invoke m2',
    ]);
  });

  it('have a bounded number of calls ahead in each group', () => {
    create({ concurrencyGroups: { io: 2 } });
    for (let n = 0; n < 64 + 1; n += 1) callIn('io', `io${n}`);
    expect(bench.said).to.deep.equal(['n-2 <- invoke io64']);
    expect(callIn('io', 'late')).to.deep.equal([]);
    for (let n = 0; n < 64; n += 1) bench.callActor('x', `m${n}`);
    expect(bench.said).to.deep.equal(['n-2 <- invoke m63']);
    expect(bench.callActor('x', 'm64')).to.deep.equal([]);
    expect(bench.done('n-2', 'io0').at(-1)).to.equal('n-2 <- invoke late');
  });

  it('fail all calls when they die, those too that were overtaken', () => {
    create({ maxConcurrency: 2, concurrencyGroups: { io: 2 } });
    bench.submit('a');
    bench.callActor('x', 'early', { refs: ['a'] });
    bench.callActor('x', 'running');
    callIn('io', 'earlyToo', ['a']);
    expect(bench.died('x')).to.have.members([
      'end x on n-2',
      'bury x',
      'n-0 <- settled early ACTOR_DIED',
      'n-0 <- settled running ACTOR_DIED',
      'n-0 <- settled earlyToo ACTOR_DIED',
    ]);
    expect(bench.done('n-1', 'a')).to.deep.equal(['n-0 <- settled a ok']);
  });

  it('are not held up by an argument that failed', () => {
    create({ maxConcurrency: 2 });
    bench.submit('a');
    bench.callActor('x', 'm1', { refs: ['a'] });
    expect(bench.fail('n-1', 'a')).to.deep.equal([
      'n-0 <- settled a thrown',
      'n-0 <- settled m1 failed by f',
    ]);
    expect(bench.callActor('x', 'm2')).to.deep.equal(['n-2 <- invoke m2']);
  });

  describe('and declare a CPU', () => {
    const cpu = (): number | undefined => bench.scheduler.usage().taken.CPU;
    const call = (id: string): string[] => bench.callActor('x', id);
    beforeEach(() => create({ maxConcurrency: 2 }, { CPU: 1 }));

    it('lend it while all that they do waits, and not before', () => {
      call('m1');
      call('m2');
      bench.submit('a', { parent: 'm1' });
      bench.wait('n-2', 'm1', waitFor(1, ['a']));
      expect(cpu()).to.equal(1);
      expect(bench.wait('n-2', 'm2', waitFor(2, ['a']))).to.include('n-1 <- run a');
      expect(bench.done('n-1', 'a').filter((line) => line.includes('granted'))).to.deep.equal([
        'n-2 <- granted m1 1',
        'n-2 <- granted m2 2',
      ]);
      expect(cpu()).to.equal(1);
    });

    it('lend it when the one call that runs ends beside one that waits', () => {
      call('m1');
      call('m2');
      bench.submit('a', { parent: 'm1' });
      bench.wait('n-2', 'm1', waitFor(1, ['a']));
      expect(bench.done('n-2', 'm2')).to.include('n-1 <- run a');
    });

    it('start no further call without it', () => {
      call('m1');
      bench.submit('a');
      bench.wait('n-2', 'm1', waitFor(1, ['a']));
      expect(call('m2')).to.deep.equal([]);
      bench.submit('b');
      expect(bench.done('n-1', 'a')).to.include.members([
        'n-2 <- granted m1 1',
        'n-2 <- invoke m2',
      ]);
      expect(bench.said).to.not.include('n-1 <- run b');
    });

    it('take it again for a new call as soon as it is free, before new tasks', () => {
      bench.submit('a');
      bench.submit('b', { refs: ['a'] });
      call('m1');
      expect(bench.wait('n-2', 'm1', waitFor(1, ['b']))).to.include('n-1 <- run a');
      expect(call('m2')).to.deep.equal([]);
      expect(bench.done('n-1', 'a')).to.include('n-2 <- invoke m2');
      expect(bench.said).to.not.include('n-1 <- run b with a');
      expect(bench.done('n-2', 'm2')).to.include('n-1 <- run b with a');
      expect(cpu()).to.equal(1);
    });
  });
});
