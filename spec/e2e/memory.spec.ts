import { expect } from 'chai';
import { ScriptFolder } from './script';

/** Notes the most that is resident, in megabytes. */
const WATCH = `
  const { free, get, getSync, init, put, remote, shutdown } = require('rayx');
  const { setImmediate: nextTurn, setTimeout: sleep } = require('node:timers/promises');
  let most = 0;
  const watch = () => (most = Math.max(most, process.memoryUsage().rss / 1e6));
  init({ numCpus: 2 });
  const source = new Float64Array(6_250_000).fill(1);`;

describe('memory of values that nobody has any more', function () {
  this.timeout(60_000);
  let folder: ScriptFolder;
  before(() => (folder = new ScriptFolder()));
  after(() => folder.remove());

  const run = async (body: string): Promise<number> => {
    const text = `${WATCH} (async () => { ${body}; console.log(Math.round(most)); await shutdown(); })()`;
    const { status, stdout, stderr } = await folder.run(text);
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    return Number(stdout);
  };

  it('is used again: a hundred dropped puts of 50 MB stay under 500 MB', async () => {
    const most = await run(`
      for (let i = 0; i < 100; i++) { put(source); watch(); await nextTurn(); }`);
    expect(most).to.be.below(500);
  });

  for (const [how, step] of [
    ['puts nothing else', 'put(source)'],
    ['awaits only what is there', 'check(await get(put(source)))'],
    ['awaits values in lists', 'check((await get(put([source])))[0])'],
    ['awaits refs in lists', 'await get(put([put(source)]))'],
    ['awaits copies', 'check(await get(put(source), { copy: true }))'],
    ['blocks its thread', 'check(getSync(put(source)))'],
    ['blocks its thread for results', 'check(getSync(make.remote()))'],
  ] as const) {
    it(`is used again in a loop that ${how}`, async () => {
      const most = await run(`
        const make = remote(() => new Float64Array(6_250_000).fill(1));
        const check = (values) => {
          if (values[7] !== 1 || values.at(-1) !== 1) throw new Error('another value: ' + values[7]);
        };
        for (let i = 0; i < 40; i++) { ${step}; watch(); }`);
      expect(most).to.be.below(1000);
    });
  }

  it('does so for results that are read and dropped', async () => {
    const most = await run(`
      const make = remote((i) => new Float64Array(2_500_000).fill(i));
      for (let i = 0; i < 100; i++) {
        const result = await get(make.remote(i));
        if (result[7] !== i || result.at(-1) !== i) throw new Error('another value: ' + result[7]);
        watch();
      }`);
    expect(most).to.be.below(700);
  });

  it('is never used again while somebody sees it', async () => {
    await run(`
      const add = remote((a, b) => a.map((x, i) => x + b[i]));
      const seen = [];
      for (let i = 0; i < 200; i++) {
        const ref = put(new Float64Array(50_000).fill(i));
        const sum = await get(add.remote(ref, new Float64Array(50_000).fill(1)));
        if (i % 10 === 0) seen.push([sum, i + 1], [await get(ref), i]);
        if (i % 25 === 0) { globalThis.gc?.(); await sleep(20); }
      }
      for (const [array, value] of seen)
        if (!array.every((x) => x === value)) throw new Error('a value has changed');`);
  });

  it('is given back when it is not used again for a while', async () => {
    const most = await run(`
      const before = process.memoryUsage().rss / 1e6;
      const refs = Array.from({ length: 8 }, () => put(source));
      await get(refs);
      refs.length = 0;
      const deadline = performance.now() + 18_000;
      const much = () => process.memoryUsage().rss / 1e6 - before;
      put(source);
      while (much() > 200 && performance.now() < deadline) await sleep(100);
      most = much()`);
    expect(most).to.be.below(200);
  });
});
