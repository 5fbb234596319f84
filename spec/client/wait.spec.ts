import { expect } from 'chai';
import { waitFor } from '../../lib/client/futures/wait';
import type { StoredObject } from '../../lib/client/objects';
import { openRef } from '../../lib/client/refs';
import { fakeRaylet, submit, turn, type FakeRaylet } from './fake-raylet';

function pendingObjects(raylet: FakeRaylet, count: number): StoredObject[] {
  return Array.from({ length: count }, () => {
    const ref = submit(raylet);
    kept.push(ref);
    return openRef(ref).object;
  });
}

/** Refs must live as long as their objects are waited for. */
const kept: unknown[] = [];

const idOf = (objects: readonly StoredObject[], at: number): string => objects[at]?.id ?? '';

describe('client: wait', () => {
  afterEach(() => kept.splice(0));

  it('answers with the places of the first to settle, in the order of the list', async () => {
    const raylet = fakeRaylet();
    const objects = pendingObjects(raylet, 3);
    const ready = waitFor(raylet.client, objects, 2, undefined);
    raylet.answer(raylet.settle(idOf(objects, 2), 'c'));
    raylet.answer(raylet.settle(idOf(objects, 0), 'a'));
    expect(await ready).to.deep.equal([0, 2]);
  });

  it('never answers with more than asked, though more are ready', async () => {
    const raylet = fakeRaylet();
    const objects = pendingObjects(raylet, 3);
    raylet.answer(...objects.map(({ id }) => raylet.settle(id, 1)));
    await turn();
    expect(await waitFor(raylet.client, objects, 2, undefined)).to.deep.equal([0, 1]);
  });

  it('counts failed ones as ready and as looked at', async () => {
    const raylet = fakeRaylet();
    const objects = pendingObjects(raylet, 2);
    raylet.answer(raylet.thrown(idOf(objects, 1), new Error('boom')));
    expect(await waitFor(raylet.client, objects, 1, undefined)).to.deep.equal([1]);
    await turn();
    expect(raylet.sent('looked')).to.deep.equal([{ type: 'looked', ids: [idOf(objects, 1)] }]);
  });

  it('answers with fewer after the timeout, and holds the process only until then', async () => {
    const raylet = fakeRaylet();
    const objects = pendingObjects(raylet, 2);
    const ready = waitFor(raylet.client, objects, 2, 10);
    expect(raylet.held).to.equal(1);
    raylet.answer(raylet.settle(idOf(objects, 0), 1));
    expect(await ready).to.deep.equal([0]);
    expect(raylet.held).to.equal(0);
  });

  it('with a timeout of 0 sees what has arrived, even in this turn', async () => {
    const raylet = fakeRaylet();
    const objects = pendingObjects(raylet, 1);
    expect(await waitFor(raylet.client, objects, 1, 0)).to.deep.equal([]);
    raylet.answer(raylet.settle(idOf(objects, 0), 1));
    expect(await waitFor(raylet.client, objects, 1, 0)).to.deep.equal([0]);
  });

  it('leaves nothing behind at objects it stopped waiting for', async () => {
    const raylet = fakeRaylet();
    const objects = pendingObjects(raylet, 1000);
    for (let round = 0; round < 5; round += 1) {
      const ready = waitFor(raylet.client, objects, round + 1, undefined);
      raylet.answer(raylet.settle(idOf(objects, round), round));
      await ready;
    }
    const watched = objects.filter(({ watchers }) => watchers !== undefined);
    expect(watched).to.have.length(0);
  });
});
