import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import {
  ActorAlreadyExistsError,
  ActorDiedError,
  type ActorHandle,
  ActorNotFoundError,
  get,
  getActor,
  init,
  InvalidArgumentError,
  InvalidOptionError,
  kill,
  listNamedActors,
  remote,
  shutdown,
  TaskError,
} from 'rayx';
import { eventually } from './eventually';
import { ScriptFolder } from './script';
import { errorOf } from './timing';

class Counter {
  value: number;
  constructor(start = 0) {
    this.value = start;
  }
  increment(): number {
    return (this.value += 1);
  }
  crash(): void {
    process.exit(1);
  }
}

const RemoteCounter = remote(Counter);

describe('named actors', function () {
  this.timeout(30_000);
  beforeEach(() => init({ numCpus: 2 }));
  afterEach(() => shutdown());

  it('are found by their name, from the driver, a task and another actor', async () => {
    const hits = RemoteCounter.options({ name: 'hits' }).remote(10);
    expect(await get(getActor<Counter>('hits').increment.remote())).to.equal(11);
    const bump = remote(async () => get(getActor<Counter>('hits').increment.remote()));
    expect(await get(bump.remote())).to.equal(12);
    class Other {
      async bump(): Promise<number> {
        return get(getActor<Counter>('hits').increment.remote());
      }
    }
    expect(await get(remote(Other).remote().bump.remote())).to.equal(13);
    expect(await get(hits.increment.remote())).to.equal(14);
  });

  it('are found before their constructor has run', async () => {
    class Slow {
      constructor() {
        const end = performance.now() + 300;
        while (performance.now() < end);
      }
      ready(): string {
        return 'ready';
      }
    }
    const slow = remote(Slow, { name: 'slow' }).remote();
    expect(await get(getActor<Slow>('slow').ready.remote())).to.equal('ready');
    expect(await get(slow.ready.remote())).to.equal('ready');
  });

  it('have a name each: a second one throws at once', async () => {
    const first = RemoteCounter.options({ name: 'one' }).remote();
    const again = (): unknown => RemoteCounter.options({ name: 'one' }).remote();
    expect(again).to.throw(ActorAlreadyExistsError, 'an actor named one in the namespace');
    expect(await get(first.increment.remote())).to.equal(1);
    const error = await errorOf(() => get(remote(() => void again()).remote()));
    expect(error).to.be.instanceOf(TaskError).and.instanceOf(ActorAlreadyExistsError);
  });

  it('are not there when nobody made them', () => {
    expect(() => getActor('nobody')).to.throw(ActorNotFoundError, 'no actor named nobody');
  });

  it('are made once by getIfExists, whoever comes first', async () => {
    const Shared = RemoteCounter.options({ name: 'shared', getIfExists: true });
    const join = remote(async () => {
      const counter = Shared.remote();
      return { counter, value: await get(counter.increment.remote()) };
    });
    const joined = await get(Array.from({ length: 8 }, () => join.remote()));
    expect(joined.map(({ value }) => value).sort((a, b) => a - b)).to.deep.equal([
      1, 2, 3, 4, 5, 6, 7, 8,
    ]);
    expect(await get(Shared.remote(100).increment.remote())).to.equal(9);
    expect(listNamedActors()).to.deep.equal(['shared']);
  });

  it('have free names again when they are dead', async () => {
    const first = RemoteCounter.options({ name: 'again' }).remote();
    await get(first.increment.remote());
    kill(first);
    const second = RemoteCounter.options({ name: 'again' }).remote(5);
    expect(await get(second.increment.remote())).to.equal(6);
    await errorOf(() => get(second.crash.remote()));
    expect(() => getActor('again')).to.throw(ActorNotFoundError);
    expect(await errorOf(() => get(second.increment.remote()))).to.be.instanceOf(ActorDiedError);
  });

  it('keep their names while they restart', async () => {
    const options = { name: 'phoenix', maxRestarts: 1, maxTaskRetries: -1, restartDelay: 200 };
    const phoenix = RemoteCounter.options(options).remote(1);
    await get(phoenix.increment.remote());
    kill(phoenix, { noRestart: false });
    expect(() => RemoteCounter.options({ name: 'phoenix' }).remote()).to.throw(
      ActorAlreadyExistsError,
    );
    expect(await get(getActor<Counter>('phoenix').increment.remote())).to.equal(2);
  });

  it('end with their last handle like others: a name does not hold', async () => {
    (() => void RemoteCounter.options({ name: 'brief' }).remote())();
    await eventually(
      () => {
        global.gc?.();
        return listNamedActors();
      },
      (names) => names.length === 0,
    );
    expect(() => getActor('brief')).to.throw(ActorNotFoundError);
  });

  it('are held by the handle that getActor gave', async () => {
    const found = (() => {
      RemoteCounter.options({ name: 'held' }).remote(1);
      return getActor<Counter>('held');
    })();
    for (let round = 2; round < 5; round += 1) {
      global.gc?.();
      await sleep(50);
      expect(await get(found.increment.remote())).to.equal(round);
    }
  });

  it('live without handles when they are detached, until they are killed', async () => {
    const options = { name: 'detached', lifetime: 'detached' } as const;
    const make = remote(async () => {
      await get(RemoteCounter.options(options).remote(1).increment.remote());
    });
    await get(make.remote());
    for (let round = 3; round < 6; round += 1) {
      global.gc?.();
      await sleep(100);
      expect(await get(getActor<Counter>('detached').increment.remote())).to.equal(round);
    }
    kill(getActor('detached'));
    expect(() => getActor('detached')).to.throw(ActorNotFoundError);
  });

  it('end with the runtime when they are detached: their names are free in the next', async () => {
    const options = { namespace: 'web', name: 'detached', lifetime: 'detached' } as const;
    await get(RemoteCounter.options(options).remote().increment.remote());
    await shutdown();
    await init({ numCpus: 2 });
    expect(() => getActor('detached', 'web')).to.throw(ActorNotFoundError);
    expect(await get(RemoteCounter.options(options).remote().increment.remote())).to.equal(1);
  });

  it('are listed, the oldest first, in their namespaces', async () => {
    const kept: ActorHandle<Counter>[] = [];
    for (const [name, namespace] of [['b'], ['a'], ['a', 'other']] as const) {
      const place = namespace === undefined ? {} : { namespace };
      kept.push(RemoteCounter.options({ name, ...place }).remote());
    }
    expect(listNamedActors()).to.deep.equal(['b', 'a']);
    const all = listNamedActors({ allNamespaces: true });
    expect(all.map(({ name }) => name)).to.deep.equal(['b', 'a', 'a']);
    expect(all[2]).to.deep.equal({ name: 'a', namespace: 'other' });
    expect(all[0]?.namespace).to.equal(all[1]?.namespace).and.not.equal('other');
    const inOther = getActor<Counter>('a', 'other');
    await get(inOther.increment.remote());
    expect(await get(kept[2]!.increment.remote())).to.equal(2);
    expect(await get(kept[1]!.increment.remote())).to.equal(1);
    expect(() => getActor('b', 'other')).to.throw(ActorNotFoundError, 'namespace other');
  });

  it('are in the namespace of init, in tasks too', async () => {
    await shutdown();
    await init({ numCpus: 2, namespace: 'web' });
    const hits = RemoteCounter.options({ name: 'hits' }).remote();
    expect(listNamedActors({ allNamespaces: true })).to.deep.equal([
      { name: 'hits', namespace: 'web' },
    ]);
    const list = remote(() => listNamedActors());
    expect(await get(list.remote())).to.deep.equal(['hits']);
    expect(await get(getActor<Counter>('hits', 'web').increment.remote())).to.equal(1);
    expect(await get(hits.increment.remote())).to.equal(2);
  });

  it('refuse names that are none', () => {
    for (const name of ['', 7, undefined]) {
      expect(() => getActor(name as never)).to.throw(InvalidArgumentError, 'takes a name');
      if (name === undefined) continue;
      expect(() => RemoteCounter.options({ name: name as never })).to.throw(InvalidOptionError);
    }
    expect(() => getActor('a', '')).to.throw(InvalidArgumentError, 'takes a namespace');
    expect(() => RemoteCounter.options({ getIfExists: true })).to.throw(InvalidOptionError);
  });
});

describe('a detached actor', function () {
  this.timeout(30_000);
  let folder: ScriptFolder;
  before(() => (folder = new ScriptFolder()));
  after(() => folder.remove());

  it('does not keep the script from ending', async () => {
    const { status, stdout, stderr, took } = await folder.run(`
      const { get, remote } = require('rayx');
      class Ticker {
        constructor() { setInterval(() => {}, 10); }
        tick() { return 'tick'; }
      }
      const ticker = remote(Ticker, { name: 'ticker', lifetime: 'detached' }).remote();
      get(ticker.tick.remote()).then(console.log);`);
    expect({ status, stderr, stdout }).to.deep.equal({ status: 0, stderr: '', stdout: 'tick\n' });
    expect(took).to.be.below(10_000);
  });
});
