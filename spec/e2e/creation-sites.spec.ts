import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { get, init, listObjects, put, remote, shutdown, type ObjectRef } from 'rayx';

const lines = readFileSync(__filename, 'utf8').split('\n');

/** The line of this file that ends with the mark. */
const lineOf = (mark: string): number => lines.findIndex((text) => text.endsWith(`// ${mark}`)) + 1;

/** Types before the code make compiled lines others than written ones. */
interface Made {
  readonly id: string;
}

/** The line of this file where the object was made. */
function siteOf({ id }: Made): number {
  const { site = 'unknown' } = listObjects().find((info) => info.id === id) ?? {};
  const place = /creation-sites\.spec\.ts:(\d+):\d+$/.exec(site);
  expect(place, site).not.to.equal(null);
  return Number(place?.[1]);
}

const square = remote(function square(x: number): number {
  return x * x;
});

class Counter {
  private readonly kept: ObjectRef<unknown>[] = [];

  increment(): number {
    return 1;
  }

  keep(): readonly ObjectRef<unknown>[] {
    this.kept.push(put('in an actor')); // put in an actor
    this.kept.push(square.remote(2)); // call in an actor
    return this.kept;
  }
}
const RemoteCounter = remote(Counter);

for (const mode of ['threads', 'inline'] as const) {
  describe(`with recordCreationSites, ${mode}, listObjects() shows the line`, function () {
    this.timeout(20_000);
    before(() => init({ mode, numCpus: 2, recordCreationSites: true }));
    after(() => shutdown());

    it('of each put, though many are alike', () => {
      const leaked = Array.from({ length: 40 }, () => put(7)); // alike
      const other = put(7); // another
      expect(new Set(leaked.map(siteOf))).to.deep.equal(new Set([lineOf('alike')]));
      expect(siteOf(other)).to.equal(lineOf('another'));
    });

    it('of each call, also of the last of many in one turn', async () => {
      const many = Array.from({ length: 40 }, (_, x) => square.remote(x)); // many
      const last = square.remote(7); // last
      expect(new Set(many.map(siteOf))).to.deep.equal(new Set([lineOf('many')]));
      expect(siteOf(last)).to.equal(lineOf('last'));
      await get([...many, last]);
      expect(siteOf(last), 'of a result').to.equal(lineOf('last'));
    });

    it('of calls with several returns, of items of streams and of failures', async () => {
      const two = remote(() => [1, 2], { numReturns: 2 });
      const [one, other] = two.remote(); // two
      expect([one, other].map(siteOf)).to.deep.equal([lineOf('two'), lineOf('two')]);
      const count = remote(function* count() {
        yield 1;
        yield 2;
      });
      const items: ObjectRef<number>[] = [];
      for await (const item of count.remote()) items.push(item); // stream
      expect(items.map(siteOf)).to.deep.equal([lineOf('stream'), lineOf('stream')]);
      const failed = remote((): never => {
        throw new Error('as it should');
      }).remote(); // fails
      await get(failed).catch(() => {});
      expect(siteOf(failed)).to.equal(lineOf('fails'));
    });

    it('of actors, also of named ones, and of calls of their methods', async () => {
      const counter = RemoteCounter.remote(); // actor
      const named = RemoteCounter.options({ name: 'named' }).remote(); // named
      const called = counter.increment.remote(); // method
      expect(siteOf(called)).to.equal(lineOf('method'));
      await get([called, named.increment.remote()]);
      const sites = listObjects().flatMap(({ task, site }) => (task === 'Counter' ? [site] : []));
      const made = sites.map((site) => Number(/spec\.ts:(\d+)/.exec(site ?? '')?.[1]));
      expect(made).to.deep.equal([lineOf('actor'), lineOf('named')]);
    });

    it('of what tasks and actors make, as written', async () => {
      const make = remote(function make(): readonly ObjectRef<unknown>[] {
        const value: unknown = 'in a task';
        return [put(value), square.remote(2)]; // in a task
      });
      const [stored, called] = await get(make.remote());
      expect([stored, called].map((ref) => ref && siteOf(ref))).to.deep.equal([
        lineOf('in a task'),
        lineOf('in a task'),
      ]);
      const kept = await get(RemoteCounter.remote().keep.remote());
      expect(kept.map(siteOf)).to.deep.equal([
        lineOf('put in an actor'),
        lineOf('call in an actor'),
      ]);
    });

    it('to tasks, too', async () => {
      const given = put('of the script'); // of the script
      const look = remote((ids: readonly string[]) =>
        listObjects().flatMap(({ id, site }) => (ids.includes(id) ? [site] : [])),
      );
      const [site] = await get(look.remote([given.id]));
      expect(site).to.match(new RegExp(`spec\\.ts:${lineOf('of the script')}:\\d+$`));
      const own = remote(() => {
        const ref = put(1);
        return listObjects().find(({ id }) => id === ref.id)?.site;
      });
      expect(await get(own.remote())).to.match(/creation-sites\.spec\.ts:\d+:\d+$/);
    });
  });
}

describe('listObjects()', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('tells no sites unless they are recorded', async () => {
    const refs = [put(1), square.remote(2)];
    await get(refs);
    for (const info of listObjects()) expect(info).not.to.have.property('site');
  });

  it('names the actor whose thread holds an object', async () => {
    const counter = RemoteCounter.remote();
    const kept = await get(counter.keep.remote());
    const { holders = [] } = listObjects().find(({ id }) => id === kept[0]?.id) ?? {};
    expect(holders.join()).to.match(/^worker \w+-\d+ \(Counter\),driver/);
    await get(counter.increment.remote());
  });
});
