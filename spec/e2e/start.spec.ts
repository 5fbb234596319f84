import { expect } from 'chai';
import { ScriptFolder } from './script';

describe('the start', function () {
  this.timeout(30_000);
  let folder: ScriptFolder;
  before(() => (folder = new ScriptFolder()));
  after(() => folder.remove());

  it('takes 250 ms at most, from import to first result', async () => {
    // What else the machine does can only add to it: the least of a few runs is what it takes.
    let least = Infinity;
    for (let run = 0; run < 24 && least > 250; run++) {
      const { stdout } = await folder.run(`
        const start = performance.now();
        const { get, remote } = require('rayx');
        const by = 3;
        get(remote((x) => x * by).remote(2)).then(() => console.log(performance.now() - start));`);
      least = Math.min(least, Number(stdout));
    }
    expect(least).to.be.at.most(250);
  });

  it('brings as many CPUs as the machine has, unless told otherwise', async () => {
    const { stdout } = await folder.run(`
      const { availableParallelism } = require('node:os');
      const { get, init, remote } = require('rayx');
      const { setTimeout: sleep } = require('node:timers/promises');
      const cpus = availableParallelism();
      const memory = new SharedArrayBuffer(8);
      // Stays until as many are there together as there are CPUs.
      const stay = remote(async (shared) => {
        const counts = new Int32Array(shared);
        const inside = Atomics.add(counts, 0, 1) + 1;
        for (let most; (most = Atomics.load(counts, 1)) < inside; )
          Atomics.compareExchange(counts, 1, most, inside);
        do await sleep(20); while (Atomics.load(counts, 1) < cpus);
        Atomics.sub(counts, 0, 1);
      });
      get(Array.from({ length: 2 * cpus }, () => stay.remote(memory)))
        .then(() => console.log(new Int32Array(memory)[1] === cpus));`);
    expect(stdout).to.equal('true\n');
  });
});
