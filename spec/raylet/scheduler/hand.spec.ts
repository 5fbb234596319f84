import { expect } from 'chai';
import { Bench, driver, waitFor } from './support';

describe('scheduler: calls in hand', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 2 });
    bench.define('f');
  });

  /** Submits so many calls `c0`, `c1`, … */
  const submit = (count: number): void => {
    for (let n = 0; n < count; n += 1) bench.submit(`c${n}`);
  };

  /** How many calls each worker was given, from the most to the least. */
  const hands = (): number[] => {
    const counts = new Map<string, number>();
    for (const { worker } of bench.runs.values()) counts.set(worker, (counts.get(worker) ?? 0) + 1);
    return [...counts.values()].sort((a, b) => b - a);
  };

  it('are one while nothing is known of the function', () => {
    submit(10);
    expect(hands()).to.deep.equal([1, 1]);
  });

  it('are about a millisecond of work when it is known to be short', () => {
    bench.teach('f', 0.1);
    bench.runs.clear();
    submit(100);
    expect(hands()).to.deep.equal([10, 10]);
    expect(bench.scheduler.usage().taken).to.deep.equal({ CPU: 2 });
  });

  it('are one more where calls take longer: the thread need not wait for it', () => {
    bench.teachWell('f', 15);
    bench.runs.clear();
    submit(10);
    expect(hands()).to.deep.equal([2, 2]);
    expect(bench.scheduler.usage().taken).to.deep.equal({ CPU: 2 });
  });

  it('are never behind one that takes much longer', () => {
    bench.define('quick');
    bench.teachWell('f', 4);
    bench.teach('quick', 0.1);
    submit(2);
    expect(bench.submit('q', { fn: 'quick' })).to.deep.equal([]);
    bench.done(bench.workerOf('c0'), 'c0', 'ok', 4);
    expect(bench.workerOf('q')).not.to.equal('nowhere');
  });

  it('are 64 at most', () => {
    bench.teach('f', 0.001);
    bench.runs.clear();
    submit(200);
    expect(hands()).to.deep.equal([64, 64]);
  });

  it('are filled up as results come', () => {
    bench.teach('f', 0.1);
    submit(100);
    const said = bench.done(
      'n-1',
      [...bench.runs].find(([, { worker }]) => worker === 'n-1')?.[0] ?? '',
      1,
      0.1,
    );
    expect(said.filter((line) => line.startsWith('n-1 <- run'))).to.have.length(1);
  });

  it('are one again after a first long call', () => {
    bench.teach('f', 0.01);
    bench.teach('f', 2000);
    bench.runs.clear();
    submit(10);
    expect(hands()).to.deep.equal([1, 1]);
  });

  it('are not one for good after a hiccup of the machine', () => {
    bench.teach('f', 0.01);
    bench.teach('f', 15);
    for (let n = 0; n < 10; n += 1) bench.teach('f', 0.01);
    bench.runs.clear();
    submit(10);
    expect(hands()).to.deep.equal([5, 5]);
  });

  it('are soon one more again after a hiccup where calls take longer', () => {
    bench.teachWell('f', 10);
    bench.teach('f', 25);
    for (let n = 0; n < 3; n += 1) bench.teach('f', 10);
    bench.runs.clear();
    submit(10);
    expect(hands()).to.deep.equal([2, 2]);
  });

  it('do not count what the first call on a thread takes to load the code', () => {
    bench.teach('f', 300);
    bench.teach('f', 0.01);
    bench.runs.clear();
    submit(10);
    expect(hands()).to.deep.equal([5, 5]);
  });

  it('do not count the time a call was waiting', () => {
    bench.submit('a');
    bench.submit('b');
    const [a, b] = [bench.workerOf('a'), bench.workerOf('b')];
    bench.wait(a, 'a', waitFor(1, ['b']));
    bench.at += 500;
    bench.done(b, 'b', 'b', 0.01);
    bench.done(a, 'a', 'a', 500.02);
    bench.runs.clear();
    submit(10);
    expect(hands()).to.deep.equal([5, 5]);
  });

  it('are not filled up while a call before them in the order waits for CPUs', () => {
    bench.teach('f', 0.1);
    bench.define('wide', { resources: { CPU: 2 } });
    submit(2);
    bench.submit('first', { fn: 'wide' });
    expect(bench.submit('second')).to.deep.equal([]);
    bench.done(bench.workerOf('c0'), 'c0', 'ok', 0.1);
    // Half of what `first` needs is no use to it.
    expect(bench.runs.has('second')).to.equal(true);
    bench.done(bench.workerOf('second'), 'second', 'ok', 0.1);
    bench.done(bench.workerOf('c1'), 'c1', 'ok', 0.1);
    expect(bench.runs.has('first')).to.equal(true);
  });

  it('are not filled up while a resumed task waits for its CPU', () => {
    bench = Bench.ready({ numCpus: 1 });
    for (const name of ['f', 'g', 'Counter']) bench.define(name);
    bench.teach('f', 0.1);
    bench.createActor('actor');
    bench.alive('actor');
    bench.submit('a', { fn: 'g' });
    bench.callActor('actor', 'm', { from: 'n-1', parent: 'a' });
    bench.submit('b');
    bench.wait('n-1', 'a', waitFor(1, ['m']));
    bench.online('n-3');
    expect(bench.submit('c')).to.deep.equal(['n-3 <- run c', 'tick after 1.5']);
    bench.done('n-2', 'm');
    expect(bench.submit('d')).to.deep.equal([]);
    bench.done('n-3', 'b', 'ok', 0.1);
    expect(bench.done('n-3', 'c', 'ok', 0.1)).to.deep.equal([
      'n-0 <- settled c ok',
      'n-1 <- settled m ok',
      'n-1 <- granted a 1',
    ]);
  });

  it('are given up for a resumed task that waits for its CPU, if they take long', () => {
    bench = Bench.ready({ numCpus: 1 });
    for (const name of ['f', 'g', 'Counter']) bench.define(name);
    bench.teachWell('f', 10);
    bench.createActor('actor');
    bench.alive('actor');
    bench.submit('a', { fn: 'g' });
    bench.callActor('actor', 'm', { from: 'n-1', parent: 'a' });
    for (const id of ['b', 'c']) bench.submit(id);
    bench.wait('n-1', 'a', waitFor(1, ['m']));
    bench.online('n-3');
    expect(bench.workerOf('c')).to.equal('n-3');
    expect(bench.done('n-2', 'm')).to.include('revoke n-3: c');
    bench.revoked('n-3', 'c');
    expect(bench.done('n-3', 'b', 'ok', 10)).to.include('n-1 <- granted a 1');
  });

  it('are no more than one for a function that takes more than CPU', () => {
    bench = Bench.ready({ numCpus: 1, resources: { gpu: 1 } });
    bench.define('f', { resources: { CPU: 1, gpu: 1 } });
    bench.teach('f');
    bench.runs.clear();
    submit(5);
    expect(hands()).to.deep.equal([1]);
  });
});

