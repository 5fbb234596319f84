import { expect } from 'chai';
import type { Observable } from 'rxjs';
import { progressOf } from '../../lib/client/futures/progress';
import { ObjectRef, openRef } from '../../lib/client/refs';
import { callContext } from '../../lib/protocol/context';
import type { ToClient } from '../../lib/protocol/messages';
import { encoded } from '../raylet/scheduler/support';
import { fakeRaylet, submit, taskContext, turn, type FakeRaylet } from './fake-raylet';

const follow = ({ client }: FakeRaylet, ref: ObjectRef<unknown>) => {
  const seen: unknown[] = [];
  const told: Observable<unknown> = progressOf(client, openRef(ref).object);
  const subscription = told.subscribe({
    next: (value) => seen.push(value),
    error: (error: unknown) => seen.push(String(error)),
    complete: () => seen.push('complete'),
  });
  return { seen, subscription };
};

const told = (id: string, value: number, token = 1): ToClient => ({
  type: 'progress',
  id,
  token,
  value,
});

describe('client: progress', () => {
  it('is asked for once, comes in order with the result and ends with it', async () => {
    const raylet = fakeRaylet();
    const ref = submit(raylet);
    const { seen } = follow(raylet, ref);
    const { seen: other } = follow(raylet, ref);
    expect(raylet.held).to.equal(1);
    await turn();
    expect(raylet.sent('follow')).to.deep.equal([{ type: 'follow', id: ref.id, token: 1 }]);
    raylet.answer(told(ref.id, 1), told(ref.id, 2), raylet.settle(ref.id, 'done'));
    await turn();
    expect(seen).to.deep.equal([1, 2, 'complete']);
    expect(other).to.deep.equal([1, 2, 'complete']);
    expect(raylet.held).to.equal(0);
    expect(raylet.sent('unfollow')).to.deep.equal([]);
  });

  it('fails with the error of the call, which then was looked at', async () => {
    const raylet = fakeRaylet();
    const ref = submit(raylet);
    const { seen } = follow(raylet, ref);
    raylet.answer(told(ref.id, 1), raylet.thrown(ref.id, new RangeError('no')));
    await turn();
    await turn();
    expect(seen).to.deep.equal([1, 'TaskError: square failed: RangeError: no']);
    expect(raylet.sent('looked').flatMap(({ ids }) => ids)).to.deep.equal([ref.id]);
  });

  it('gives the latest first to whoever comes late', async () => {
    const raylet = fakeRaylet();
    const ref = submit(raylet);
    follow(raylet, ref);
    raylet.answer(told(ref.id, 1), told(ref.id, 2));
    await turn();
    const { seen } = follow(raylet, ref);
    raylet.answer(told(ref.id, 3));
    await turn();
    expect(seen).to.deep.equal([2, 3]);
  });

  it('is not asked for any more when the last has unsubscribed', async () => {
    const raylet = fakeRaylet();
    const ref = submit(raylet);
    const [first, second] = [follow(raylet, ref), follow(raylet, ref)];
    first.subscription.unsubscribe();
    await turn();
    expect(raylet.sent('unfollow')).to.deep.equal([]);
    second.subscription.unsubscribe();
    await turn();
    expect(raylet.sent('unfollow')).to.deep.equal([{ type: 'unfollow', id: ref.id }]);
    raylet.answer(told(ref.id, 1));
    await turn();
    expect(second.seen).to.deep.equal([]);
    expect(raylet.held).to.equal(0);
  });

  it('is not mistaken for what was on its way when the call was followed before', async () => {
    const raylet = fakeRaylet();
    const ref = submit(raylet);
    follow(raylet, ref).subscription.unsubscribe();
    const { seen } = follow(raylet, ref);
    raylet.answer(told(ref.id, 1, 1), told(ref.id, 1, 2), told(ref.id, 2, 2));
    await turn();
    expect(seen).to.deep.equal([1, 2]);
  });

  it('of a call that has ended there is none', async () => {
    const raylet = fakeRaylet();
    const ref = submit(raylet);
    raylet.answer(raylet.settle(ref.id, 1));
    await turn();
    const { seen } = follow(raylet, ref);
    await turn();
    expect(seen).to.deep.equal(['complete']);
    expect(raylet.sent('follow')).to.deep.equal([]);
  });

  it('lets go of refs in what was told, however many read it', async () => {
    const raylet = fakeRaylet();
    const ref = submit(raylet);
    const readers = [follow(raylet, ref), follow(raylet, ref)];
    const inner = raylet.codec.encode([submit(raylet)], 'value') as { refs?: string[] };
    const [foreign = ''] = inner.refs ?? [];
    const value = { ...encoded(''), ...inner };
    const counts = (): number =>
      raylet
        .sent('release')
        .flatMap(({ ids }) => ids)
        .filter(([id]) => id === foreign)
        .reduce((sum, [, received]) => sum + received, 0);
    raylet.answer({ type: 'progress', id: ref.id, token: 1, value }, told(ref.id, 2));
    await turn();
    expect(readers.map(({ seen }) => seen.length)).to.deep.equal([2, 2]);
    for (const { seen } of readers) seen.length = 0;
    for (let round = 0; round < 50 && counts() < 2; round += 1) {
      globalThis.gc?.();
      await turn();
    }
    // Made here once, sent here once.
    expect(counts()).to.equal(2);
  });

  it('is told at once by a task that runs, and by none that has ended', () => {
    const raylet = fakeRaylet({ role: 'worker' });
    const context = taskContext();
    raylet.client.tellProgress(context, { half: 0.5 });
    const value = raylet.codec.encode({ half: 0.5 }, 'progress');
    expect(raylet.sent('progress')).to.deep.equal([
      { type: 'progress', task: context.call, value },
    ]);
    context.ended = true;
    raylet.client.tellProgress(context, 1);
    expect(raylet.sent('progress')).to.have.length(1);
  });

  it('is a wait for the result in a task', async () => {
    const raylet = fakeRaylet({ role: 'worker' });
    const context = taskContext();
    const ref = submit(raylet);
    const { seen } = callContext.run(context, () => follow(raylet, ref));
    await turn();
    expect(raylet.first('waiting').waits).to.deep.equal([
      { id: 1, refs: [ref.id], count: 1, failFast: true },
    ]);
    raylet.answer(told(ref.id, 1), raylet.settle(ref.id, 2));
    await turn();
    expect(seen).to.deep.equal([1]);
    raylet.answer({ type: 'granted', task: context.call, waits: [1] });
    await turn();
    expect(seen).to.deep.equal([1, 'complete']);
  });
});
