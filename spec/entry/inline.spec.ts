import { expect } from 'chai';
import { get, getSync } from '../../lib/api/get';
import { put } from '../../lib/api/put';
import { remote } from '../../lib/api/remote';
import { resolveInitOptions } from '../../lib/base/options/init';
import { setCurrentClient } from '../../lib/client/current';
import type { ObjectRef } from '../../lib/client/refs';
import type { Runtime } from '../../lib/client/runtime';
import { startInlineRuntime } from '../../lib/entry/inline';

const start = (): Runtime => startInlineRuntime(resolveInitOptions({ mode: 'inline', numCpus: 2 }));

/** How many threads, or ports, this process has. */
const count = (kind: 'Worker' | 'MessagePort'): number =>
  process.getActiveResourcesInfo().filter((name) => name === kind).length;

describe('an inline runtime', function () {
  this.timeout(20_000);

  it('starts no thread', async () => {
    const before = count('Worker');
    const runtime = start();
    await runtime.ready;
    expect(count('Worker')).to.be.at.most(before);
    await runtime.shutdown();
  });

  it('takes calls on return, and is ready a moment later', async () => {
    const runtime = start();
    expect(runtime.client.ask({ type: 'resources' }).total.CPU).to.equal(2);
    await runtime.ready;
    await runtime.shutdown();
  });

  it('keeps a scheduler that is sound, whatever it runs', async () => {
    const runtime = start();
    setCurrentClient(runtime.client);
    const sum = remote(async (refs: readonly ObjectRef<number>[]) => {
      const [first, ...rest] = refs;
      const values = await get(rest);
      return values.reduce((total, x) => total + x, first ? getSync(first) : 0);
    });
    class Keeper {
      refs: readonly ObjectRef<number>[] = [];
      keep(refs: readonly ObjectRef<number>[]): void {
        this.refs = refs;
      }
      quit(): void {
        process.exit(1);
      }
    }
    const keeper = remote(Keeper).remote();
    const sums = Array.from({ length: 20 }, (_, n) => sum.remote([put(n), sum.remote([put(n)])]));
    await get(keeper.keep.remote(sums));
    const lost = [keeper.quit.remote(), keeper.keep.remote(sums)];
    expect(await get(sums)).to.deep.equal(sums.map((_, n) => 2 * n));
    for (const ref of lost) {
      await get(ref).then(
        () => expect.fail('it was kept'),
        (error: Error) => expect(error.name).to.equal('ActorDiedError'),
      );
    }
    expect(runtime.client.ask({ type: 'validate' }).problem).to.equal(undefined);
    setCurrentClient(undefined);
    await runtime.shutdown();
  });

  it('leaves no port, listener or exit of its own behind', async () => {
    const { exit } = process;
    const listeners = process.listenerCount('exit');
    const ports = count('MessagePort');
    for (let n = 0; n < 5; n += 1) {
      const runtime = start();
      await runtime.ready;
      expect(process.exit).not.to.equal(exit);
      await runtime.shutdown();
    }
    // A port is closed a little after it was told to.
    while (count('MessagePort') > ports) await new Promise(setImmediate);
    expect(process.listenerCount('exit')).to.equal(listeners);
    expect(process.exit).to.equal(exit);
  });

  it('leaves an exit that somebody has put over its own where it is', async () => {
    const { exit } = process;
    const runtime = start();
    const theirs = (() => {}) as never;
    process.exit = theirs;
    await runtime.shutdown();
    expect(process.exit).to.equal(theirs);
    process.exit = exit;
  });

  it('rejects its readiness when it is shut down before', async () => {
    const runtime = start();
    const ready = runtime.ready.catch((error: Error) => error.name);
    await runtime.shutdown();
    expect(await ready).to.equal('ShutdownError');
  });
});
