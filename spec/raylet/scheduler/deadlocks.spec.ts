import { expect } from 'chai';
import type { PendingWait } from '../../../lib/protocol/messages';
import { Bench, callOf, waitFor } from './support';

/** A bench that looks for deadlocks; `later` answers what it found, and what follows from it. */
class Watch extends Bench {
  static at(numCpus: number, resources = {}): Watch {
    const watch = new Watch({ numCpus, resources, lookAfter: 10 });
    for (let n = 1; n <= numCpus; n += 1) watch.online(`n-${n}`);
    return watch;
  }

  later(): string[] {
    return this.tick(1000).filter((line) => !line.startsWith('tick'));
  }

  /** The circles found by a look. */
  circles(): string[] {
    return this.later().filter((line) => line.includes('deadlocked'));
  }

  /** The task waits, wherever it is. */
  waits(task: string, ...waits: PendingWait[]): string[] {
    return this.wait(this.workerOf(task), task, ...waits);
  }

  /** A living instance on a thread of its own, whose name is the answer. */
  live(actor: string, fn = 'Counter'): string {
    this.createActor(actor, { fn });
    const creation = this.instructions.find(({ type }) => type === 'createActor');
    const worker = creation?.type === 'createActor' ? creation.worker : '';
    this.online(worker);
    this.alive(actor);
    return worker;
  }
}

