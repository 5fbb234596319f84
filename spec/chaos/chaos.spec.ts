import { init, shutdown } from 'rayx';
import { Chaos } from './chaos';

const ROUNDS = 10;
const CALLS = 300;

describe('chaos', function () {
  this.timeout(300_000);
  before(() => init({ numCpus: 2, logToDriver: false, onUnhandledError: () => {} }));
  after(() => shutdown());

  for (const seed of [1, 2, 3]) {
    it(`leaves no ref pending, no value wrong and nothing behind (seed ${seed})`, async () => {
      const chaos = new Chaos(seed);
      for (let round = 0; round < ROUNDS; round += 1) await chaos.round(CALLS);
    });
  }
});
