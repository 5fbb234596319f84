import { expect } from 'chai';
import { openRef, type ObjectRef } from '../../lib/client/refs';
import { getValues } from '../../lib/client/futures/get';
import { fakeRaylet, submit, turn, type FakeRaylet } from './fake-raylet';

/** Collects until `done`; what is not collected after many rounds is held by somebody. */
async function collectUntil(done: () => boolean): Promise<void> {
  for (let round = 0; round < 50 && !done(); round += 1) {
    globalThis.gc?.();
    await turn();
  }
}

const released = (raylet: FakeRaylet): (readonly [string, number])[] =>
  raylet.sent('release').flatMap(({ ids }) => ids);

describe('client: release', () => {
  it('tells the raylet when the last ref to an object is collected', async () => {
    const raylet = fakeRaylet();
    const id = (() => submit(raylet).id)();
    await collectUntil(() => released(raylet).length > 0);
    expect(released(raylet)).to.deep.equal([[id, 1]]);
  });

  it('keeps an object while a ref to it lives', async () => {
    const raylet = fakeRaylet();
    const kept = submit(raylet);
    const dropped = (() => submit(raylet).id)();
    await collectUntil(() => released(raylet).length > 0);
    expect(released(raylet)).to.deep.equal([[dropped, 1]]);
    expect(kept.id).to.be.a('string');
  });

  it('keeps an object that somebody waits for, whoever has the ref', async () => {
    const raylet = fakeRaylet();
    const { client } = raylet;
    const seen: unknown[] = [];
    const ids = (() => {
      const refs = [submit(raylet), submit(raylet)] as const;
      void getValues(client, [openRef(refs[0]).object]).then((values) => seen.push(...values));
      const stream = client.observe(refs[1]) as { subscribe(next: (v: unknown) => void): void };
      stream.subscribe((value) => seen.push(value));
      return refs.map(({ id }) => id);
    })();
    await collectUntil(() => released(raylet).length > 0);
    expect(released(raylet)).to.deep.equal([]);
    raylet.answer(...ids.map((id) => raylet.settle(id, id)));
    await collectUntil(() => released(raylet).length > 1);
    expect(seen).to.have.members(ids);
    expect(released(raylet)).to.have.deep.members(ids.map((id) => [id, 1]));
  });

  it('counts refs in a value as sent once, however often the value is read', async () => {
    const raylet = fakeRaylet();
    const other = fakeRaylet();
    const inner = submit(other);
    const outer = submit(raylet);
    const value = other.codec.encode([inner], 'value');
    raylet.answer({ type: 'settled', id: outer.id, outcome: { ok: true, value } });
    await turn();
    await readTwice(raylet, outer);
    await collectUntil(() => false);
    expect(released(raylet), 'held by the value').to.deep.equal([]);
    expect(outer.id, 'still in use').to.be.a('string');
  });

  it('lets go of what a value holds together with the value', async () => {
    const raylet = fakeRaylet();
    const other = fakeRaylet();
    const inner = submit(other);
    const outerId = await (async () => {
      const outer = submit(raylet);
      const value = other.codec.encode([inner], 'value');
      raylet.answer({ type: 'settled', id: outer.id, outcome: { ok: true, value } });
      await turn();
      await readTwice(raylet, outer);
      return outer.id;
    })();
    await collectUntil(() => released(raylet).length > 1);
    expect(released(raylet)).to.have.deep.members([
      [outerId, 1],
      [inner.id, 1],
    ]);
  });

  it('tells that an error was seen before it lets the object go', async () => {
    const raylet = fakeRaylet();
    await (async () => {
      const ref = submit(raylet);
      raylet.answer(raylet.thrown(ref.id, new Error('boom')));
      await getValues(raylet.client, [openRef(ref).object]).catch(() => {});
    })();
    await collectUntil(() => released(raylet).length > 0);
    const types = raylet.batches.flat().map(({ type }) => type);
    expect(types.indexOf('looked')).to.be.within(0, types.indexOf('release') - 1);
  });
});

async function readTwice({ client }: FakeRaylet, ref: ObjectRef<unknown>): Promise<void> {
  await getValues(client, [openRef(ref).object]);
  await getValues(client, [openRef(ref).object]);
}
