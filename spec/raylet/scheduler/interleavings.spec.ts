import { expect } from 'chai';
import { Storm } from './storm';

const SEEDS = 40;
const STEPS = 1500;

describe('scheduler: any order of events', function () {
  this.timeout(60_000);
  let [restored, lost] = [0, 0];
  after(() => {
    expect(restored, 'buffers that came back from disk').to.be.above(100);
    expect(lost, 'buffers that were lost there').to.be.above(5);
  });

  it(`ends with everything settled and given back, whatever happens (${SEEDS} seeds)`, () => {
    let deadlocks = 0;
    for (let seed = 1; seed <= SEEDS; seed += 1) deadlocks += weather(new Storm(seed), seed);
    expect(deadlocks, 'circles that came about').to.be.above(10);
  });

  it(`ends so where instances do several things at once (${SEEDS} seeds)`, () => {
    let deadlocks = 0;
    for (let seed = 1; seed <= SEEDS; seed += 1) deadlocks += weather(new Storm(seed, true), seed);
    expect(deadlocks, 'circles that came about').to.be.above(50);
  });

  it(`tells nobody of a circle where there is none (${SEEDS} seeds)`, () => {
    let deadlocks = 0;
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      deadlocks += weather(new Storm(seed, seed % 2 === 0, true), seed);
    }
    expect(deadlocks).to.equal(0);
  });

  /** Answers how many calls were told that they wait in a circle. */
  function weather(storm: Storm, seed: number): number {
    try {
      for (let step = 0; step < STEPS; step += 1) storm.step();
      storm.settle();
      const { calls, taken } = storm.world.scheduler.usage();
      expect(calls, 'calls without result').to.equal(0);
      expect(storm.pending, 'refs without outcome').to.deep.equal([]);
      expect(taken.CPU ?? 0, 'CPU still taken').to.equal(storm.cpuKept);
      storm.letGo();
      expect(storm.world.scheduler.usage().objects, 'objects still kept').to.equal(0);
      expect(storm.world.scheduler.usage().actors, 'actors still known').to.equal(0);
      expect(storm.world.scheduler.usage().buffers, 'memory still in use').to.equal(0);
      expect(storm.world.disk.size, 'files still there').to.equal(0);
      restored += storm.world.disk.restored;
      lost += storm.world.disk.lost;
      expect(storm.world.scheduler.usage().specs, 'functions still known').to.equal(0);
      expect(storm.world.scheduler.usage().parcels, 'code still kept').to.equal(0);
      const hosts = [...storm.world.clients.values()].filter(
        ({ actor, shared }) => actor !== undefined || shared,
      );
      expect(hosts.length, 'threads of dead actors').to.equal(0);
      return storm.world.deadlocks;
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
});
