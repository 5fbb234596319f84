import { expect } from 'chai';
import { Bench } from './support';

const sharing = { sharesThread: true } as const;

describe('scheduler: instances that share threads', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = Bench.ready({ idleTimeout: 100 });
    bench.define('f');
    bench.define('Light', { actor: { ...sharing } });
    bench.define('Phoenix', { actor: { ...sharing, maxRestarts: 1, maxTaskRetries: 1 } });
  });

  const create = (actor: string, fn = 'Light'): void => {
    bench.createActor(actor, { fn });
    bench.alive(actor);
  };

  const threads = (...actors: string[]): (string | undefined)[] =>
    actors.map((actor) => bench.threads.get(actor));

  /** The instance has gone from its thread, which lives on. */
  const left = (actor: string, worker: string): string[] =>
    bench.handle({ type: 'actorLeft', actor, worker });

  it('are spread over one thread for each CPU, which come as they are needed', () => {
    expect(bench.createActor('a', { fn: 'Light' })).to.deep.equal([
      'start n-3 to be shared',
      'n-3 <- define Light',
      'create a on n-3',
    ]);
    for (const actor of ['b', 'c', 'd', 'e']) bench.createActor(actor, { fn: 'Light' });
    expect(threads('a', 'b', 'c', 'd', 'e')).to.deep.equal(['n-3', 'n-4', 'n-3', 'n-4', 'n-3']);
  });

  it('go where the fewest are', () => {
    for (const actor of ['a', 'b', 'c', 'd']) create(actor);
    for (const actor of ['b', 'd']) bench.kill(actor);
    for (const actor of ['e', 'g', 'h']) create(actor);
    expect(threads('e', 'g', 'h')).to.deep.equal(['n-4', 'n-4', 'n-3']);
  });

  it('take no CPU to be placed', () => {
    bench.submit('t1');
    bench.submit('t2');
    expect(bench.createActor('a', { fn: 'Light' })).to.include('create a on n-3');
    expect(bench.scheduler.usage().taken.CPU).to.equal(2);
  });

  it('have what they declare for life all the same', () => {
    bench.define('Heavy', { resources: { CPU: 1 }, actor: { ...sharing } });
    create('a', 'Heavy');
    expect(bench.scheduler.usage().taken.CPU).to.equal(1);
  });

  it('live on threads of their own kind: never with tasks, nor with one that wants to be alone', () => {
    create('a');
    create('b');
    bench.online('n-3');
    bench.define('Counter');
    create('own', 'Counter');
    for (const task of ['t1', 't2', 't3']) bench.submit(task);
    expect(threads('own')).to.deep.equal(['n-5']);
    expect([...bench.runs.values()].map(({ worker }) => worker)).to.deep.equal(['n-2', 'n-1']);
  });

  it('live on threads with the variables that they ask for', () => {
    bench.define('Red', { envVars: { COLOUR: 'red' }, actor: { ...sharing } });
    create('a');
    bench.createActor('b', { fn: 'Red' });
    expect(bench.said[0]).to.equal('start n-4 to be shared COLOUR=red');
  });

  it('leave their neighbours alone when they are killed', () => {
    for (const actor of ['a', 'b', 'c']) create(actor);
    bench.callActor('a', 'm');
    bench.callActor('c', 'n');
    expect(bench.kill('a')).to.deep.equal([
      'end a on n-3',
      'bury a',
      'n-0 <- settled m ACTOR_DIED',
    ]);
    expect(bench.done('n-3', 'n')).to.deep.equal(['n-0 <- settled n ok']);
  });

  it('leave their neighbours alone when one is unfit to go on', () => {
    for (const actor of ['a', 'b', 'c']) create(actor);
    const poisoned = { type: 'poisoned', reason: 'an uncaught error', actor: 'a' } as const;
    expect(bench.say('n-3', poisoned)).to.deep.equal(['end a on n-3', 'bury a']);
    expect(bench.callActor('c', 'n')).to.deep.equal(['n-3 <- invoke n']);
  });

  it('are made anew once they have left, with what comes from before being of no interest', () => {
    create('a', 'Phoenix');
    bench.callActor('a', 'm');
    expect(bench.kill('a', true)).to.deep.equal(['end a on n-3', 'tick after 1000']);
    expect(bench.done('n-3', 'm', 'of before')).to.deep.equal([]);
    expect(left('a', 'n-3')).to.deep.equal(['create a on n-3 again 1']);
    expect(bench.alive('a')).to.deep.equal(['n-3 <- invoke m again 1']);
    expect(bench.done('n-3', 'm')).to.deep.equal(['n-0 <- settled m ok']);
  });

  it('are made anew elsewhere, for want of an answer from a thread that stands still', () => {
    for (const actor of ['a', 'b']) create(actor, 'Phoenix');
    bench.kill('a', true);
    bench.kill('b', true);
    expect(bench.tick(1000))
      .to.include('start n-5 to be shared')
      .and.include('start n-6 to be shared');
    expect(threads('a', 'b')).to.have.members(['n-5', 'n-6']);
    const [now] = threads('a');
    bench.alive('a');
    // What it says of the past counts no more.
    left('a', 'n-3');
    expect(bench.callActor('a', 'm')).to.deep.equal([`${now} <- invoke m`]);
  });

  it('crash with their thread, each by its own budget', () => {
    create('a', 'Phoenix');
    create('b');
    create('c');
    bench.callActor('a', 'again');
    bench.callActor('c', 'lost');
    const said = bench.exited('n-3', { kind: 'heap', reason: 'its thread reached its heap limit' });
    expect(said)
      .to.include('n-0 <- settled lost ACTOR_DIED')
      .and.include('create a on n-5 again 1');
    bench.alive('a');
    expect(bench.said).to.deep.equal(['n-5 <- invoke again again 1']);
    expect(bench.callActor('b', 'm')).to.deep.equal(['n-4 <- invoke m']);
  });

  it('leave a thread behind that retires when nobody has come for a while', () => {
    create('a');
    bench.kill('a');
    left('a', 'n-3');
    expect(bench.tick(99)).to.deep.equal(['tick after 1']);
    create('b');
    expect(threads('b')).to.deep.equal(['n-3']);
    expect(bench.tick(1000)).to.deep.equal([]);
    bench.kill('b');
    left('b', 'n-3');
    expect(bench.tick(100)).to.deep.equal(['retire n-3']);
    create('c');
    expect(threads('c')).to.deep.equal(['n-4']);
    bench.exited('n-3', { kind: 'retired' });
  });

  it('end a thread that has nobody but one that does not go', () => {
    create('a');
    bench.kill('a');
    expect(bench.tick(1000)).to.include('retire n-3');
  });
});
