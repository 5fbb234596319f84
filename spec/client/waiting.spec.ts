import { expect } from 'chai';
import type { Observable } from 'rxjs';
import { DeadlockError, GetTimeoutError } from '../../lib/base/errors';
import { getValues, getValuesSync } from '../../lib/client/futures/get';
import { openRef, type ObjectRef } from '../../lib/client/refs';
import { callContext, type CallContext } from '../../lib/protocol/context';
import type { ToClient } from '../../lib/protocol/messages';
import { errorOf } from '../e2e/timing';
import { fakeRaylet, submit, taskContext, turn, type FakeRaylet } from './fake-raylet';

interface Task {
  readonly raylet: FakeRaylet;
  readonly context: CallContext;
  inside<T>(body: () => T): T;
  get(...refs: readonly ObjectRef<unknown>[]): Promise<unknown[]>;
  granted(...waits: readonly number[]): ToClient;
  deadlocked(...waits: readonly number[]): ToClient;
  /** Waits posted so far, message by message. */
  posted(): readonly (readonly number[])[];
}

function runningTask(): Task {
  const raylet = fakeRaylet({ role: 'worker' });
  const context = taskContext();
  const inside = <T>(body: () => T): T => callContext.run(context, body);
  return {
    raylet,
    context,
    inside,
    get: (...refs) =>
      inside(() =>
        getValues(
          raylet.client,
          refs.map((ref) => openRef(ref).object),
        ),
      ),
    granted: (...waits) => ({ type: 'granted', task: context.call, waits }),
    deadlocked: (...waits) => {
      const circle = ['work', 'other'];
      const failure = { kind: 'system', code: 'DEADLOCK', taskName: 'work', circle } as const;
      return { type: 'deadlocked', task: context.call, waits, failure };
    },
    posted: () => raylet.sent('waiting').map(({ waits }) => waits.map(({ id }) => id)),
  };
}

const isPending = async (promise: Promise<unknown>): Promise<boolean> => {
  await turn();
  const pending = Symbol('pending');
  return (await Promise.race([promise, Promise.resolve(pending)])) === pending;
};

