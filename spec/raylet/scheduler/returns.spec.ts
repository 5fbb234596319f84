import { expect } from 'chai';
import { Bench, driver, encoded, waitFor } from './support';

const returns = ['a', 'a2', 'a3'];

describe('scheduler: calls with several returns', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 1 });
    bench.define('f', { maxRetries: 1 });
    bench.submit('a', { returns });
  });

  const objects = (): number => bench.scheduler.usage().objects;

  it('settle each object by a value of its own', () => {
    expect(bench.doneAll('n-1', 'a', 1, 2, 3)).to.deep.equal([
      'n-0 <- settled a ok',
      'n-0 <- settled a2 ok',
      'n-0 <- settled a3 ok',
    ]);
    const values = bench.instructions.flatMap((one) =>
      one.type === 'send' && one.message.type === 'settled' && one.message.outcome.ok
        ? [one.message.outcome.value]
        : [],
    );
    expect(values).to.deep.equal([1, 2, 3]);
  });

  it('let dependants go that need any of them', () => {
    bench.submit('b', { refs: ['a3'] });
    bench.submit('c', { refs: ['a2', 'a'] });
    expect(bench.doneAll('n-1', 'a', 1, 2, 3).at(-1)).to.equal('n-1 <- run b with a3');
    expect(bench.done('n-1', 'b').at(-1)).to.equal('n-1 <- run c with a2 a');
  });

  it('answer waits for any of them', () => {
    bench = Bench.ready({ numCpus: 2 });
    bench.define('f');
    bench.submit('w');
    bench.submit('a', { returns });
    bench.say('n-2', { type: 'want', ids: ['a2'] });
    bench.wait('n-2', 'w', waitFor(1, ['a2']));
    const said = bench.doneAll('n-1', 'a', 1, 2, 3);
    expect(said).to.include('n-2 <- settled a2 ok').and.to.include('n-2 <- granted w 1');
  });

  it('let each object go by itself', () => {
    bench.doneAll('n-1', 'a', 1, encoded('two'), 3);
    bench.release(driver, 'a');
    expect(objects()).to.equal(2);
    bench.submit('b', { refs: ['a2'] });
    bench.release(driver, 'a2');
    bench.release(driver, 'a3');
    expect(objects()).to.equal(2);
    bench.done('n-1', 'b');
    bench.release(driver, 'b');
    expect(objects()).to.equal(0);
  });

  it('keep what was released before they end from being told, but not the others', () => {
    bench.release(driver, 'a2');
    expect(bench.doneAll('n-1', 'a', 1, 2, 3)).to.deep.equal([
      'n-0 <- settled a ok',
      'n-0 <- forgotten a2',
      'n-0 <- settled a3 ok',
    ]);
    expect(objects()).to.equal(2);
  });

  it('hold what their values refer to, each its own', () => {
    bench.put('x');
    bench.doneAll('n-1', 'a', 1, encoded('holds x', { refs: ['x'] }), 3);
    bench.release(driver, 'x', 2);
    bench.release(driver, 'a');
    bench.release(driver, 'a3');
    expect(objects()).to.equal(2);
    bench.release(driver, 'a2');
    expect(objects()).to.equal(0);
  });

  it('run again after their worker died, and fail all together', () => {
    bench.exited('n-1', {}, ['a']);
    bench.online('n-2');
    expect(bench.runs.get('a')).to.deep.include({ attempt: 1 });
    expect(bench.exited('n-2', {}, ['a']).slice(0, 3)).to.deep.equal(
      returns.map((id) => `n-0 <- settled ${id} WORKER_CRASHED`),
    );
  });

  it('fail all together when an argument has failed', () => {
    bench.submit('b', { refs: ['a2'], returns: ['b', 'b2'] });
    expect(bench.fail('n-1', 'a').slice(-2)).to.deep.equal([
      'n-0 <- settled b failed by f',
      'n-0 <- settled b2 failed by f',
    ]);
  });

  it('are cancelled by any of their objects, and fail all together', () => {
    bench.submit('b', { returns: ['b', 'b2'] });
    expect(bench.cancel('b2')).to.deep.equal([
      'n-0 <- settled b TASK_CANCELLED',
      'n-0 <- settled b2 TASK_CANCELLED',
    ]);
    bench.tick();
    bench.cancel('a3');
    bench.revoked('n-1');
    expect(bench.said.filter((line) => line.includes('settled'))).to.deep.equal(
      returns.map((id) => `n-0 <- settled ${id} TASK_CANCELLED`),
    );
    bench.doneAll('n-1', 'a', 1, 2, 3);
    for (const id of [...returns, 'b', 'b2']) bench.release(driver, id);
    expect(bench.unseen()).to.deep.equal([]);
    expect(bench.scheduler.usage()).to.include({ objects: 0, calls: 0 });
  });

  it('close a circle by any of their objects', () => {
    bench = new Bench({ numCpus: 2, lookAfter: 10 });
    for (const worker of ['n-1', 'n-2']) bench.online(worker);
    bench.define('left');
    bench.define('right');
    bench.submit('l', { fn: 'left', returns: ['l', 'l2'] });
    bench.submit('r', { fn: 'right', inner: ['l2'], returns: ['r', 'r2'] });
    const [left, right] = [bench.workerOf('l'), bench.workerOf('r')];
    bench.say(left, { type: 'want', ids: ['r2'] });
    bench.wait(left, 'l', waitFor(1, ['r2']));
    bench.say(right, { type: 'want', ids: ['l2'] });
    bench.wait(right, 'r', waitFor(2, ['l2']));
    expect(bench.tick(1000)).to.include(`${right} <- deadlocked r 2: right > left`);
  });

  describe('that failed', () => {
    beforeEach(() => void bench.fail('n-1', 'a'));

    it('are seen when one of them was looked at', () => {
      bench.look('a2');
      for (const id of returns) expect(bench.release(driver, id)).to.not.include(`unseen ${id}`);
      expect(bench.unseen()).to.deep.equal([]);
    });

    it('are seen when a dependant of one was looked at', () => {
      bench.submit('b', { refs: ['a3'] });
      bench.look('b');
      expect(bench.unseen()).to.deep.equal([]);
    });

    it('are told once, when the last of them goes, by an object that was there until then', () => {
      expect(bench.release(driver, 'a')).to.deep.equal(['n-0 <- forgotten a']);
      expect(bench.release(driver, 'a3')).to.deep.equal(['n-0 <- forgotten a3']);
      expect(bench.release(driver, 'a2')).to.deep.equal(['n-0 <- unseen a2']);
    });

    it('are told once at the end', () => {
      bench.release(driver, 'a');
      expect(bench.unseen().map(({ id }) => id)).to.deep.equal(['a2']);
      expect(bench.unseen()).to.deep.equal([]);
      bench.release(driver, 'a2');
      expect(bench.release(driver, 'a3')).to.deep.equal(['n-0 <- forgotten a3']);
    });
  });
});

describe('scheduler: calls without returns', () => {
  it('leave nothing behind, and a failure is told', () => {
    const bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    for (const id of ['a', 'b']) {
      bench.submit(id, { returns: [] });
      bench.release(driver, id);
    }
    expect(bench.done('n-1', 'a', undefined)[0]).to.equal('n-0 <- forgotten a');
    expect(bench.fail('n-1', 'b')).to.deep.equal(['n-0 <- forgotten b', 'n-0 <- unseen b']);
    expect(bench.scheduler.usage().objects).to.equal(0);
  });
});
