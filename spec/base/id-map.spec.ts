import { expect } from 'chai';
import { IdMap } from '../../lib/base/id-map';
import { countOf, idSource } from '../../lib/base/ids';

describe('a table by ids', () => {
  const thing = (name: string) => ({ name });

  it('knows which id of its source each is', () => {
    const nextId = idSource();
    for (let count = 1; count <= 1000; count += 1) expect(countOf(nextId())).to.equal(count);
    for (const other of ['', 'o1', `${nextId()}:1`, `G${nextId().slice(1)}`, 'ä'.repeat(20)]) {
      expect(countOf(other)).to.equal(undefined);
    }
  });

  it('keeps what it is given until that is taken out', () => {
    const table = new IdMap<{ name: string }>();
    const [a, b] = [idSource(), idSource()];
    const ids = Array.from({ length: 300 }, (_, n) => (n % 2 ? a() : b()));
    for (const id of [...ids, 'another', '']) table.set(id, thing(id));
    expect(table.size).to.equal(302);
    for (const id of [...ids, 'another', '']) expect(table.get(id)?.name).to.equal(id);
    expect(table.has(a())).to.equal(false);
    expect(table.delete(a())).to.equal(false);
    for (const id of ids) expect(table.delete(id)).to.equal(true);
    expect([...table.values()].map(({ name }) => name)).to.deep.equal(['another', '']);
    expect(table.size).to.equal(2);
    expect(table.delete('')).to.equal(true);
    expect(table.delete(ids[0] ?? '')).to.equal(false);
  });

  it('takes the last of two by one id, counted once', () => {
    const table = new IdMap<{ name: string }>();
    const id = idSource()();
    table.set(id, thing('first')).set(id, thing('second'));
    expect(table.get(id)?.name).to.equal('second');
    expect(table.size).to.equal(1);
  });

  it('is as a Map is, whatever comes and goes', () => {
    const table = new IdMap<{ name: string }>();
    const model = new Map<string, { name: string }>();
    const sources = Array.from({ length: 3 }, () => idSource());
    const ids: string[] = [];
    let seed = 1;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 8) % below;
    };
    for (let step = 0; step < 20_000; step += 1) {
      if (random(2) === 0) ids.push(sources[random(3)]?.() ?? '');
      const id = ids[random(ids.length)] ?? 'none';
      if (random(3) > 0) {
        const value = thing(String(step));
        table.set(id, value);
        model.set(id, value);
      } else expect(table.delete(id)).to.equal(model.delete(id));
      expect(table.size).to.equal(model.size);
      const other = ids[random(ids.length)] ?? 'none';
      expect(table.get(other)).to.equal(model.get(other));
    }
    const left = new Set(table.values());
    expect(left.size).to.equal(model.size);
    for (const value of model.values()) expect(left.has(value)).to.equal(true);
  });

  it('forgets sources of which nothing is left', () => {
    const table = new IdMap<{ name: string }>();
    for (let round = 0; round < 50; round += 1) {
      const nextId = idSource();
      const ids = Array.from({ length: 200 }, nextId);
      for (const id of ids) table.set(id, thing(id));
      for (const id of ids) table.delete(id);
    }
    expect(table.sourcesKept).to.be.at.most(2);
  });
});