describe('scheduler: taking calls back', () => {
  let bench: Bench;
  /** Calls in the hand of the first worker, the running one first; the second worker is idle. */
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 2 });
    bench.define('f');
    bench.define('long');
    bench.teach('f', 0.1);
    // The other worker is busy while the hand is filled.
    bench.submit('other', { fn: 'long' });
    for (const id of ['a', 'b', 'c']) bench.submit(id);
  });

  const hand = (): string => bench.workerOf('a');

  it('asks for a look when the first has run too long, while a worker has more than one', () => {
    bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.teach('f', 0.1);
    expect(bench.submit('a')).to.deep.equal(['n-1 <- run a']);
    expect(bench.submit('b')).to.deep.equal(['n-1 <- run b', 'tick after 1.5']);
    expect(bench.submit('c')).to.deep.equal(['n-1 <- run c']);
    expect(bench.tick(1)).to.deep.equal(['tick after 0.5']);
    bench.done('n-1', 'a');
    bench.done('n-1', 'b');
    expect(bench.tick(0.5)).to.deep.equal([]);
  });

  it('leaves them while the first is short', () => {
    expect(bench.tick(1)).to.deep.equal(['tick after 0.5']);
  });

  it('asks back what lies behind a call that runs long, and gives it to who is free', () => {
    bench.tick(1);
    expect(bench.tick(1)).to.deep.equal([`revoke ${hand()}: b c`]);
    bench.done(bench.workerOf('other'), 'other');
    const first = hand();
    const said = bench.revoked(first, 'b', 'c');
    expect(said.filter((line) => line.includes('run'))).to.deep.equal([
      `${bench.workerOf('b')} <- run b`,
      `${bench.workerOf('b')} <- run c`,
    ]);
    expect(bench.workerOf('b')).not.to.equal(first);
  });

  it('leaves what lies behind a call like it as long as nobody could run it', () => {
    bench = Bench.ready({ numCpus: 2 });
    bench.define('f');
    bench.define('long');
    bench.teachWell('f', 10);
    bench.submit('other', { fn: 'long' });
    for (const id of ['a', 'b']) bench.submit(id);
    expect(hand()).to.equal(bench.workerOf('b'));
    expect(bench.tick(15)).to.deep.equal(['tick after 5']);
    const said = bench.done(bench.workerOf('other'), 'other');
    expect(said).to.include('tick after 0');
    expect(bench.tick(0)).to.deep.equal([`revoke ${hand()}: b`]);
    bench.revoked(hand(), 'b');
    expect(bench.workerOf('b')).not.to.equal(hand());
  });

  it('asks it back in the end, even if nobody could', () => {
    bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.teachWell('f', 10);
    for (const id of ['a', 'b']) bench.submit(id);
    expect(bench.tick(20)).to.deep.equal([`revoke ${hand()}: b`]);
  });

  it('puts nothing more behind a call that runs long', () => {
    bench.tick(2);
    bench.revoked(hand(), 'b', 'c');
    expect(bench.submit('d')).to.deep.equal([]);
  });

  it('keeps to the order of submission for what came back', () => {
    bench.submit('d');
    bench.tick(2);
    expect(bench.revoked(hand(), 'd', 'c', 'b')).to.deep.equal([]);
    const said = bench.done(hand(), 'a', 'a', 0.1).filter((line) => line.includes('run'));
    expect(said.map((line) => line.split(' ').at(-1))).to.deep.equal(['b', 'c', 'd']);
  });

  it('leaves alone what had started in the meantime', () => {
    bench.tick(2);
    bench.done(hand(), 'a');
    bench.revoked(hand(), 'c');
    expect(bench.done(hand(), 'b')[0]).to.equal('n-0 <- settled b ok');
  });

  it('takes the refs in a message that was never read as never sent', () => {
    bench.put('x');
    bench.submit('d', { inner: ['x'] });
    bench.release(driver, 'x');
    bench.tick(2);
    bench.revoked(hand(), 'b', 'c', 'd');
    for (const id of ['a', 'b', 'c', 'd']) bench.done(hand(), id);
    // Only the one time that `d` was read is there to be released.
    const before = bench.scheduler.usage().objects;
    bench.release(bench.workerOf('d'), 'x', 1);
    expect(bench.scheduler.usage().objects).to.equal(before - 1);
  });

  it('asks them back as soon as the first one waits', () => {
    const first = hand();
    const said = bench.wait(first, 'a', waitFor(1, ['other']));
    expect(said[0]).to.equal(`revoke ${first}: b c`);
    // Not beside the one that waits, which is none of theirs.
    expect(bench.revoked(first, 'b', 'c')).to.deep.equal(['start n-3']);
    expect(bench.online('n-3')).to.deep.equal(['n-3 <- define f', 'n-3 <- run b', 'n-3 <- run c']);
  });

  it('counts what had started behind a waiting call as running, over the limit if need be', () => {
    bench.define('g');
    const first = hand();
    bench.wait(first, 'a', waitFor(1, ['b']));
    expect(bench.scheduler.usage().taken).to.deep.equal({ CPU: 1 });
    bench.revoked(first, 'c');
    expect(bench.scheduler.usage().taken).to.deep.equal({ CPU: 2 });
    expect(bench.done(first, 'b')).to.include.members([
      `${first} <- granted a 1`,
      'n-0 <- settled b ok',
    ]);
  });

  it('names calls by their place in the claim table, and uses no place twice', () => {
    const claims = new Set<string>();
    for (let n = 0; n < 1000; n += 1) {
      bench.submit(`n${n}`);
      const run = bench.runs.get(`n${n}`);
      if (run === undefined) continue;
      claims.add(`${run.worker} ${run.claim.slot} ${run.claim.turn}`);
      bench.done(run.worker, `n${n}`, 'done', 0.01);
    }
    const given = [...bench.runs.keys()].filter((id) => id.startsWith('n')).length;
    expect(claims.size).to.equal(given);
  });
});
