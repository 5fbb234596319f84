import { expect } from 'chai';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScriptFolder } from './script';

/** A store of 20 MB, and 40 values of 5 MB each that know who they are. */
const STORE = `
  const { allocate, free, get, getSync, init, listObjects, ObjectLostError, ObjectStoreFullError,
    OutOfDiskError, put, remote, shutdown, wait } = require('rayx');
  const fs = require('node:fs');
  const { join } = require('node:path');
  init({ numCpus: 2, objectStoreMemory: 20e6 });
  const COUNT = 40;
  const LENGTH = 625_000;
  const make = (n) => new Float64Array(LENGTH).map((_, i) => n * 1e6 + i);
  const check = (array, n) => {
    for (let i = 0; i < LENGTH; i++) if (array[i] !== n * 1e6 + i) throw new Error('wrong value of ' + n);
  };
  const folder = () => fs.readdirSync(process.env.TMPDIR).map((name) => join(process.env.TMPDIR, name))[0];
  const files = () => fs.readdirSync(folder()).map((name) => join(folder(), name));
  // What an object takes beside its array, some bytes in a message, lies elsewhere.
  const inStore = () => 8 * LENGTH * listObjects().filter(({ location }) => location === 'shared memory').length;
  const fails = (promise) => promise.then(() => undefined, (error) => error);`;

