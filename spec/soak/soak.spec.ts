import { expect } from 'chai';
import { init, shutdown } from 'rayx';
import { settledGrowth, takeSettledCensus } from './census';
import { Soak } from './soak';

const numCpus = 2;
const WARM_UP = 8;
const ROUNDS = 12;

describe('soak', function () {
  this.timeout(180_000);
  before(() => init({ numCpus, idleTimeout: 100, logToDriver: false, onUnhandledError: () => {} }));
  after(() => shutdown());

  it('leaves everything as it was after the first rounds', async () => {
    const soak = new Soak(1);
    await soak.warmUp();
    for (let round = 0; round < WARM_UP; round += 1) await soak.round();
    const before = await takeSettledCensus(numCpus);
    for (let round = 0; round < ROUNDS; round += 1) await soak.round();
    expect(await settledGrowth(before, numCpus)).to.deep.equal([]);
  });
});