describe('scheduler: deadlocks', () => {
  it('are found where an actor waits for a call to itself', () => {
    const bench = Watch.at(1);
    bench.define('Counter');
    const thread = bench.live('A');
    bench.callActor('A', 'outer');
    bench.callActor('A', 'inner', { from: thread, parent: 'outer', caller: 'A' });
    bench.wait(thread, 'outer', waitFor(1, ['inner']));
    expect(bench.later()).to.deep.equal([
      `${thread} <- deadlocked outer 1: Counter.inc > Counter.inc`,
    ]);
    // Its code lets the error through, and the call that was behind it runs.
    bench.fail(thread, 'outer');
    bench.done(thread, 'inner');
    expect(bench.scheduler.usage().calls).to.equal(0);
    expect(bench.later()).to.deep.equal([]);
  });

  it('are not seen in an actor that takes two calls at a time', () => {
    const bench = Watch.at(1);
    bench.define('Counter', { actor: { maxConcurrency: 2 } });
    const thread = bench.live('A');
    bench.callActor('A', 'outer');
    bench.callActor('A', 'inner', { from: thread, parent: 'outer', caller: 'A' });
    bench.wait(thread, 'outer', waitFor(1, ['inner']));
    expect(bench.later()).to.deep.equal([]);
    bench.callActor('A', 'third', { from: thread, parent: 'inner', caller: 'A' });
    bench.wait(thread, 'inner', waitFor(2, ['third']));
    expect(bench.circles()).to.deep.equal([
      `${thread} <- deadlocked inner 2: Counter.inc > Counter.inc`,
    ]);
  });

  it('count the places of each concurrency group by themselves', () => {
    const bench = Watch.at(1);
    bench.define('Counter', { actor: { concurrencyGroups: { io: 1 } } });
    const thread = bench.live('A');
    const call = (id: string, parent: string, group?: string): void => {
      const base = { ...callOf(id, { parent, caller: 'A' }), actor: 'A', method: id };
      const message = { ...base, ...(group !== undefined && { group }) };
      bench.say(thread, { type: 'callActor', call: message });
    };
    bench.callActor('A', 'outer');
    call('other', 'outer', 'io');
    bench.wait(thread, 'outer', waitFor(1, ['other']));
    expect(bench.later()).to.deep.equal([]);
    call('again', 'other');
    bench.wait(thread, 'other', waitFor(2, ['again']));
    expect(bench.circles()).to.deep.equal([
      `${thread} <- deadlocked other 2: Counter.other > Counter.again > Counter.inc`,
    ]);
  });

  it('name everyone round a circle of three actors, whoever waits outside', () => {
    const bench = Watch.at(1);
    for (const name of ['f', 'Ann', 'Bob', 'Cid']) bench.define(name);
    const ann = bench.live('Ann', 'Ann');
    const bob = bench.live('Bob', 'Bob');
    const cid = bench.live('Cid', 'Cid');
    bench.callActor('Ann', 'a');
    bench.submit('outside', { refs: ['a'] });
    bench.callActor('Bob', 'b', { from: ann, parent: 'a', caller: 'Ann' });
    bench.wait(ann, 'a', waitFor(1, ['b']));
    bench.callActor('Cid', 'c', { from: bob, parent: 'b', caller: 'Bob' });
    bench.waitSync(bob, 'b', waitFor(1, ['c']));
    expect(bench.later()).to.deep.equal([]);
    bench.callActor('Ann', 'back', { from: cid, parent: 'c', caller: 'Cid' });
    bench.wait(cid, 'c', waitFor(1, ['back']));
    expect(bench.later()).to.deep.equal([
      `${cid} <- deadlocked c 1: Cid.inc > Ann.inc > Ann.inc > Bob.inc`,
    ]);
    bench.done(cid, 'c');
    bench.done(bob, 'b');
    bench.done(ann, 'a');
    bench.done(ann, 'back');
    bench.done('n-1', 'outside');
    expect(bench.scheduler.usage()).to.deep.include({ calls: 0, taken: { CPU: 0 } });
  });

  it('count calls earlier in the line of a caller', () => {
    const bench = Watch.at(2);
    bench.define('f');
    bench.define('Counter');
    const thread = bench.live('A');
    bench.submit('late');
    bench.submit('task');
    bench.callActor('A', 'first', {
      from: bench.workerOf('task'),
      parent: 'task',
      caller: 'task',
      refs: ['late'],
    });
    bench.callActor('A', 'second', {
      from: bench.workerOf('task'),
      parent: 'task',
      caller: 'task',
    });
    bench.waits('task', waitFor(1, ['second']));
    expect(bench.later()).to.deep.equal([]);
    // The call that the first of the line needs gets hold of the task's ref and waits for it.
    bench.waits('late', waitFor(2, ['task']));
    expect(bench.circles()).to.deep.equal([
      'n-2 <- deadlocked late 2: f > f > Counter.inc > Counter.inc',
    ]);
    bench.done('n-2', 'late');
    bench.done(thread, 'first');
  });

  it('are found where two tasks wait for one another', () => {
    const bench = Watch.at(2);
    bench.define('left');
    bench.define('right');
    bench.submit('a', { fn: 'left' });
    bench.submit('b', { fn: 'right' });
    bench.waits('a', waitFor(1, ['b']));
    expect(bench.later()).to.deep.equal([]);
    bench.waitSync(bench.workerOf('b'), 'b', waitFor(1, ['a']));
    expect(bench.later()).to.deep.equal(['n-1 <- deadlocked b 1: right > left']);
    expect(bench.done('n-1', 'b')).to.include('n-2 <- granted a 1');
  });

  it('are found where a task waits for itself', () => {
    const bench = Watch.at(1);
    bench.define('f');
    bench.submit('a');
    bench.waits('a', waitFor(1, ['a']));
    expect(bench.later()).to.deep.equal(['n-1 <- deadlocked a 1: f']);
  });

  it('go through whoever holds what is asked for', () => {
    const bench = Watch.at(2, { gpu: 1 });
    bench.define('train', { resources: { gpu: 1 } });
    bench.define('Holder', { resources: { gpu: 1 } });
    const thread = bench.live('A', 'Holder');
    bench.callActor('A', 'run');
    bench.submit('t', { fn: 'train', from: thread, parent: 'run', caller: 'A' });
    bench.wait(thread, 'run', waitFor(1, ['t']));
    expect(bench.later()).to.deep.equal([
      `${thread} <- deadlocked run 1: Holder.inc (holds gpu: 1) > train`,
    ]);
    bench.fail(thread, 'run');
    // The instance keeps what it declares; when it goes, the task runs.
    expect(bench.circles()).to.deep.equal([]);
    expect(bench.died('A')).to.include('n-2 <- run t');
  });

  it('are found when a call comes to need what those who wait for it hold', () => {
    const bench = Watch.at(2, { gpu: 1 });
    bench.define('f');
    bench.define('gpu', { resources: { CPU: 1, gpu: 1 } });
    bench.submit('holder', { fn: 'gpu' });
    bench.submit('slow');
    bench.submit('next', {
      fn: 'gpu',
      refs: ['slow'],
      from: bench.workerOf('holder'),
      parent: 'holder',
    });
    bench.waits('holder', waitFor(1, ['next']));
    expect(bench.later()).to.deep.equal([]);
    bench.done(bench.workerOf('slow'), 'slow');
    expect(bench.circles()).to.deep.equal([
      `${bench.workerOf('holder')} <- deadlocked holder 1: gpu (holds gpu: 1) > gpu`,
    ]);
  });

  it('are not seen where a holder waits for a call that is only behind others', () => {
    const bench = Watch.at(2, { gpu: 2 });
    bench.define('f');
    bench.define('gpu', { resources: { gpu: 1 } });
    bench.submit('holder', { fn: 'gpu' });
    bench.submit('busy', { fn: 'gpu' });
    const holder = bench.workerOf('holder');
    bench.submit('queued', { fn: 'gpu', from: holder, parent: 'holder' });
    bench.wait(holder, 'holder', waitFor(1, ['queued']));
    expect(bench.later()).to.deep.equal([]);
    expect(bench.done(bench.workerOf('busy'), 'busy').join()).to.match(/run queued/);
  });

  it('are not seen where an instance without calls has what is asked for', () => {
    const bench = Watch.at(1, { gpu: 1 });
    bench.define('f');
    bench.define('gpu', { resources: { gpu: 1 } });
    bench.define('Keeper', { resources: { gpu: 1 } });
    bench.live('A', 'Keeper');
    bench.submit('a');
    bench.submit('b', { fn: 'gpu', from: 'n-1', parent: 'a' });
    bench.waits('a', waitFor(1, ['b']));
    expect(bench.later()).to.deep.equal([]);
  });

  it('are seen beside an instance that keeps something for life, but not because of it', () => {
    const bench = Watch.at(3, { gpu: 2 });
    bench.define('some', { resources: { gpu: 0.5 } });
    bench.define('most', { resources: { gpu: 1.5 } });
    bench.define('Keeper', { resources: { gpu: 0.25 } });
    bench.live('A', 'Keeper');
    bench.submit('holder', { fn: 'some' });
    const holder = bench.workerOf('holder');
    bench.submit('more', { fn: 'most', from: holder, parent: 'holder' });
    bench.waits('holder', waitFor(1, ['more']));
    expect(bench.circles().join()).to.match(/some \(holds gpu: 0.5\) > most$/);
    bench.fail(holder, 'holder');
    bench.done(bench.workerOf('more'), 'more');
    // Here the instance would have to go; the task that waits has a part in it that matters nothing.
    bench.define('little', { resources: { gpu: 0.1 } });
    bench.define('rest', { resources: { gpu: 1.9 } });
    bench.submit('small', { fn: 'little' });
    bench.submit('large', { fn: 'rest', from: bench.workerOf('small'), parent: 'small' });
    bench.waits('small', waitFor(1, ['large']));
    expect(bench.circles()).to.deep.equal([]);
  });

  it('wait for an instance that lends its CPU when all its calls wait', () => {
    const bench = Watch.at(1);
    bench.define('f');
    bench.define('Boss', { resources: { CPU: 1 }, actor: { maxConcurrency: 2 } });
    const thread = bench.live('A', 'Boss');
    for (const id of ['m', 'n']) bench.callActor('A', id, { caller: id });
    for (const id of ['a', 'b']) bench.submit(id, { from: thread, parent: 'm', caller: 'A' });
    bench.wait(thread, 'm', waitFor(1, ['a']));
    expect(bench.circles(), 'the other call runs, and will end or wait').to.deep.equal([]);
    bench.wait(thread, 'n', waitFor(2, ['b']));
    expect(bench.circles()).to.deep.equal([]);
    expect(bench.workerOf('a')).to.equal('n-1');
  });

  it('count the CPU that an instance cannot lend, as a call stops the thread of another', () => {
    const bench = Watch.at(1);
    bench.define('f');
    bench.define('Boss', { resources: { CPU: 1 }, actor: { maxConcurrency: 2 } });
    const thread = bench.live('A', 'Boss');
    for (const id of ['m', 'n']) bench.callActor('A', id, { caller: id });
    bench.submit('a', { from: thread, parent: 'm', caller: 'A' });
    bench.waitSync(thread, 'm', waitFor(1, ['a']));
    expect(bench.circles()).to.deep.equal([
      `${thread} <- deadlocked m 1: Boss.inc (blocks its thread) > f > Boss.inc (holds CPU: 1)`,
    ]);
  });

  it('are not seen in waits that end by themselves', () => {
    const bench = Watch.at(2);
    bench.define('f');
    bench.submit('a');
    bench.submit('b');
    bench.waits('a', { ...waitFor(1, ['b']), limited: true });
    bench.waits('b', waitFor(1, ['a']));
    expect(bench.later()).to.deep.equal([]);
    // It gave up waiting, and does it again without a limit.
    bench.say('n-2', { type: 'unwait', task: 'a', waits: [1] });
    bench.waits('a', waitFor(2, ['b']));
    expect(bench.circles()).to.deep.equal(['n-2 <- deadlocked a 2: f > f']);
  });

  it('need all waits of a call, and as many refs as each waits for', () => {
    const bench = Watch.at(3);
    bench.define('f');
    for (const id of ['a', 'b', 'c']) bench.submit(id);
    bench.waits('a', waitFor(1, ['b', 'c'], 1));
    bench.waits('b', waitFor(1, ['a']), waitFor(2, ['c']));
    expect(bench.later()).to.deep.equal([]);
    bench.waits('c', waitFor(1, ['a']));
    expect(bench.circles()).to.deep.equal(['n-1 <- deadlocked c 1: f > f']);
  });

  it('fail all waits of the call that closed the circle', () => {
    const bench = Watch.at(2);
    bench.define('f');
    bench.submit('a');
    bench.submit('b');
    bench.waits('a', waitFor(1, ['b']));
    bench.waits('b', waitFor(1, ['a']), waitFor(2, ['b']));
    expect(bench.circles()).to.have.lengthOf(1);
    expect(bench.said.join()).to.match(/deadlocked b 1 2/);
  });

  it('leave a call alone that was about to end', () => {
    const bench = Watch.at(1);
    bench.define('Counter');
    const thread = bench.live('A');
    bench.callActor('A', 'early');
    bench.callActor('A', 'inner', { from: thread, parent: 'early', caller: 'A' });
    // Somebody else waits, so that the look comes right after.
    bench.define('f');
    bench.submit('a');
    bench.submit('b', { from: 'n-1', parent: 'a' });
    bench.waits('a', waitFor(1, ['b']));
    bench.at += 9;
    bench.wait(thread, 'early', waitFor(1, ['inner']));
    expect(bench.tick(1)).to.deep.equal(['tick after 10']);
    bench.done(thread, 'early');
    expect(bench.later()).to.deep.equal([]);
  });

  it('show everything that a blocked thread holds up', () => {
    const bench = Watch.at(2);
    bench.define('Counter', { actor: { maxConcurrency: 2 } });
    const thread = bench.live('A');
    bench.callActor('A', 'first');
    bench.callActor('A', 'second', { caller: 'other' });
    // The second has started and awaits something else; the first stops the thread for it.
    bench.waitSync(thread, 'first', waitFor(1, ['second']));
    expect(bench.circles()).to.deep.equal([
      `${thread} <- deadlocked first 1: Counter.inc (blocks its thread) > Counter.inc`,
    ]);
  });

  it('go along chains of any length', () => {
    const bench = Watch.at(1);
    bench.define('f');
    bench.define('Counter');
    const thread = bench.live('A');
    bench.callActor('A', 'outer');
    const length = 20_000;
    bench.callActor('A', 'link 0', { from: thread, parent: 'outer', caller: 'A' });
    for (let at = 1; at < length; at += 1) {
      const parts = { refs: [`link ${at - 1}`], parent: 'outer', caller: 'A' };
      const message = {
        type: 'submit',
        call: { ...callOf(`link ${at}`, parts), spec: 'f' },
      } as const;
      // Past the validation of the bench, which looks at everything each time.
      bench.scheduler.handle({ type: 'messages', from: thread, messages: [message], at: bench.at });
    }
    bench.wait(thread, 'outer', waitFor(1, [`link ${length - 1}`]));
    const [found = ''] = bench.circles();
    expect(found).to.match(/^n-2 <- deadlocked outer 1: Counter.inc > f > .* > … \d+ more … > f/);
    expect(found).to.match(/ > f > Counter.inc$/);
  });

  it('go through items of streams, and through those who take none', () => {
    const bench = Watch.at(2);
    bench.define('reader');
    bench.define('gen');
    bench.submit('a', { fn: 'reader' });
    const thread = bench.workerOf('a');
    const stream = { backpressure: 1 };
    bench.submit('s', { fn: 'gen', from: thread, parent: 'a', stream });
    const maker = bench.workerOf('s');
    // The next item would come when the reader has ended.
    bench.wait(thread, 'a', waitFor(1, ['s:0']));
    bench.wait(maker, 's', waitFor(2, ['a']));
    expect(bench.circles()).to.deep.equal([`${maker} <- deadlocked s 2: gen > reader`]);
    bench.yielded(maker, 's', 0);
    // The reader waits for the end, and the generator for a reader; it is the reader who can do else.
    bench.wait(thread, 'a', waitFor(3, ['s']));
    const pause = { id: 4, refs: [], count: 1, failFast: false, taken: 1 };
    bench.wait(maker, 's', pause);
    expect(bench.circles()).to.deep.equal([
      `${thread} <- deadlocked a 3: reader (takes no items) > gen`,
    ]);
  });

  it('are not seen where a generator pauses until the driver takes items', () => {
    const bench = Watch.at(2);
    bench.define('f');
    bench.submit('s', { stream: { backpressure: 1 } });
    bench.submit('a');
    bench.want(bench.workerOf('a'), 's');
    bench.yielded(bench.workerOf('s'), 's', 0);
    bench.waits('s', { id: 1, refs: [], count: 1, failFast: false, taken: 1 });
    bench.waits('a', waitFor(2, ['s']));
    expect(bench.later()).to.deep.equal([]);
  });

  it('are all found in one look', () => {
    const bench = Watch.at(6);
    bench.define('f');
    for (const id of ['a', 'b', 'c', 'd', 'e', 'g']) bench.submit(id);
    for (const [one, other] of ['ab', 'cd', 'eg']) {
      bench.waits(one ?? '', waitFor(1, [other ?? '']));
      bench.waits(other ?? '', waitFor(2, [one ?? '']));
    }
    const closers = bench.circles().map((line) => line.split(' ')[3]);
    expect(closers).to.deep.equal(['g', 'd', 'b']);
  });

  it('never have the driver in them', () => {
    const bench = Watch.at(1, { gpu: 1 });
    bench.define('f');
    bench.submit('a');
    bench.want('n-0', 'a');
    expect(bench.later()).to.deep.equal([]);
  });
});