describe('values beyond objectStoreMemory', function () {
  this.timeout(60_000);
  let folder: ScriptFolder;
  let disk: string;
  before(() => {
    folder = new ScriptFolder();
    disk = mkdtempSync(join(tmpdir(), 'rayx-disk-'));
  });
  after(() => {
    folder.remove();
    rmSync(disk, { recursive: true, force: true });
  });

  const run = async (body: string, env: NodeJS.ProcessEnv = { TMPDIR: disk }): Promise<string> => {
    const text = `${STORE} (async () => { ${body}; await shutdown(); })()`;
    const { status, stdout, stderr } = await folder.run(text, 'script.cjs', env);
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    return stdout.trim();
  };

  it('lie on disk, and every byte comes back: ten times the limit, read at random', async () => {
    await run(`
      const refs = Array.from({ length: COUNT }, (_, n) => put(make(n)));
      if (inStore() > 20e6) throw new Error(inStore() + ' bytes in memory');
      const nth = (k) => (k * 7919 + 13) % COUNT;
      for (let k = 0; k < 60; k++) check(await get(refs[nth(k)]), nth(k));
      // Code that never awaits drops what it has read as well.
      for (let k = 0; k < 15; k++) check(getSync(refs[nth(k)]), nth(k));`);
  });

  it('are arguments of tasks and of actors, whose order stays', async () => {
    await run(`
      const refs = Array.from({ length: COUNT }, (_, n) => put(make(n)));
      const first = remote((array) => array[0]);
      const Log = remote(class { seen = []; add(array, n) { this.seen.push(n); return array[1]; } all() { return this.seen; } });
      const log = Log.remote();
      const added = refs.map((ref, n) => log.add.remote(ref, n));
      const firsts = await get(refs.map((ref) => first.remote(ref)));
      firsts.forEach((value, n) => { if (value !== n * 1e6) throw new Error('task ' + n); });
      (await get(added)).forEach((value, n) => { if (value !== n * 1e6 + 1) throw new Error('method ' + n); });
      const order = await get(log.all.remote());
      if (order.join() !== refs.map((_, n) => n).join()) throw new Error('order ' + order);`);
  });

  it('are results, plain data and long texts as well', async () => {
    await run(`
      const rows = remote((n) => Array.from({ length: 100_000 }, (_, i) => ({ n, i, name: 'row ' + i })));
      const text = remote((n) => String(n).repeat(3_000_000));
      const refs = Array.from({ length: 20 }, (_, n) => [rows.remote(n), text.remote(n)]);
      for (const n of [0, 19, 7, 3, 12, 0]) {
        const [table, long] = await get(refs[n]);
        if (table.length !== 100_000 || table[99_999].n !== n || table[500].name !== 'row 500') throw new Error('table ' + n);
        if (long !== String(n).repeat(3_000_000)) throw new Error('text ' + n);
      }`);
  });

  it('stay what views show that were read before', async () => {
    await run(`
      const refs = Array.from({ length: COUNT }, (_, n) => put(make(n)));
      const kept = await get([refs[1], refs[2]]);
      for (const n of [5, 6, 7, 8, 9, 10, 11]) check(await get(refs[n]), n);
      check(kept[0], 1);
      check(kept[1], 2);
      kept.length = 0;
      check(await get(refs[1]), 1);`);
  });

  it('cost no disk when they are freed, and the folder goes with the runtime', async () => {
    await run(`
      const refs = Array.from({ length: COUNT }, (_, n) => put(make(n)));
      if (files().length < 30) throw new Error(files().length + ' files');
      free(refs);
      const deadline = performance.now() + 10_000;
      while (files().length > 0 && performance.now() < deadline) await new Promise((r) => setTimeout(r, 10));
      if (files().length > 0) throw new Error(files().length + ' files left');
      put(make(1));`);
    expect(readdirSync(disk)).to.deep.equal([]);
  });

  it('leave nothing behind when the script just ends, and what a killed one left goes at the next start', async () => {
    const left = await run(`
      Array.from({ length: 10 }, (_, n) => globalThis['kept' + n] = put(make(n)));
      console.log(folder());
      process.exit(0)`);
    expect(readdirSync(disk)).to.deep.equal([]);
    // Nobody has this process id.
    const [, name = ''] = /([^/]+)$/.exec(left) ?? [];
    const stale = join(disk, name.replace(/-\d+-/, '-4194305-'));
    mkdirSync(stale);
    writeFileSync(join(stale, '1.bin'), 'left');
    await run(`
      const deadline = performance.now() + 10_000;
      while (fs.existsSync(${JSON.stringify(stale)}) && performance.now() < deadline) await new Promise((r) => setTimeout(r, 10));
      await get(remote(() => 1).remote())`);
    expect(readdirSync(disk)).to.deep.equal([]);
  });

  it('that cannot be read back any more are lost, and nothing else', async () => {
    const seen = await run(`
      const refs = Array.from({ length: COUNT }, (_, n) => put(make(n)));
      for (const file of files()) {
        const bytes = fs.readFileSync(file);
        bytes[bytes.length >> 1] ^= 1;
        fs.writeFileSync(file, bytes);
      }
      const first = remote((array) => array[0]);
      const error = await fails(get(refs[0]));
      console.log(error instanceof ObjectLostError, error.message.replace(/object \\w+/, 'object'));
      const failed = await fails(get(first.remote(refs[1])));
      console.log(failed.cause instanceof ObjectLostError);
      check(await get(refs[COUNT - 1]), COUNT - 1)`);
    expect(seen).to.equal(
      'true the object is lost: its value was on disk and cannot be read back: its checksum is wrong\ntrue',
    );
  });

  it('that are lost there are made again by their tasks, with what was lost before them', async () => {
    const seen = await run(`
      let runs = remote(class { count = 0; add() { this.count++; } get() { return this.count; } }).remote();
      const first = remote(async (n, runs) => { await get(runs.add.remote()); return new Float64Array(625_000).map((_, i) => n * 1e6 + i); });
      const next = remote((array, plus) => array.map((x) => x + plus));
      const plus = put(0);
      const inputs = Array.from({ length: 8 }, (_, n) => first.options({ maxRetries: n === 7 ? 0 : 3 }).remote(n, runs));
      const refs = inputs.map((ref) => next.options({ maxRetries: 2 }).remote(ref, plus));
      await wait(refs, { numReturns: refs.length });
      const other = inputs.pop();
      inputs.length = 0; // only how they were made is left of them
      const more = Array.from({ length: 7 }, (_, n) => put(make(n)));
      for (const file of files()) fs.truncateSync(file, 1000);
      for (const n of [0, 1, 2, 3]) check(await get(refs[n]), n);
      console.log(await get(runs.get.remote()) > 8);
      const sum = remote((array) => array[5]);
      console.log(await get(sum.remote(refs[4])));
      const error = await fails(get(other));
      console.log(error === undefined || error instanceof ObjectLostError)`);
    expect(seen).to.equal('true\n4000005\ntrue');
  });

  it('that are lost there fail all calls that were given them, and those alone', async () => {
    const seen = await run(`
      const refs = Array.from({ length: 8 }, (_, n) => put(make(n)));
      for (const file of files()) fs.truncateSync(file, 1000);
      const first = remote((array) => array[0]);
      const Reader = remote(class { first(array) { return array[0]; } });
      const reader = Reader.remote();
      const calls = [1, 2, 3, 4].flatMap(() => [first.remote(refs[0]), reader.first.remote(refs[0])]);
      const errors = await Promise.all(calls.map((ref) => fails(get(ref))));
      console.log(errors.every((error) => error.cause instanceof ObjectLostError));
      console.log(await get(first.remote(put(make(3)))))`);
    expect(seen).to.equal('true\n3000000');
  });

  it('that somebody else has freed are never read as other ones', async () => {
    const seen = await run(`
      const ref = put(make(1));
      await get(remote(([ref]) => require('rayx').free(ref)).remote([ref]));
      const other = put(make(2));
      const error = await fails(get(ref));
      console.log(error instanceof ObjectLostError);
      check(await get(other), 2)`);
    expect(seen).to.equal('true');
  });

  it('that are made again take the CPU of the task that waits for them', async () => {
    const seen = await run(`
      await shutdown();
      init({ numCpus: 1, objectStoreMemory: 20e6 });
      const made = remote((n) => new Float64Array(625_000).map((_, i) => n * 1e6 + i));
      const ref = made.remote(4);
      await wait([ref]);
      const kept = Array.from({ length: 6 }, (_, n) => put(make(n)));
      for (const file of files()) fs.truncateSync(file, 1000);
      const read = remote(async ([ref]) => (await get(ref))[7]);
      const readSync = remote(([ref]) => getSync(ref)[8]);
      console.log(await get(read.remote([ref])), await get(readSync.remote([ref])), kept.length)`);
    expect(seen).to.equal('4000007 4000008 6');
  });

  it('wait as arguments for the end of others, where there is room for one at a time', async () => {
    const seen = await run(`
      const refs = [1, 2].map((n) => put(new Float64Array(1_500_000).fill(n)));
      const slow = remote(async (array) => {
        await new Promise((resolve) => setTimeout(resolve, 3_000));
        return array[0] + array.length;
      });
      console.log(await get(refs.map((ref) => slow.remote(ref))))`);
    expect(seen).to.equal('[ 1500001, 1500002 ]');
  });

  it('go to disk though the thread that made them computes for long', async () => {
    await run(`
      const busy = remote((n) => {
        const result = make(n);
        return result;
      });
      const compute = remote((milliseconds) => {
        const end = performance.now() + milliseconds;
        while (performance.now() < end);
      });
      const results = [0, 1, 2].map((n) => busy.remote(n));
      await wait(results, { numReturns: 3 });
      const computing = [compute.remote(5_000), compute.remote(5_000)];
      for (let n = 3; n < 8; n++) results.push(put(make(n)));
      for (const [n, ref] of results.entries()) check(await get(ref), n);
      await get(computing)`);
  });

  it('are fetched by each get for itself: one that asks for too much refuses no other', async () => {
    const seen = await run(`
      const refs = Array.from({ length: 10 }, (_, n) => put(make(n)));
      const [all, one] = await Promise.allSettled([get(refs), get(refs[0])]);
      console.log(all.reason instanceof ObjectStoreFullError, one.status);
      check(one.value, 0);
      const pending = get(refs[1]);
      free(refs[1]);
      console.log(await fails(pending) instanceof ObjectLostError || (await pending).length);
      const before = get(refs[2]);
      for (let n = 0; n < 6; n++) refs.push(put(make(n)));
      check(await before, 2)`);
    expect(seen).to.match(/^true fulfilled\n(true|625000)$/);
  });

  it('leave their room to others where they are refused', async () => {
    await run(`
      const half = remote((n) => [new Float64Array(625_000), new WeakMap()], { numReturns: 2, maxRetries: 0 });
      for (let n = 0; n < 8; n++) await fails(get(half.remote(n)));
      const refs = Array.from({ length: 6 }, (_, n) => put(make(n)));
      for (const [n, ref] of refs.entries()) check(await get(ref), n);`);
  });

  it('that are larger than the store, or are all in use, are refused', async () => {
    const seen = await run(`
      try { put(new Float64Array(3_000_000)); } catch (error) { console.log(error instanceof ObjectStoreFullError, error.size, error.capacity); }
      const refs = Array.from({ length: 10 }, (_, n) => put(make(n)));
      const all = await fails(get(refs));
      console.log(all instanceof ObjectStoreFullError);
      const views = await get(refs.slice(0, 3));
      try { put(new Float64Array(LENGTH + 1)); } catch (error) { console.log(error instanceof ObjectStoreFullError); }
      views.forEach(check);
      const big = remote(() => new Float64Array(3_000_000));
      console.log(await fails(get(big.remote())) instanceof ObjectStoreFullError)`);
    expect(seen).to.equal('true 24000000 20000000\ntrue\ntrue\ntrue');
  });

  it('fail with what the system says where there is no disk for them', async () => {
    const nowhere = join(disk, 'a-file');
    writeFileSync(nowhere, '');
    const seen = await run(
      `const refs = [];
       try { for (let n = 0; n < COUNT; n++) refs.push(put(make(n))); }
       catch (error) { console.log(error instanceof OutOfDiskError, error.reason.includes('ENOTDIR')); }
       for (const n of [0, 1, 2]) check(await get(refs[n]), n);`,
      { TMPDIR: nowhere },
    );
    rmSync(nowhere);
    expect(seen).to.equal('true true');
  });
});
