import { expect } from 'chai';
import { Bench, driver, encoded, thrown } from './support';

/** What became of an object, as told last. */
const told = (bench: Bench, id: string): string | undefined =>
  bench.said.find((line) => line.includes(` settled ${id} `));

describe('scheduler: kill and exitActor', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 1, resources: { gpu: 1 } });
    bench.define('f');
    bench.define('Counter');
    bench.define('Greedy', { resources: { gpu: 1 } });
    bench.define('Phoenix', { actor: { maxRestarts: 1, maxTaskRetries: -1 } });
  });

  it('kill ends a living instance, and whatever it was given', () => {
    bench.createActor('x', { fn: 'Greedy' });
    bench.alive('x');
    bench.submit('a');
    bench.callActor('x', 'running');
    bench.callActor('x', 'open', { refs: ['a'] });
    expect(bench.kill('x')).to.deep.equal([
      'end x on n-2',
      'bury x',
      'n-0 <- settled running ACTOR_DIED',
      'n-0 <- settled open ACTOR_DIED',
    ]);
    expect(bench.scheduler.usage().taken['gpu']).to.equal(0);
    expect(bench.callActor('x', 'late')).to.deep.equal(['n-0 <- settled late ACTOR_DIED']);
    expect(bench.kill('x')).to.deep.equal([]);
    expect(bench.kill('nobody')).to.deep.equal([]);
  });

  it('kill ends one that waits for resources: it takes none later', () => {
    bench.createActor('x', { fn: 'Greedy' });
    bench.alive('x');
    bench.createActor('y', { fn: 'Greedy' });
    bench.createActor('z', { fn: 'Greedy' });
    expect(bench.kill('y')).to.deep.equal(['bury y', 'n-0 <- settled new y ACTOR_DIED']);
    expect(bench.kill('x')).to.include('create z on n-3');
  });

  it('kill ends one that waits for its arguments', () => {
    bench.submit('a');
    bench.createActor('x', { refs: ['a'] });
    expect(bench.kill('x')).to.deep.equal(['bury x', 'n-0 <- settled new x ACTOR_DIED']);
    expect(bench.done('n-1', 'a')).to.deep.equal(['n-0 <- settled a ok']);
  });

  it('kill is no error to report: that of a creation was meant', () => {
    bench.createActor('x');
    bench.kill('x');
    expect(bench.release(driver, 'new x').filter((line) => line.includes('unseen'))).to.be.empty;
  });

  it('exitActor ends the instance for ever, and lets its thread clean up', () => {
    bench.createActor('x', { fn: 'Phoenix' });
    bench.alive('x');
    bench.callActor('x', 'leave');
    bench.callActor('x', 'behind');
    expect(bench.exitActor('x', 'leave')).to.deep.equal([
      'end x on n-2 gently',
      'bury x',
      'n-0 <- settled leave ACTOR_DIED',
      'n-0 <- settled behind ACTOR_DIED',
    ]);
    expect(bench.fail('n-2', 'leave')).to.deep.equal([]);
    expect(bench.exited('n-2', { kind: 'retired' })).to.deep.equal([]);
  });

  it('exitActor of a thread of before changes nothing', () => {
    bench.createActor('x', { fn: 'Phoenix' });
    bench.alive('x');
    bench.kill('x', true);
    expect(bench.exitActor('x', 'leave', 'n-2')).to.deep.equal([]);
    expect(bench.exited('n-2')).to.include('create x on n-3 again 1');
  });
});

