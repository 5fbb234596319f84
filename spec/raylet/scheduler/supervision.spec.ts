import { expect } from 'chai';
import { Bench, callOf, driver, encoded, escalated, thrown, waitFor } from './support';

describe('scheduler: instances whose code threw', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.define('Counter');
    create('top');
    create('middle', 'top');
    create('child', 'middle');
    bench.callActor('child', 'm');
  });

  const create = (actor: string, creator?: string): void => {
    const call = { ...callOf(`new ${actor}`, {}), spec: 'Counter', actor };
    bench.say(driver, { type: 'createActor', call: { ...call, ...(creator && { creator }) } });
    bench.alive(actor);
  };

  /** Who died in the last event, or is to be made anew, and why. */
  const ends = (): string[] =>
    bench.instructions.flatMap((one) => {
      const { event } = one.type === 'event' ? one : {};
      if (event?.type !== 'actorDied' && event?.type !== 'actorRestarting') return [];
      return `${event.actor} ${event.type === 'actorDied' ? 'died' : 'restarts'}: ${event.reason}`;
    });

  it('are ended where their onCrash says stop, and the call has its error', () => {
    bench.callActor('child', 'behind');
    expect(bench.crash('n-4', 'm', { directive: 'stop' })).to.include.members([
      'n-0 <- settled m thrown',
      'n-0 <- settled behind ACTOR_DIED',
    ]);
    expect(ends()).to.deep.equal(["child died: its method m() threw; its onCrash said 'stop'"]);
  });

  it('are made anew where it says restart, within the budget', () => {
    bench.define('Phoenix', { actor: { maxRestarts: 1, maxTaskRetries: 2 } });
    bench.createActor('p', { fn: 'Phoenix' });
    bench.alive('p');
    bench.callActor('p', 'p1');
    bench.callActor('p', 'p2');
    bench.crash('n-5', 'p1', { directive: 'restart' });
    expect(ends()).to.deep.equal(["p restarts: its method m() threw; its onCrash said 'restart'"]);
    expect(bench.exited('n-5')).to.include('create p on n-6 again 1');
    // It never began behind the one that threw: that was no attempt of it.
    expect(bench.alive('p')).to.include('n-6 <- invoke p2');
    bench.crash('n-6', 'p2', { directive: 'restart' });
    expect(ends()).to.deep.equal([
      "p died: its method m() threw; its onCrash said 'restart', after a restart",
    ]);
  });

  it('are decided about by whoever made them, and take no call meanwhile', () => {
    expect(bench.crash('n-4', 'm')).to.have.members([
      'n-0 <- settled m thrown',
      'n-3 <- judge child by middle',
    ]);
    expect(bench.callActor('child', 'm2')).to.deep.equal([]);
    expect(bench.judge('n-3', 'child', { directive: 'resume' })).to.deep.equal([
      'n-4 <- resumeInstance',
      'n-4 <- invoke m2',
    ]);
  });

  it('are decided about further up, as far as it goes', () => {
    bench.crash('n-4', 'm');
    expect(bench.judge('n-3', 'child', { directive: 'escalate' })).to.deep.equal([
      'n-2 <- judge child by top',
    ]);
    expect(bench.judge('n-2', 'child', { directive: 'escalate' })).to.include(
      'n-0 <- unseen child',
    );
    expect(ends()).to.deep.equal([
      'child died: its method m() threw; no living actor has made Counter',
    ]);
  });

  it('are ended when the one above dies before it has answered, or is dead already', () => {
    bench.crash('n-4', 'm');
    bench.died('middle');
    expect(ends()).to.include('child died: its method m() threw; Counter above it is gone');
    create('late', 'middle');
    bench.callActor('late', 'm2');
    bench.crash('n-5', 'm2');
    expect(ends()).to.deep.equal(['late died: its method m() threw; no living actor has made it']);
  });

  it('are ended when the one above stands in getSync, or comes to', () => {
    bench.callActor('middle', 'blocks');
    bench.callActor('child', 'm2');
    bench.waitSync('n-3', 'blocks', waitFor(1, ['m2']));
    bench.crash('n-4', 'm');
    expect(ends()).to.deep.equal([
      'child died: its method m() threw; Counter above it stands in getSync()',
    ]);
    create('other', 'top');
    bench.callActor('other', 'm3');
    bench.crash('n-5', 'm3');
    bench.callActor('top', 'blocks too');
    bench.submit('never');
    bench.waitSync('n-2', 'blocks too', waitFor(1, ['never']));
    expect(ends()).to.deep.equal([
      'other died: its method m() threw; Counter above it stands in getSync()',
    ]);
  });

  it('are not decided about by an answer that comes too late', () => {
    bench.crash('n-4', 'm');
    bench.died('child');
    expect(bench.judge('n-3', 'child', { directive: 'stop' })).to.deep.equal([]);
    bench.crash('n-4', 'm');
    expect(bench.said).to.deep.equal([]);
  });

  it('are told with the error of the callback, where that failed', () => {
    bench.crash('n-4', 'm');
    bench.judge('n-3', 'child', { directive: 'stop', failure: thrown('both') });
    expect(ends()).to.deep.equal([
      'child died: its method m() threw; onCrash of Counter gave no answer',
    ]);
    bench.callActor('child', 'late');
    const late = bench.instructions.find((one) => one.type === 'send');
    expect(late)
      .to.have.nested.property('message.outcome.failure.cause')
      .that.deep.equals(thrown('both'));
  });

  it('keep what their error refers to until it is decided', () => {
    bench.put('v');
    bench.callActor('child', 'm2');
    const failure = { ...thrown('m2'), error: encoded('error', { refs: ['v'] }) };
    bench.say('n-4', { type: 'crashed', actor: 'child', crash: { ...escalated('m2'), failure } });
    bench.release(driver, 'v');
    expect(bench.judge('n-3', 'child', { directive: 'resume' })).to.include(
      'n-4 <- resumeInstance',
    );
    bench.release('n-3', 'v');
    expect(bench.want(driver, 'v')).to.deep.equal(['n-0 <- settled v OBJECT_LOST']);
  });
});

describe('scheduler: what instances have saved', () => {
  it('is kept with its refs, the latest only, until they are dead', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('Counter', { actor: { maxRestarts: 1 } });
    bench.createActor('x');
    bench.alive('x');
    const save = (ref: string): void => {
      bench.put(ref, ref, 'n-2');
      const state = encoded('state', { refs: [ref] });
      bench.say('n-2', { type: 'saved', actor: 'x', state });
      bench.release('n-2', ref);
    };
    const { objects } = bench.scheduler.usage();
    save('a');
    save('b');
    expect(bench.scheduler.usage().objects).to.equal(objects + 1);
    bench.died('x');
    expect(bench.scheduler.usage().objects).to.equal(objects);
  });
});
