import { expect } from 'chai';
import { InternalError } from '../../../lib/base/errors';
import { Journal } from '../../../lib/raylet/scheduler/journal';
import type { CallState } from '../../../lib/raylet/scheduler/call-state';
import type { CallRecord } from '../../../lib/raylet/scheduler/records';
import { move, transitions } from '../../../lib/raylet/scheduler/states';
import { Bench, callOf, driver } from './support';

describe('scheduler: states of a call', () => {
  const states = Object.keys(transitions) as CallState[];

  it('lead to the end from everywhere, and nowhere from there', () => {
    for (const from of states.filter((state) => state !== 'finished')) {
      expect(transitions[from], from).to.include('finished');
    }
    expect(transitions.finished).to.deep.equal([]);
  });

  it('can all be reached', () => {
    const reached = new Set<CallState>(['pending']);
    for (const state of reached) for (const next of transitions[state]) reached.add(next);
    expect([...reached]).to.have.members(states);
  });

  it('change by the table only: anything else is a bug, told with its story', () => {
    const journal = new Journal(0, false);
    journal.log({ at: 7, type: 'callSubmitted', call: 'a', name: 'square' });
    const call = { id: 'a', name: 'square', state: 'pending' } as CallRecord;
    expect(() => move(journal, call, 'waiting'))
      .to.throw(InternalError, 'the call square cannot go from pending to waiting')
      .with.property('message')
      .that.includes('{"at":7,"type":"callSubmitted","call":"a","name":"square"}');
  });
});

describe('scheduler: story', () => {
  it('tells what happened to a call', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.submit('a');
    bench.at = 5;
    bench.done('n-1', 'a');
    expect(bench.scheduler.story('a')).to.deep.equal([
      { at: 0, type: 'callSubmitted', call: 'a', name: 'f' },
      { at: 0, type: 'callReady', call: 'a' },
      { at: 0, type: 'callAssigned', call: 'a', worker: 'n-1' },
      { at: 5, type: 'callFinished', call: 'a', ok: true },
    ]);
  });

  it('is handed out as it happens', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.submit('a');
    const events = bench.instructions.flatMap((one) => (one.type === 'event' ? [one.event] : []));
    expect(events).to.deep.equal(bench.scheduler.story('a'));
  });

  it('forgets what is long past', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.submit('a');
    for (let n = 0; n < 5000; n += 1) {
      const message = { type: 'submit', call: { ...callOf(`c${n}`, {}), spec: 'f' } } as const;
      bench.scheduler.handle({ at: 0, type: 'messages', from: driver, messages: [message] });
    }
    expect(bench.scheduler.story('a')).to.deep.equal([]);
    expect(bench.scheduler.story('c4999')).to.have.length(2);
  });

  it('comes with an internal error', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.submit('a');
    expect(() => bench.submit('a')).to.throw(InternalError, /a was made twice.*\n.*callSubmitted/);
  });
});