describe('scheduler: instances nobody can call', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.define('Counter');
    bench.define('Detached', { actor: { detached: true } });
  });

  it('end gently, when their last call has ended', () => {
    bench.createActor('x');
    bench.alive('x');
    bench.callActor('x', 'a');
    bench.callActor('x', 'b');
    expect(bench.release(driver, 'new x')).to.deep.equal([]);
    expect(bench.done('n-2', 'a')).to.deep.equal(['n-0 <- settled a ok']);
    expect(bench.done('n-2', 'b')).to.deep.equal([
      'n-0 <- settled b ok',
      'end x on n-2 gently',
      'bury x',
    ]);
    expect(bench.scheduler.usage().actors).to.equal(0);
  });

  it('are made first when they are not made yet', () => {
    bench.createActor('x');
    expect(bench.release(driver, 'new x')).to.deep.equal([]);
    expect(bench.alive('x')).to.deep.equal([
      'n-0 <- forgotten new x',
      'end x on n-2 gently',
      'bury x',
    ]);
  });

  it('are those whose handles lie in no value, no argument and no code', () => {
    bench.createActor('x');
    bench.alive('x');
    bench.put('box', encoded('box', { refs: ['new x'] }));
    bench.submit('a', { inner: ['new x'] });
    bench.release(driver, 'new x');
    expect(bench.release(driver, 'box')).to.deep.equal([]);
    expect(bench.done('n-1', 'a')).to.deep.equal(['n-0 <- settled a ok']);
    // The thread of the task was sent a handle.
    expect(bench.release('n-1', 'new x')).to.include('end x on n-2 gently');
  });

  it('may have been held by a thread that has ended', () => {
    bench.submit('a');
    bench.createActor('x', { from: 'n-1', parent: 'a' });
    bench.done('n-1', 'a', encoded('handle', { refs: ['new x'] }));
    bench.alive('x');
    expect(bench.exited('n-1')).to.not.include('bury x');
    expect(bench.callActor('x', 'm')).to.deep.equal(['n-2 <- invoke m']);
    bench.done('n-2', 'm');
    bench.release(driver, 'a');
    expect(bench.release(driver, 'new x')).to.include('bury x');
  });

  it('are forgotten when they are dead: a call that comes all the same fails', () => {
    bench.createActor('x');
    bench.died('x', thrown('Counter'));
    expect(bench.scheduler.usage().actors).to.equal(1);
    bench.release(driver, 'new x');
    expect(bench.scheduler.usage().actors).to.equal(0);
    expect(bench.callActor('x', 'late')).to.deep.equal(['n-0 <- settled late ACTOR_DIED']);
  });

  it('live on when they are detached, until they are killed', () => {
    bench.createActor('x', { fn: 'Detached' });
    bench.alive('x');
    expect(bench.release(driver, 'new x')).to.deep.equal([]);
    expect(bench.kill('x')).to.deep.equal(['end x on n-2', 'bury x']);
    expect(bench.scheduler.usage()).to.include({ actors: 0, objects: 0 });
  });

  it('do not end while their call waits for an argument', () => {
    bench.createActor('x');
    bench.alive('x');
    bench.submit('a');
    bench.callActor('x', 'm', { refs: ['a'] });
    expect(bench.release(driver, 'new x')).to.deep.equal([]);
    bench.done('n-1', 'a');
    expect(bench.done('n-2', 'm')).to.include('bury x');
    expect(told(bench, 'm')).to.equal('n-0 <- settled m ok');
  });
});

describe('scheduler: names of instances', () => {
  let bench: Bench;
  const handle = encoded('handle of x', { refs: ['new x'] });
  const ask = (question: Parameters<typeof asked>[1]): unknown => asked(bench, question);
  const create = (
    actor: string,
    name: string,
    namespace?: string,
    getIfExists = false,
  ): unknown => {
    const named = { name, ...(namespace !== undefined && { namespace }) };
    const refs = encoded(`handle of ${actor}`, { refs: [`new ${actor}`] });
    const base = { id: `new ${actor}`, args: 'args', depth: 0, caller: 'driver' };
    const call = { ...base, actor, spec: 'Counter', named: { ...named, handle: refs } };
    return ask({ type: 'createNamed', call, getIfExists });
  };
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 4, namespace: 'own' });
    bench.define('Counter', { actor: { maxRestarts: 1 } });
  });

  it('are each given once in a namespace', () => {
    const made = { type: 'createNamed', namespace: 'own', created: true };
    expect(create('x', 'a')).to.deep.equal(made);
    expect(create('y', 'a')).to.deep.equal({ ...made, created: false });
    expect(create('y', 'a', 'own', true)).to.deep.equal({ ...made, created: false, handle });
    expect(create('z', 'a', 'other')).to.deep.equal({ ...made, namespace: 'other' });
    expect(ask({ type: 'actorNames', all: false }))
      .to.have.property('names')
      .lengthOf(1);
    expect(ask({ type: 'actorNames', all: true })).to.deep.equal({
      type: 'actorNames',
      names: [
        { name: 'a', namespace: 'own' },
        { name: 'a', namespace: 'other' },
      ],
    });
  });

  it('are answered with a handle, which holds from then on', () => {
    create('x', 'a');
    bench.alive('x');
    expect(asked(bench, { type: 'actorNamed', name: 'a' }, 'n-1')).to.deep.include({ handle });
    expect(bench.release(driver, 'new x')).to.deep.equal([]);
    expect(bench.release('n-1', 'new x')).to.include('bury x');
    expect(ask({ type: 'actorNamed', name: 'a' })).to.deep.equal({
      type: 'actorNamed',
      namespace: 'own',
    });
  });

  it('are kept through a restart, and free after death', () => {
    create('x', 'a');
    bench.alive('x');
    bench.kill('x', true);
    expect(ask({ type: 'actorNamed', name: 'a' })).to.have.property('handle');
    bench.kill('x', true);
    expect(create('y', 'a')).to.not.have.property('handle');
  });
});

type Question = Extract<Parameters<Bench['say']>[1], { type: 'ask' }>['question'];

/** The answer to a question. */
function asked(bench: Bench, question: Question, from = driver): unknown {
  bench.say(from, { type: 'ask', token: 1, question });
  for (const one of bench.instructions) {
    if (one.type === 'send' && one.message.type === 'answer') return one.message.answer;
  }
  return undefined;
}
