import { expect } from 'chai';
import { Bench, driver, encoded, waitFor } from './support';

const stream = {};
const bounded = { backpressure: 1 };
const gen = { fn: 'gen', stream };

/** One worker on which `a`, a generator of the driver's, runs. */
function running(parts: object = gen): Bench {
  const bench = Bench.ready({ numCpus: 1 });
  bench.define('f');
  bench.define('gen');
  bench.submit('a', { ...gen, ...parts });
  return bench;
}

const objects = (bench: Bench): number => bench.scheduler.usage().objects;

describe('scheduler: streams', () => {
  it('tell the reader of each item as soon as it is yielded, then of the end and the number', () => {
    const bench = running();
    expect(bench.yielded('n-1', 'a', 0)).to.deep.equal([`${driver} <- settled a:0 ok`]);
    expect(bench.yielded('n-1', 'a', 1)).to.deep.equal([`${driver} <- settled a:1 ok`]);
    bench.done('n-1', 'a', undefined);
    expect(bench.said).to.deep.equal([`${driver} <- settled a:2 end`, `${driver} <- settled a ok`]);
    const [, last] = bench.instructions.filter(({ type }) => type === 'send');
    expect(last).to.have.nested.property('message.outcome.value', 2);
  });

  it('give what was thrown as the last item and as the result, and nothing behind it', () => {
    const bench = running();
    bench.yielded('n-1', 'a', 0);
    expect(bench.fail('n-1', 'a')).to.deep.equal([
      `${driver} <- settled a:1 thrown`,
      `${driver} <- settled a thrown`,
    ]);
    expect(objects(bench)).to.equal(3);
  });

  it('report a failure once, and only when neither the last item nor the result was looked at', () => {
    for (const seen of [undefined, 'a', 'a:0']) {
      const bench = running();
      bench.fail('n-1', 'a');
      if (seen !== undefined) bench.look(seen);
      expect(bench.release(driver, 'a:0')).to.deep.equal([`${driver} <- forgotten a:0`]);
      const told = seen === undefined ? 'unseen' : 'forgotten';
      expect(bench.release(driver, 'a')).to.deep.equal([`${driver} <- ${told} a`]);
      expect(objects(bench)).to.equal(0);
    }
  });

  it('fail as a whole when an argument fails', () => {
    const bench = running({ refs: ['x'], inner: [] });
    expect(bench.said).to.deep.equal([
      `${driver} <- settled a:0 failed by an object`,
      `${driver} <- settled a failed by an object`,
    ]);
  });

  it('let others need an item, and wait for it, before it is there', () => {
    const bench = running();
    bench.submit('b', { refs: ['a:0'] });
    bench.yielded('n-1', 'a', 0, 'first');
    bench.submit('c', { refs: ['a:1'] });
    bench.done('n-1', 'a');
    expect(bench.said).to.include('n-1 <- run b with a:0');
    bench.done('n-1', 'b');
    expect(bench.said).to.include('n-1 <- run c with a:1');
  });

  it('hold back items for the task that reads them until it has a CPU again', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.define('gen');
    bench.submit('reader');
    bench.submit('a', { ...gen, from: 'n-1', parent: 'reader' });
    bench.wait('n-1', 'reader', waitFor(1, ['a:0']));
    bench.online('n-2');
    expect(bench.workerOf('a')).to.equal('n-2');
    expect(bench.yielded('n-2', 'a', 0)).to.deep.equal([]);
    bench.done('n-2', 'a');
    expect(bench.said.slice(0, 3)).to.deep.equal([
      'n-1 <- settled a:0 ok',
      'n-1 <- settled a:1 end',
      'n-1 <- settled a ok',
    ]);
    expect(bench.said).to.include('n-1 <- granted reader 1');
  });

  it('forget what is released while they go on', () => {
    const bench = running();
    for (let index = 0; index < 1000; index += 1) {
      bench.yielded('n-1', 'a', index, encoded('value'));
      bench.release(driver, `a:${index}`);
      expect(objects(bench)).to.equal(2);
    }
  });

  it('keep the items that are there when the call runs again, and skip them', () => {
    const bench = running();
    bench.yielded('n-1', 'a', 0, 'old');
    bench.yielded('n-1', 'a', 1, 'old');
    bench.exited('n-1', {}, ['a']);
    bench.online('n-2');
    expect(bench.said).to.include('n-2 <- run a again 1');
    expect(bench.yielded('n-2', 'a', 0, 'new')).to.deep.equal([]);
    expect(bench.yielded('n-2', 'a', 1, 'new')).to.deep.equal([]);
    expect(bench.yielded('n-2', 'a', 2, 'new')).to.deep.equal([`${driver} <- settled a:2 ok`]);
    bench.done('n-2', 'a');
    const [, last] = bench.instructions.filter(({ type }) => type === 'send');
    expect(last).to.have.nested.property('message.outcome.value', 3);
  });

  it('take nothing from a thread that has lost them', () => {
    const bench = running();
    bench.exited('n-1', {}, ['a']);
    bench.online('n-2');
    expect(bench.yielded('n-1', 'a', 0)).to.deep.equal([]);
    expect(bench.yielded('n-2', 'a', 0)).to.deep.equal([`${driver} <- settled a:0 ok`]);
  });

  it('end with the failure when their worker died for the last time', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('once', { maxRetries: 0 });
    bench.submit('a', { fn: 'once', stream });
    bench.yielded('n-1', 'a', 0);
    bench.exited('n-1', {}, ['a']);
    expect(bench.said).to.include(`${driver} <- settled a:1 WORKER_CRASHED`);
    expect(bench.said).to.include(`${driver} <- settled a WORKER_CRASHED`);
  });

  it('end with the death of their actor', () => {
    const bench = Bench.ready();
    bench.define('Counter');
    bench.createActor('counter');
    bench.alive('counter');
    bench.callActor('counter', 'a', { stream });
    bench.callActor('counter', 'b', { stream });
    bench.yielded('n-3', 'a', 0);
    bench.died('counter');
    for (const id of ['a:1', 'a', 'b:0', 'b']) {
      expect(bench.said).to.include(`${driver} <- settled ${id} ACTOR_DIED`);
    }
  });

  it('end at shutdown for the driver that reads them', () => {
    const bench = running();
    bench.yielded('n-1', 'a', 0);
    expect(bench.handle({ type: 'shutdown' })).to.deep.equal([
      `${driver} <- settled a SHUTDOWN`,
      `${driver} <- settled a:1 SHUTDOWN`,
    ]);
  });
});

