import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ActorDiedError,
  availableResources,
  get,
  init,
  InvalidOptionError,
  remote,
  shutdown,
} from 'rayx';
import { ScriptFolder } from './script';
import { stay, Tally } from './tally';
import { errorOf } from './timing';

describe('admission', function () {
  this.timeout(30_000);
  before(() => init({ numCpus: 4, numGpus: 1, memory: 1e9, resources: { licence: 0.001 } }));
  after(() => shutdown());

  const guest = remote(stay);
  /** How many of four calls run at once, each of which stays until so many do. */
  const four = async (options: object, together: number): Promise<number> => {
    const tally = new Tally();
    const calls = [1, 2, 3, 4].map(() => guest.options(options).remote(tally.memory, together));
    await get(calls);
    return tally.most;
  };

  const kinds: readonly [string, together: object, apart: object][] = [
    ['GPUs', { numGpus: 0.25 }, { numGpus: 0.75 }],
    ['memory', { memory: 2.5e8 }, { memory: 6e8 }],
    ['own resources', { resources: { licence: 0.0002 } }, { resources: { licence: 0.0006 } }],
    ['CPUs', { numCpus: 1 }, { numCpus: 2.5 }],
  ];
  for (const [name, together, apart] of kinds) {
    it(`runs as many calls at once as there are ${name} for`, async () => {
      expect(await four(together, 4)).to.equal(4);
      expect(await four(apart, 1)).to.equal(1);
    });
  }

  it('gives all back', async () => {
    await four({ numGpus: 0.3, memory: 1000, resources: { licence: 0.0003 } }, 3);
    const all = { CPU: 4, GPU: 1, memory: 1e9, licence: 0.001 };
    // The results are told before the last resources are back.
    while (availableResources().CPU !== 4) await sleep(5);
    expect(availableResources()).to.deep.equal(all);
  });

  describe('memory of an actor', () => {
    class Hoarder {
      private readonly kept: unknown[] = [];
      hoard(megabytes: number): number {
        for (let at = 0; at < megabytes; at += 1) {
          this.kept.push(Array.from({ length: 131_072 }, (_, index) => index + 0.5));
        }
        return megabytes;
      }
    }

    it('is its heap limit, at which it dies alone and says so', async () => {
      const small = remote(Hoarder, { memory: 32 * 2 ** 20 }).remote();
      const large = remote(Hoarder, { memory: 256 * 2 ** 20 }).remote();
      expect(await get(small.hoard.remote(2))).to.equal(2);
      const [died, lives] = [small.hoard.remote(100), large.hoard.remote(100)];
      const error = await errorOf(() => get(died));
      expect(error).to.be.instanceOf(ActorDiedError);
      expect(error.message).to.include('its thread reached its heap limit of 32 MB');
      expect(await get(lives)).to.equal(100);
      expect(await errorOf(() => get(small.hoard.remote(1)))).to.be.instanceOf(ActorDiedError);
    });

    it('must be enough for a thread', () => {
      expect(() => remote(Hoarder, { memory: 2 ** 20 })).to.throw(
        InvalidOptionError,
        "remote(Hoarder): memory is the heap limit of an actor's thread too",
      );
      expect(() => remote(Hoarder).options({ memory: 1 })).to.throw(InvalidOptionError);
    });
  });
});

describe('a script that asks for what is not there', function () {
  this.timeout(30_000);
  let folder: ScriptFolder;
  before(() => (folder = new ScriptFolder()));
  after(() => folder.remove());

  it('is told once what is missing, and its other calls run', async () => {
    const { stdout, stderr, status } = await folder.run(`
      const { get, init, remote, wait } = require('rayx');
      init({ numCpus: 2 });
      const train = remote(function train() {}, { numGpus: 1 });
      class Model {}
      const square = remote((x) => x * x);
      const never = [train.remote(), train.remote(), remote(Model, { numCpus: 64 }).remote()];
      get(square.remote(3))
        .then(console.log)
        .then(() => wait([never[0]], { timeout: 100 }))
        .then(([ready]) => console.log(ready.length));`);
    expect({ stdout, status }).to.deep.equal({ stdout: '9\n0\n', status: 0 });
    expect(stderr.split('\n')).to.deep.equal([
      '(rayx) train needs GPU: 1, this machine has 0: its calls stay pending; ask for less, or raise numGpus in init()',
      '(rayx) Model needs CPU: 64, this machine has 2: its instances stay pending; ask for less, or raise numCpus in init()',
      '',
    ]);
  });
});