describe('client: waiting in a task', () => {
  it('tells the raylet at the end of the synchronous turn, all waits at once', async () => {
    const { raylet, inside, get, context } = runningTask();
    const [a, b, c] = inside(() => [submit(raylet), submit(raylet), submit(raylet)] as const);
    void get(a, b);
    void get(c);
    expect(raylet.sent('waiting')).to.have.length(0);
    await Promise.resolve();
    expect(raylet.sent('waiting')).to.deep.equal([
      {
        type: 'waiting',
        task: context.call,
        blocking: false,
        waits: [
          { id: 1, refs: [a.id, b.id], count: 2, failFast: true },
          { id: 2, refs: [c.id], count: 1, failFast: true },
        ],
      },
    ]);
  });

  it('holds the answer back until the CPU is granted', async () => {
    const { raylet, get, granted } = runningTask();
    const ref = submit(raylet);
    const got = get(ref);
    await turn();
    raylet.answer(raylet.settle(ref.id, 9));
    expect(await isPending(got)).to.equal(true);
    raylet.answer(granted(1));
    expect(await got).to.deep.equal([9]);
  });

  it('says nothing when the values are here', async () => {
    const { raylet, get } = runningTask();
    const ref = submit(raylet);
    raylet.answer(raylet.settle(ref.id, 9));
    await turn();
    expect(await get(ref)).to.deep.equal([9]);
    await turn();
    expect(raylet.sent('waiting')).to.deep.equal([]);
  });

  it('asks only for what is missing', async () => {
    const { raylet, get } = runningTask();
    const [a, b] = [submit(raylet), submit(raylet)];
    raylet.answer(raylet.settle(a.id, 1));
    await turn();
    void get(a, b);
    await Promise.resolve();
    const [message] = raylet.sent('waiting');
    expect(message?.waits).to.deep.equal([{ id: 1, refs: [b.id], count: 1, failFast: true }]);
  });

  it('waits again when a grant leaves other waits pending', async () => {
    const { raylet, get, granted, posted } = runningTask();
    const [a, b] = [submit(raylet), submit(raylet)];
    const [first, second] = [get(a), get(b)];
    await turn();
    raylet.answer(raylet.settle(a.id, 1), granted(1));
    await first;
    await turn();
    expect(posted()).to.deep.equal([[1, 2], []]);
    raylet.answer(raylet.settle(b.id, 2), granted(2));
    expect(await second).to.deep.equal([2]);
  });

  it('takes the CPU back by itself when it times out', async () => {
    const { raylet, inside, context } = runningTask();
    const ref = submit(raylet);
    const error = await inside(() =>
      getValues(raylet.client, [openRef(ref).object], { timeout: 5 }),
    ).catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(GetTimeoutError);
    expect(raylet.sent('unwait')).to.deep.equal([
      { type: 'unwait', task: context.call, waits: [1] },
    ]);
  });

  it('gives the answer without a grant once the task has ended', async () => {
    const { raylet, get, context } = runningTask();
    const ref = submit(raylet);
    const got = get(ref);
    await turn();
    context.ended = true;
    raylet.client.callEnded(context);
    raylet.answer(raylet.settle(ref.id, 9));
    expect(await got).to.deep.equal([9]);
  });

  it('keeps the waits of tasks on one thread apart', async () => {
    const { raylet, get, granted } = runningTask();
    const [a, b] = [submit(raylet), submit(raylet)];
    const other = callContext.run(taskContext('call-2'), () =>
      getValues(raylet.client, [openRef(b).object]),
    );
    const got = get(a);
    await turn();
    expect(raylet.sent('waiting').map(({ task }) => task)).to.have.members(['call-1', 'call-2']);
    raylet.answer(raylet.settle(a.id, 1), raylet.settle(b.id, 2), granted(2));
    expect(await got).to.deep.equal([1]);
    expect(await isPending(other)).to.equal(true);
    raylet.answer({ type: 'granted', task: 'call-2', waits: [1] });
    expect(await other).to.deep.equal([2]);
  });

  it('counts a subscription to a ref as a wait', async () => {
    const { raylet, inside, granted, posted } = runningTask();
    const ref = submit(raylet);
    const seen: unknown[] = [];
    inside(() => {
      const stream = raylet.client.observe(ref) as { subscribe(next: (v: unknown) => void): void };
      stream.subscribe((value) => seen.push(value));
    });
    await turn();
    expect(posted()).to.deep.equal([[1]]);
    raylet.answer(raylet.settle(ref.id, 9), granted(1));
    await turn();
    expect(seen).to.deep.equal([9]);
  });

  it('calls subscribers in the context of the task', async () => {
    const { raylet, inside, context, granted, posted } = runningTask();
    const [a, b] = inside(() => [submit(raylet), submit(raylet)] as const);
    const seen: unknown[] = [];
    const subscribe = (ref: ObjectRef<unknown>, then: (value: unknown) => void): void =>
      (raylet.client.observe(ref) as Observable<unknown>).subscribe(then) as never;
    inside(() =>
      subscribe(a, (first) => {
        seen.push(first, callContext.getStore());
        subscribe(b, (second) => seen.push(second, callContext.getStore()));
      }),
    );
    await turn();
    raylet.answer(raylet.settle(a.id, 1), granted(1));
    await turn();
    await turn();
    expect(posted(), 'the second is a wait of the task as well').to.deep.equal([[1], [2]]);
    context.ended = true;
    raylet.client.callEnded(context);
    raylet.answer(raylet.settle(b.id, 2));
    await turn();
    expect(seen).to.deep.equal([1, context, 2, context]);
  });

  it('tells at once that it is going to block, and waits for the grant', () => {
    const { raylet, inside, context, granted } = runningTask();
    const ref = submit(raylet);
    raylet.answer(raylet.settle(ref.id, 9), granted(1));
    // The answer lies in the channel; what has arrived before the wait began needs no grant.
    expect(inside(() => getValuesSync(raylet.client, [openRef(ref).object]))).to.deep.equal([9]);
    expect(raylet.sent('waiting')).to.have.length(0);

    const late = submit(raylet);
    const post = raylet.client.want.bind(raylet.client);
    raylet.client.want = (objects) => {
      post(objects);
      raylet.answer(raylet.settle(late.id, 10));
      raylet.answer(granted(1));
    };
    expect(inside(() => getValuesSync(raylet.client, [openRef(late).object]))).to.deep.equal([10]);
    expect(raylet.sent('waiting')).to.deep.equal([
      {
        type: 'waiting',
        task: context.call,
        waits: [{ id: 1, refs: [late.id], count: 1, failFast: true }],
        blocking: true,
      },
    ]);
    expect(context.blocked).to.equal(true);
  });

  it('fails where the task would wait for ever, and goes on when that is caught', async () => {
    const { raylet, inside, get, context, deadlocked, granted } = runningTask();
    const [a, b] = inside(() => [submit(raylet), submit(raylet)] as const);
    const first = get(a);
    await turn();
    raylet.answer(deadlocked(1));
    const error = await errorOf(() => first);
    expect(error).to.be.an.instanceOf(DeadlockError);
    expect(error).to.deep.include({ taskName: 'work', circle: ['work', 'other'] });
    expect(error.stack).to.contain('waiting.spec.ts');
    expect(context.refused?.error).to.equal(error);
    const second = get(b);
    await turn();
    raylet.answer(raylet.settle(b.id, 2), granted(2));
    expect(await second).to.deep.equal([2]);
  });

  it('fails at once where it blocks its thread', () => {
    const { raylet, inside, deadlocked } = runningTask();
    const ref = submit(raylet);
    const want = raylet.client.want.bind(raylet.client);
    raylet.client.want = (objects) => {
      want(objects);
      raylet.answer(deadlocked(1));
    };
    const block = (): unknown => inside(() => getValuesSync(raylet.client, [openRef(ref).object]));
    expect(block).to.throw(DeadlockError, 'work → other → work');
    expect(raylet.sent('unwait')).to.deep.equal([]);
  });

  it('tells the raylet of waits that end by themselves', async () => {
    const { raylet, inside } = runningTask();
    const { signal } = new AbortController();
    const limits = [{ timeout: 60_000 }, { signal }, { timeout: Infinity }, {}];
    const waits = limits.map((limit) =>
      inside(() => getValues(raylet.client, [openRef(submit(raylet)).object], limit)),
    );
    await turn();
    const [message] = raylet.sent('waiting');
    expect(message?.waits.map(({ limited }) => limited === true)).to.deep.equal([
      true,
      true,
      false,
      false,
    ]);
    raylet.client.close();
    await Promise.allSettled(waits);
  });
});