describe('scheduler: streams whose reader leaves', () => {
  it('are told to end, and count as cancelled at once', () => {
    const bench = running();
    bench.yielded('n-1', 'a', 0);
    expect(bench.leave('a', 2)).to.include('revoke n-1: a');
    // It had started.
    expect(bench.revoked('n-1')).to.deep.equal([
      'n-1 <- abort a TASK_CANCELLED',
      `${driver} <- settled a TASK_CANCELLED`,
    ]);
    bench.done('n-1', 'a');
    for (const id of ['a:0', 'a:1', 'a']) bench.release(driver, id);
    expect(objects(bench)).to.equal(0);
    expect(bench.unseen()).to.deep.equal([]);
  });

  it('never run when they have not started', () => {
    const bench = running();
    bench.leave('a', 1);
    expect(bench.revoked('n-1', 'a')).to.include(`${driver} <- settled a TASK_CANCELLED`);
    expect(bench.scheduler.usage().calls).to.equal(0);
  });

  it('answer whoever still waits for the next item: there is none', () => {
    const bench = running();
    expect(bench.leave('a', 1)).to.include(`${driver} <- settled a:0 end`);
  });

  it('keep nothing of what was yielded on the way, whether they run or have ended', () => {
    for (const ends of [false, true]) {
      const bench = running();
      for (let index = 0; index < 5; index += 1) bench.yielded('n-1', 'a', index);
      if (ends) bench.done('n-1', 'a');
      // The reader knew of two items and has let go of both.
      bench.leave('a', 2);
      bench.release(driver, 'a:0');
      bench.release(driver, 'a:1');
      bench.release(driver, 'a');
      if (!ends) {
        bench.revoked('n-1');
        expect(bench.yielded('n-1', 'a', 5)).to.deep.equal([]);
        bench.done('n-1', 'a');
      }
      expect(objects(bench)).to.equal(0);
    }
  });

  it('are read by nobody else: only the reader can leave', () => {
    const bench = running();
    bench.yielded('n-1', 'a', 0);
    expect(bench.leave('a', 0, 'n-1')).to.deep.equal([]);
    expect(bench.yielded('n-1', 'a', 1)).to.deep.equal([`${driver} <- settled a:1 ok`]);
  });

  it('go on unread, and do not pause, while somebody waits for their end', () => {
    for (const goesOn of ['yes', 'for others'] as const) {
      const bench = running({ stream: bounded });
      if (goesOn === 'for others') bench.submit('b', { refs: ['a'] });
      bench.yielded('n-1', 'a', 0);
      bench.pause('n-1', 'a', 1);
      expect(bench.leave('a', 2, driver, goesOn)).to.include('n-1 <- granted a 1001');
      expect(bench.yielded('n-1', 'a', 1)).to.deep.equal([]);
      bench.done('n-1', 'a');
      expect(bench.said).to.include(`${driver} <- settled a ok`);
      const end = bench.instructions.find(({ type }) => type === 'send');
      expect(end).to.have.nested.property('message.outcome.value', 2);
    }
  });

  it('end when nobody waits for that any more', () => {
    const bench = running();
    bench.leave('a', 1, driver, 'yes');
    bench.release(driver, 'a:0');
    expect(bench.yielded('n-1', 'a', 0)).to.deep.equal([]);
    bench.release(driver, 'a');
    expect(bench.yielded('n-1', 'a', 1)).to.deep.equal(['revoke n-1: a']);
    bench.revoked('n-1');
    bench.done('n-1', 'a');
    expect(objects(bench)).to.equal(0);
  });

  it('never run when an argument is still missing', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.define('gen');
    bench.submit('x');
    bench.submit('a', { ...gen, refs: ['x'] });
    bench.leave('a', 1);
    expect(bench.said).to.include(`${driver} <- settled a TASK_CANCELLED`);
    bench.done('n-1', 'x');
    expect(bench.workerOf('a')).to.equal('nowhere');
  });

  it('end when the thread of the reader has ended', () => {
    const bench = Bench.ready({ numCpus: 2 });
    bench.define('once', { maxRetries: 0 });
    bench.define('gen');
    bench.submit('reader', { fn: 'once' });
    const reader = bench.workerOf('reader');
    bench.submit('a', { ...gen, from: reader, parent: 'reader' });
    const writer = bench.workerOf('a');
    bench.yielded(writer, 'a', 0);
    bench.exited(reader, {}, ['reader']);
    expect(bench.revoked(writer)).to.include(`${writer} <- abort a TASK_CANCELLED`);
    bench.yielded(writer, 'a', 1);
    bench.done(writer, 'a');
    bench.release(driver, 'reader');
    expect(objects(bench)).to.equal(0);
  });
});

