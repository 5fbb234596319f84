import { expect } from 'chai';
import { GetTimeoutError, ShutdownError, TaskError } from '../../lib/base/errors';
import { getValues, getValuesSync } from '../../lib/client/futures/get';
import type { StoredObject } from '../../lib/client/objects';
import { openRef, type ObjectRef } from '../../lib/client/refs';
import { fakeRaylet, submit, turn } from './fake-raylet';

const objectsOf = (...refs: readonly ObjectRef<unknown>[]): StoredObject[] =>
  refs.map((ref) => openRef(ref).object);

const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('client: get', () => {
  it('gives values in the order of the refs, duplicates included', async () => {
    const raylet = fakeRaylet();
    const [a, b] = [submit(raylet), submit(raylet)];
    const got = getValues(raylet.client, objectsOf(a, b, a));
    raylet.answer(raylet.settle(b.id, 'b'));
    raylet.answer(raylet.settle(a.id, 'a'));
    expect(await got).to.deep.equal(['a', 'b', 'a']);
  });

  it('reads a value anew each time', async () => {
    const raylet = fakeRaylet();
    const ref = submit(raylet);
    raylet.answer(raylet.settle(ref.id, { list: [1] }));
    const [first] = (await getValues(raylet.client, objectsOf(ref))) as [{ list: number[] }];
    first.list.push(2);
    expect(await getValues(raylet.client, objectsOf(ref))).to.deep.equal([{ list: [1] }]);
  });

  it('gives nothing for nothing', async () => {
    expect(await getValues(fakeRaylet().client, [])).to.deep.equal([]);
  });

  it('throws as soon as one is known to have failed, pending ones or not', async () => {
    const raylet = fakeRaylet();
    const [pending, failed] = [submit(raylet), submit(raylet)];
    const error = errorOf(getValues(raylet.client, objectsOf(pending, failed)));
    raylet.answer(raylet.thrown(failed.id, new RangeError('boom')));
    expect(await error)
      .to.be.instanceOf(TaskError)
      .and.instanceOf(RangeError);
  });

  it('throws the error of the first in order when several are known', async () => {
    const raylet = fakeRaylet();
    const [a, b] = [submit(raylet), submit(raylet)];
    raylet.answer(
      raylet.thrown(b.id, new Error('second')),
      raylet.thrown(a.id, new Error('first')),
    );
    await turn();
    expect(await errorOf(getValues(raylet.client, objectsOf(a, b)))).to.match(/first/);
  });

  it('tells the raylet which errors were seen, once', async () => {
    const raylet = fakeRaylet();
    const ref = submit(raylet);
    raylet.answer(raylet.thrown(ref.id, new Error('boom')));
    await errorOf(getValues(raylet.client, objectsOf(ref)));
    await errorOf(getValues(raylet.client, objectsOf(ref)));
    await turn();
    expect(raylet.sent('looked')).to.deep.equal([{ type: 'looked', ids: [ref.id] }]);
  });

  it('times out while the task goes on, so that a later get answers', async () => {
    const raylet = fakeRaylet();
    const ref = submit(raylet);
    const error = await errorOf(getValues(raylet.client, objectsOf(ref), { timeout: 5 }));
    expect(error).to.be.instanceOf(GetTimeoutError).with.property('timeout', 5);
    raylet.answer(raylet.settle(ref.id, 9));
    expect(await getValues(raylet.client, objectsOf(ref))).to.deep.equal([9]);
  });

  it('with a timeout of 0 takes what has arrived, even in this turn', async () => {
    const raylet = fakeRaylet();
    const ref = submit(raylet);
    expect(
      await errorOf(getValues(raylet.client, objectsOf(ref), { timeout: 0 })),
    ).to.be.instanceOf(GetTimeoutError);
    raylet.answer(raylet.settle(ref.id, 9));
    expect(await getValues(raylet.client, objectsOf(ref), { timeout: 0 })).to.deep.equal([9]);
  });

  it('takes a timeout longer than timers can be as none', async () => {
    const raylet = fakeRaylet();
    const ref = submit(raylet);
    const got = getValues(raylet.client, objectsOf(ref), { timeout: 2 ** 40 });
    setTimeout(() => raylet.answer(raylet.settle(ref.id, 9)), 20);
    expect(await got).to.deep.equal([9]);
  });

  it('rejects with the reason of its signal, aborted before or during', async () => {
    const raylet = fakeRaylet();
    const objects = objectsOf(submit(raylet));
    const reason = new Error('changed my mind');
    const signal = AbortSignal.abort(reason);
    expect(await errorOf(getValues(raylet.client, objects, { signal }))).to.equal(reason);
    const control = new AbortController();
    const error = errorOf(getValues(raylet.client, objects, { signal: control.signal }));
    control.abort(reason);
    expect(await error).to.equal(reason);
  });

  it('holds the process exactly while it is pending', async () => {
    const raylet = fakeRaylet();
    const [a, b] = [submit(raylet), submit(raylet)];
    expect(raylet.held).to.equal(0);
    const both = [
      getValues(raylet.client, objectsOf(a)),
      errorOf(getValues(raylet.client, objectsOf(b), { timeout: 1 })),
    ];
    expect(raylet.held).to.equal(1);
    raylet.answer(raylet.settle(a.id, 1));
    await Promise.all(both);
    expect(raylet.held).to.equal(0);
  });

  it('asks for objects of others, once, and not for its own', async () => {
    const other = fakeRaylet();
    const raylet = fakeRaylet();
    const own = submit(raylet);
    const value = other.codec.encode([submit(other)], 'value');
    raylet.answer({ type: 'settled', id: own.id, outcome: { ok: true, value } });
    const [[foreign]] = (await getValues(raylet.client, objectsOf(own))) as [[ObjectRef<unknown>]];
    expect(raylet.sent('want')).to.have.length(0);
    const got = [
      getValues(raylet.client, objectsOf(foreign)),
      getValues(raylet.client, objectsOf(foreign)),
    ];
    raylet.answer(raylet.settle(foreign.id, 9));
    expect(await Promise.all(got)).to.deep.equal([[9], [9]]);
    expect(raylet.sent('want')).to.deep.equal([{ type: 'want', ids: [foreign.id] }]);
  });

  it('rejects pending and later gets when the client is closed', async () => {
    const raylet = fakeRaylet();
    const objects = objectsOf(submit(raylet));
    const error = errorOf(getValues(raylet.client, objects));
    raylet.client.close();
    expect(await error).to.be.instanceOf(ShutdownError);
  });

  describe('blocking', () => {
    it('drains the channel until the values are there', () => {
      const raylet = fakeRaylet();
      const [a, b] = [submit(raylet), submit(raylet)];
      raylet.answer(raylet.settle(a.id, 1));
      raylet.answer(raylet.settle(b.id, 2));
      expect(getValuesSync(raylet.client, objectsOf(a, b))).to.deep.equal([1, 2]);
    });

    it('throws the error of a failed one', () => {
      const raylet = fakeRaylet();
      const ref = submit(raylet);
      raylet.answer(raylet.thrown(ref.id, new RangeError('boom')));
      expect(() => getValuesSync(raylet.client, objectsOf(ref))).to.throw(RangeError, /boom/);
    });

    it('times out', () => {
      const raylet = fakeRaylet();
      const objects = objectsOf(submit(raylet));
      expect(() => getValuesSync(raylet.client, objects, { timeout: 0 })).to.throw(GetTimeoutError);
    });

    it('runs no subscriber while it blocks, and all of them in a fresh turn', async () => {
      const raylet = fakeRaylet();
      const [a, b] = [submit(raylet), submit(raylet)];
      const seen: unknown[] = [];
      const stream = raylet.client.observe(a) as { subscribe(next: (v: unknown) => void): void };
      stream.subscribe((value) => seen.push(value));
      raylet.answer(raylet.settle(a.id, 'a'), raylet.settle(b.id, 'b'));
      expect(getValuesSync(raylet.client, objectsOf(b))).to.deep.equal(['b']);
      expect(seen).to.deep.equal([]);
      await turn();
      expect(seen).to.deep.equal(['a']);
    });
  });
});
