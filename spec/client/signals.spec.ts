import { getEventListeners } from 'node:events';
import { expect } from 'chai';
import { Signals } from '../../lib/client/signals';
import { definition, fakeRaylet, lastCall, submit, turn, type FakeRaylet } from './fake-raylet';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('client: calls made with a signal', () => {
  let raylet: FakeRaylet;
  let control: AbortController;
  beforeEach(() => {
    raylet = fakeRaylet();
    control = new AbortController();
  });

  const make = (signal = control.signal) =>
    submit(raylet, [], {
      ...definition(),
      options: { given: { signal }, resources: { CPU: 1 } },
    });

  it('are cancelled together when it is aborted', () => {
    const ids = [make().id, make().id];
    submit(raylet);
    control.abort();
    expect(raylet.sent('cancel')).to.deep.equal([
      { type: 'cancel', ids, force: false, recursive: true, reason: 'its signal was aborted' },
    ]);
    expect(listeners(control.signal)).to.equal(0);
  });

  it('share one listener, however many they are', () => {
    for (let count = 0; count < 100; count += 1) make();
    expect(listeners(control.signal)).to.equal(1);
    raylet.client.close();
    expect(listeners(control.signal)).to.equal(0);
  });

  it('are let go when they have ended, well or not', async () => {
    const [a, b] = [make(), make()];
    raylet.answer(raylet.settle(a.id, 1));
    await turn();
    expect(listeners(control.signal)).to.equal(1);
    raylet.answer(raylet.thrown(b.id, new Error('boom')));
    await turn();
    expect(listeners(control.signal)).to.equal(0);
    control.abort();
    expect(raylet.sent('cancel')).to.deep.equal([]);
  });

  it('are let go when nobody holds their refs and they have ended', async () => {
    const { id } = make();
    raylet.answer({ type: 'forgotten', id });
    await turn();
    expect(listeners(control.signal)).to.equal(0);
  });

  it('say that they are not to run when it was aborted before', () => {
    control.abort();
    make();
    expect(lastCall(raylet)).to.include({ aborted: true });
    expect(raylet.sent('cancel')).to.deep.equal([]);
    expect(listeners(control.signal)).to.equal(0);
  });

  it('are not watched when their arguments cannot travel', () => {
    const { signal } = control;
    const bad = { ...definition(), options: { given: { signal }, resources: {} } };
    expect(() => submit(raylet, [new WeakRef({})], bad)).to.throw();
    expect(listeners(signal)).to.equal(0);
  });
});

describe('client: the table of signals', () => {
  it('keeps nothing of calls that have ended', () => {
    const signals = new Signals(() => {});
    const [a, b] = [new AbortController(), new AbortController()];
    signals.watch(a.signal, 'a1');
    signals.watch(b.signal, 'b1');
    signals.ended('a1');
    signals.ended('a1');
    signals.ended('unknown');
    expect(signals.size).to.equal(1);
    b.abort();
    expect(signals.size).to.equal(0);
  });
});
