import { expect } from 'chai';
import { TaskCancelledError, TaskTimeoutError } from '../../lib/base/errors';
import { getValues, getValuesSync } from '../../lib/client/futures/get';
import { waitFor } from '../../lib/client/futures/wait';
import { openRef } from '../../lib/client/refs';
import { signalOf } from '../../lib/protocol/abort';
import { callContext, type CallContext } from '../../lib/protocol/context';
import type { SystemFailure } from '../../lib/protocol/payload';
import { fakeRaylet, lastCall, submit, taskContext, turn, type FakeRaylet } from './fake-raylet';

const cancelled: SystemFailure = {
  kind: 'system',
  code: 'TASK_CANCELLED',
  taskName: 'parent',
  reason: 'cancel() was called',
};

/** What is thrown or rejected with. */
async function errorOf(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('client: cancel', () => {
  it('is sent at once, behind the calls that it concerns', () => {
    const raylet = fakeRaylet({ numCpus: 1 });
    const refs = [1, 2, 3, 4].map(() => submit(raylet));
    const objects = refs.map((ref) => openRef(ref).object);
    raylet.client.cancel(objects, { force: true, recursive: false });
    const sent = raylet.batches.flat();
    expect(sent.slice(-2).map(({ type }) => type)).to.deep.equal(['submit', 'cancel']);
    expect(sent.at(-1)).to.deep.equal({
      type: 'cancel',
      ids: refs.map(({ id }) => id),
      force: true,
      recursive: false,
      reason: 'cancel() was called',
    });
  });
});

describe('client: a task that is told to end', () => {
  let raylet: FakeRaylet;
  let context: CallContext;
  beforeEach(() => {
    raylet = fakeRaylet({ role: 'worker' });
    context = taskContext();
  });

  const inside = <T>(body: () => T): T => callContext.run(context, body);
  const abort = (failure: SystemFailure = cancelled): void =>
    raylet.client.callAborted(context, failure);
  const pending = () => inside(() => [openRef(submit(raylet)).object]);

  it('has its signal aborted, with the reason, in its own context', async () => {
    const signal = signalOf(context);
    const seen: unknown[] = [];
    signal.addEventListener('abort', () => seen.push(signal.reason, callContext.getStore()));
    abort();
    expect(seen).to.deep.equal([signal.reason, context]);
    expect(signal.reason).to.be.instanceOf(TaskCancelledError);
    expect(signal.reason).to.include({ taskName: 'parent', reason: 'cancel() was called' });
  });

  it('finds its signal aborted when it looks for the first time', () => {
    abort({ kind: 'system', code: 'TASK_TIMEOUT', taskName: 'parent', timeout: 5 });
    const signal = signalOf(context);
    expect(signal.aborted).to.equal(true);
    expect(signal.reason).to.be.instanceOf(TaskTimeoutError).and.include({ timeout: 5 });
    expect(signalOf(context)).to.equal(signal);
  });

  it('hears the first reason only', () => {
    abort({ kind: 'system', code: 'TASK_TIMEOUT', taskName: 'parent', timeout: 5 });
    abort();
    expect(signalOf(context).reason).to.be.instanceOf(TaskTimeoutError);
  });

  it('has ended already: nothing fires', () => {
    const signal = signalOf(context);
    context.ended = true;
    abort();
    expect(signal.aborted).to.equal(false);
  });

  const waits = {
    get: () => getValues(raylet.client, pending()),
    wait: () => waitFor(raylet.client, pending(), 1, undefined),
    'wait with a timeout': () => waitFor(raylet.client, pending(), 1, 60_000),
  };
  for (const [name, wait] of Object.entries(waits)) {
    it(`stops waiting: ${name}`, async () => {
      const error = inside(() => errorOf(wait));
      await turn();
      abort();
      expect(await error).to.equal(context.abortedBy);
      expect(raylet.sent('unwait'), 'the raylet knows').to.deep.equal([]);
      expect(await inside(() => errorOf(wait)), 'nor begins to wait').to.equal(context.abortedBy);
    });
  }

  it('stops waiting in getSync', async () => {
    const objects = pending();
    const want = raylet.client.want.bind(raylet.client);
    // It blocks from here on: the order comes in by its channel.
    raylet.client.want = (wanted) => (want(wanted), abort());
    const error = await inside(() => errorOf(() => getValuesSync(raylet.client, objects)));
    expect(error).to.equal(context.abortedBy);
  });

  it('runs no listener of its signal inside getSync', async () => {
    const seen: string[] = [];
    signalOf(context).addEventListener('abort', () => seen.push('aborted'));
    const objects = pending();
    const channelHolds = raylet.client.want.bind(raylet.client);
    raylet.client.want = (wanted) => {
      channelHolds(wanted);
      raylet.answer({ type: 'granted', task: 'other', waits: [] });
    };
    const received = raylet.client.receive.bind(raylet.client);
    raylet.client.receive = (messages) => {
      received(messages);
      abort();
      seen.push('still blocked');
    };
    await inside(() => errorOf(() => getValuesSync(raylet.client, objects)));
    seen.push('after getSync');
    await turn();
    expect(seen).to.deep.equal(['still blocked', 'after getSync', 'aborted']);
  });

  it('still gets what is here', async () => {
    const ref = inside(() => submit(raylet));
    raylet.answer(raylet.settle(ref.id, 9));
    await turn();
    abort();
    const objects = [openRef(ref).object];
    expect(await inside(() => getValues(raylet.client, objects))).to.deep.equal([9]);
    expect(inside(() => getValuesSync(raylet.client, objects))).to.deep.equal([9]);
  });

  it('does not concern its neighbours', async () => {
    const other = taskContext('call-2');
    const ref = submit(raylet);
    const get = (): Promise<unknown> => getValues(raylet.client, [openRef(ref).object]);
    const got = callContext.run(other, get);
    await turn();
    abort();
    raylet.answer(raylet.settle(ref.id, 9), { type: 'granted', task: 'call-2', waits: [1] });
    expect(await got).to.deep.equal([9]);
  });

  it('makes calls to clean up that do not count as its own', () => {
    inside(() => submit(raylet));
    raylet.client.flush();
    expect(lastCall(raylet)).to.include({ parent: 'call-1' });
    abort();
    inside(() => submit(raylet));
    raylet.client.flush();
    expect(lastCall(raylet)).to.not.have.property('parent');
    expect(lastCall(raylet)).to.include({ depth: 3, caller: 'call-1:1' });
  });
});