describe('scheduler: streams that are cancelled', () => {
  it('have that as their last item', () => {
    const bench = running();
    bench.yielded('n-1', 'a', 0);
    bench.cancel('a');
    expect(bench.revoked('n-1')).to.deep.equal([
      'n-1 <- abort a TASK_CANCELLED',
      `${driver} <- settled a:1 TASK_CANCELLED`,
      `${driver} <- settled a TASK_CANCELLED`,
    ]);
    expect(bench.yielded('n-1', 'a', 1)).to.deep.equal([]);
    bench.done('n-1', 'a');
    for (const id of ['a:0', 'a:1', 'a']) bench.release(driver, id);
    expect(objects(bench)).to.equal(0);
    expect(bench.unseen()).to.deep.equal([]);
  });

  it('may be left on top of it', () => {
    const bench = running();
    bench.cancel('a');
    bench.revoked('n-1');
    expect(bench.leave('a', 1)).to.deep.equal([]);
    bench.done('n-1', 'a');
    for (const id of ['a:0', 'a']) bench.release(driver, id);
    expect(objects(bench)).to.equal(0);
  });
});

describe('scheduler: streams with back-pressure', () => {
  it('lend their CPU while they pause, and go on when enough is taken and a CPU is free', () => {
    const bench = running({ stream: bounded });
    bench.yielded('n-1', 'a', 0);
    bench.submit('b');
    bench.pause('n-1', 'a', 1);
    bench.online('n-2');
    expect(bench.workerOf('b')).to.equal('n-2');
    expect(bench.taken('a', 1)).to.deep.equal([]);
    bench.done('n-2', 'b');
    expect(bench.said).to.include.members(['n-1 <- taken a 1', 'n-1 <- granted a 1001']);
  });

  it('go on at once when enough was taken before they paused', () => {
    const bench = running({ stream: bounded });
    bench.yielded('n-1', 'a', 0);
    bench.taken('a', 1);
    bench.submit('b');
    expect(bench.pause('n-1', 'a', 1)).to.deep.equal(['n-1 <- taken a 1', 'n-1 <- granted a 1001']);
  });

  it('do not go on before enough is taken', () => {
    const bench = running({ stream: { backpressure: 2 } });
    for (const index of [0, 1, 2]) bench.yielded('n-1', 'a', index);
    bench.pause('n-1', 'a', 3);
    expect(bench.taken('a', 2)).to.deep.equal([]);
    expect(bench.taken('a', 3)).to.include('n-1 <- granted a 1003');
  });

  it('remember what is taken over a retry', () => {
    const bench = running({ stream: bounded });
    bench.yielded('n-1', 'a', 0);
    bench.pause('n-1', 'a', 1);
    bench.exited('n-1', {}, ['a']);
    bench.online('n-2');
    bench.taken('a', 1);
    bench.yielded('n-2', 'a', 0);
    expect(bench.pause('n-2', 'a', 1)).to.include('n-2 <- granted a 1001');
  });

  it('end while they pause when their reader leaves', () => {
    const bench = running({ stream: bounded });
    bench.yielded('n-1', 'a', 0);
    bench.pause('n-1', 'a', 1);
    expect(bench.leave('a', 2)).to.include('n-1 <- abort a TASK_CANCELLED');
    bench.done('n-1', 'a');
    expect(bench.scheduler.usage()).to.deep.include({ calls: 0 });
    expect(bench.scheduler.usage().taken.CPU ?? 0).to.equal(0);
  });

  it('pause in an instance without lending what it does not have', () => {
    const bench = Bench.ready();
    bench.define('Counter');
    bench.createActor('counter');
    bench.alive('counter');
    bench.callActor('counter', 'a', { stream: bounded });
    bench.yielded('n-3', 'a', 0);
    expect(bench.pause('n-3', 'a', 1)).to.deep.equal([]);
    expect(bench.taken('a', 1)).to.deep.equal(['n-3 <- taken a 1', 'n-3 <- granted a 1001']);
  });
});
