import { expect } from 'chai';
import { Bench, callOf, driver, encoded } from './support';

describe('scheduler: handles that are garbage and not collected', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = Bench.ready({ numCpus: 1 });
    bench.define('f');
    bench.define('free', { resources: { CPU: 0 } });
    bench.define('huge', { resources: { CPU: 2 } });
    bench.define('Keeper', { resources: { CPU: 1 } });
    bench.createActor('A', { fn: 'Keeper' });
    bench.alive('A');
  });

  const asked = (said: readonly string[]): string[] => said.filter((one) => /collect$/.test(one));
  /** The clients asked to collect by two looks. */
  const looks = (): string[] => [...asked(bench.tick(50)), ...asked(bench.tick(50))];

  it('are looked for when a call starves of what an idle actor keeps, and the call runs', () => {
    expect(bench.submit('a')).to.deep.equal(['tick after 50 when free']);
    expect(bench.tick(50), 'it may have been about to run').to.deep.equal([
      'tick after 50 when free',
    ]);
    expect(bench.tick(50)).to.deep.equal(['n-0 <- collect', 'tick after 100 when free']);
    expect(bench.release(driver, 'new A')).to.include.members([
      'end A on n-2 gently',
      'n-1 <- run a',
    ]);
    expect(looks()).to.deep.equal([]);
  });

  it('are looked for by all threads that have some, and by each once for many actors', () => {
    bench = Bench.ready({ numCpus: 2 });
    bench.define('f');
    bench.define('free', { resources: { CPU: 0 } });
    bench.define('Keeper', { resources: { CPU: 1 } });
    for (const actor of ['A', 'B']) {
      bench.createActor(actor, { fn: 'Keeper' });
      bench.alive(actor);
    }
    bench.submit('b', { fn: 'free', inner: ['new A'] });
    bench.done(bench.workerOf('b'), 'b');
    bench.submit('a');
    expect(looks()).to.have.members(['n-0 <- collect', `${bench.workerOf('b')} <- collect`]);
  });

  it('are looked for ever more rarely while the actor is kept on purpose', () => {
    bench.submit('a');
    const hour = bench.at + 3_600_000;
    let times = 0;
    for (let wait = 50; bench.at < hour && wait < Infinity;) {
      const said = bench.tick(wait);
      times += asked(said).length;
      wait = Math.min(...said.map((one) => Number(/^tick after (\d+)/.exec(one)?.[1] ?? Infinity)));
    }
    expect(bench.at).to.be.at.least(hour);
    expect(times).to.be.within(10, 20);
  });

  it('are not looked for while calls of the actor are under way, but afterwards', () => {
    bench.callActor('A', 'm');
    bench.submit('a');
    expect(looks()).to.deep.equal([]);
    bench.done('n-2', 'm');
    expect(looks()).to.deep.equal(['n-0 <- collect']);
  });

  it('are not looked for where a stored value has a handle, too', () => {
    bench.put('kept', encoded('value', { refs: ['new A'] }));
    bench.submit('a');
    expect(looks()).to.deep.equal([]);
  });

  it('are not looked for where calls get their turn one after the other', () => {
    bench = Bench.ready({ numCpus: 2 });
    bench.define('f');
    bench.define('Keeper', { resources: { CPU: 1 } });
    bench.createActor('A', { fn: 'Keeper' });
    bench.alive('A');
    for (let at = 0; at < 20; at += 1) bench.submit(`call ${at}`);
    for (let at = 0; at < 18; at += 1) {
      expect(asked(bench.tick(50))).to.deep.equal([]);
      bench.done(bench.workerOf(`call ${at}`), `call ${at}`);
    }
  });

  it('are not looked for where that is of no use', () => {
    bench.submit('b', { fn: 'huge' });
    expect(looks(), 'the machine has not so much').to.deep.equal([]);
    bench.kill('A');
    bench.submit('a');
    bench.submit('c');
    expect(looks(), 'no actor keeps it').to.deep.equal([]);
  });

  it('are looked for when somebody wants the name of the actor', () => {
    const name = (actor: string, getIfExists = false): string[] => {
      const named = { name: 'one', handle: encoded('handle', { refs: [`new ${actor}`] }) };
      const call = { ...callOf(`new ${actor}`, {}), spec: 'Keeper', actor, named };
      const question = { type: 'createNamed', call, getIfExists } as const;
      return bench.say(driver, { type: 'ask', token: 1, question });
    };
    bench = Bench.ready({ numCpus: 1 });
    bench.define('Keeper', { resources: {} });
    expect(asked(name('A'))).to.deep.equal([]);
    bench.alive('A');
    expect(asked(name('B', true)), 'who gets the one there').to.deep.equal([]);
    expect(name('B')).to.include('n-0 <- collect');
    expect(asked(name('C')), 'at once again').to.deep.equal([]);
    bench.at += 100;
    expect(asked(name('D'))).to.deep.equal(['n-0 <- collect']);
  });
});
