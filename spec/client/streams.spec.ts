import { expect } from 'chai';
import { SerializationError, ShutdownError } from '../../lib/base/errors';
import { getValues } from '../../lib/client/futures/get';
import { rxjs } from '../../lib/client/futures/rxjs';
import { streamValues } from '../../lib/client/futures/stream-values';
import { setCurrentClient } from '../../lib/client/current';
import type { ClientOptions } from '../../lib/client/options';
import { openRef, type ObjectRef } from '../../lib/client/refs';
import { openStream, type StreamRef } from '../../lib/client/streams';
import { progress } from '../../lib/operators/progress';
import { callContext } from '../../lib/protocol/context';
import type { ToClient } from '../../lib/protocol/messages';
import { END_OF_STREAM } from '../../lib/protocol/payload';
import { definition, fakeRaylet, taskContext, turn, type FakeRaylet } from './fake-raylet';

const generator = { ...definition('count', 0), generator: true as const };

/** A stream of a client, and what the raylet can tell of it. */
function opened(backpressure?: number, options: Partial<ClientOptions> = {}) {
  const raylet = fakeRaylet(options);
  const given = backpressure === undefined ? {} : { backpressure };
  const of = { ...generator, options: { given, resources: { CPU: 1 } } };
  const stream = raylet.client.submitStream(of, [], opened);
  const item = (index: number, value: unknown): ToClient =>
    raylet.settle(`${stream.id}:${index}`, value);
  const end = (index: number): ToClient => ({
    type: 'settled',
    id: `${stream.id}:${index}`,
    outcome: END_OF_STREAM,
  });
  const fail = (index: number): ToClient =>
    raylet.thrown(`${stream.id}:${index}`, new RangeError('no more'), 'count');
  return { raylet, stream, item, end, fail };
}

const valueOf = async ({ client }: FakeRaylet, ref: ObjectRef<unknown>): Promise<unknown> =>
  (await getValues(client, [openRef(ref).object]))[0];

async function read(raylet: FakeRaylet, stream: StreamRef<unknown>): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const ref of stream) values.push(await valueOf(raylet, ref).catch(String));
  return values;
}

const released = (raylet: FakeRaylet): string[] =>
  raylet.sent('release').flatMap(({ ids }) => ids.map(([id]) => id));

describe('client: streams', () => {
  it('tell the raylet how they are read', () => {
    expect(opened().raylet.first('submit').call.stream).to.deep.equal({});
    expect(opened(3).raylet.first('submit').call.stream).to.deep.equal({ backpressure: 3 });
    expect(opened(-1).raylet.first('submit').call.stream).to.deep.equal({});
  });

  it('give a ref for each item, settled, until the end', async () => {
    const { raylet, stream, item, end } = opened();
    raylet.answer(item(0, 'a'), item(1, 'b'));
    await turn();
    raylet.answer(end(2));
    expect(await read(raylet, stream)).to.deep.equal(['a', 'b']);
    expect(await read(raylet, stream), 'for ever').to.deep.equal([]);
  });

  it('give the failure as the last ref', async () => {
    const { raylet, stream, item, fail } = opened();
    raylet.answer(item(0, 'a'), fail(1));
    const values = await read(raylet, stream);
    expect(values).to.have.length(2);
    expect(values[1]).to.equal('TaskError: count failed: RangeError: no more');
  });

  it('have one iterator; readers that wait at once share the items', async () => {
    const { raylet, stream, item, end } = opened();
    expect(stream[Symbol.asyncIterator]()).to.equal(stream[Symbol.asyncIterator]());
    const iterator = stream[Symbol.asyncIterator]();
    const three = Promise.all([iterator.next(), iterator.next(), iterator.next()]);
    raylet.answer(item(0, 'a'), item(1, 'b'), end(2));
    const results = await three;
    expect(results.map(({ done }) => done)).to.deep.equal([false, false, true]);
    expect(results.map(({ value }) => value?.id)).to.deep.equal([
      `${stream.id}:0`,
      `${stream.id}:1`,
      undefined,
    ]);
  });

  it('let go of the end at once, and of what is taken with its refs', async () => {
    const { raylet, stream, item, end } = opened();
    raylet.answer(item(0, 'a'), end(1));
    await turn();
    await turn();
    expect(released(raylet)).to.deep.equal([`${stream.id}:1`]);
  });

  it('hold the process while somebody waits for the next item', async () => {
    const { raylet, stream, item } = opened();
    const next = stream[Symbol.asyncIterator]().next();
    await turn();
    expect(raylet.held).to.equal(1);
    raylet.answer(item(0, 'a'));
    await next;
    expect(raylet.held).to.equal(0);
  });

  it('end the task when the loop is left, and release what was not taken', async () => {
    const { raylet, stream, item } = opened();
    raylet.answer(item(0, 'a'), item(1, 'b'), item(2, 'c'));
    for await (const ref of stream) {
      expect(await valueOf(raylet, ref)).to.equal('a');
      break;
    }
    await turn();
    expect(raylet.sent('leaveStream')).to.deep.equal([
      { type: 'leaveStream', stream: stream.id, known: 4, goesOn: 'no' },
    ]);
    expect(released(raylet)).to.have.members([1, 2, 3].map((index) => `${stream.id}:${index}`));
    expect(raylet.sent('looked').flatMap(({ ids }) => ids)).to.deep.equal([stream.id]);
    expect(await read(raylet, stream)).to.deep.equal([]);
    // What was on its way is nobody's any more.
    raylet.answer(item(3, 'd'));
    await turn();
    expect(await read(raylet, stream)).to.deep.equal([]);
  });

  it('answer whoever waits when the stream is left', async () => {
    const { stream } = opened();
    const iterator = stream[Symbol.asyncIterator]();
    const next = iterator.next();
    await turn();
    await iterator.return?.();
    expect(await next).to.deep.equal({ done: true, value: undefined });
  });

  it('leave nothing when they have ended: no task is cancelled', async () => {
    const { raylet, stream, item, end } = opened();
    raylet.answer(item(0, 'a'), end(1));
    for await (const ref of stream) {
      expect(await valueOf(raylet, ref)).to.equal('a');
      break;
    }
    await turn();
    expect(raylet.sent('leaveStream')).to.deep.equal([]);
  });

  it('tell how many items are taken, in passing and only where somebody waits for it', async () => {
    for (const [backpressure, told] of [
      [undefined, []],
      [2, [2]],
    ] as const) {
      const { raylet, stream, item } = opened(backpressure);
      raylet.answer(item(0, 'a'), item(1, 'b'));
      await turn();
      const iterator = stream[Symbol.asyncIterator]();
      void iterator.next();
      void iterator.next();
      await turn();
      expect(raylet.sent('taken').map(({ count }) => count)).to.deep.equal(told);
    }
  });

  it('are limited no more when somebody waits for the end and nobody reads', async () => {
    const waits: Record<string, (stream: StreamRef<unknown>, raylet: FakeRaylet) => unknown> = {
      get: (stream, raylet) => valueOf(raylet, stream.completed()),
      subscribe: (stream) => rxjs().from(stream.completed()).subscribe(),
      'argument of a call': (stream, raylet) =>
        raylet.client.submit(definition('report', 1), [stream.completed()], opened),
      'inside an argument': (stream, raylet) =>
        raylet.client.submit(definition('report', 1), [[stream.completed()]], opened),
    };
    for (const [name, wait] of Object.entries(waits)) {
      const { raylet, stream } = opened(1);
      setCurrentClient(raylet.client);
      void wait(stream, raylet);
      await turn();
      const taken = { type: 'taken', stream: stream.id, count: Infinity };
      expect(raylet.sent('taken'), name).to.deep.equal([taken]);
      setCurrentClient(undefined);
    }
  });

  it('keep their limit for whoever reads, or only wants to know how far it is', async () => {
    const { raylet, stream } = opened(1);
    setCurrentClient(raylet.client);
    progress(stream).subscribe();
    void stream.completed();
    await turn();
    void valueOf(raylet, stream.completed()).catch(() => {});
    void stream[Symbol.asyncIterator]()
      .next()
      .catch(() => {});
    await turn();
    expect(raylet.sent('taken')).to.deep.equal([]);
    setCurrentClient(undefined);
  });

  it('have the end as a ref: the number of items, or the failure', async () => {
    const { raylet, stream } = opened();
    const ref = stream.completed();
    expect(stream.completed()).to.equal(ref);
    expect(ref.id).to.equal(stream.id);
    raylet.answer(raylet.settle(stream.id, 7));
    expect(await valueOf(raylet, ref)).to.equal(7);
  });

  it('show the line of the call in the error of the last item', async () => {
    const { raylet, stream, fail } = opened();
    raylet.answer(fail(0));
    for await (const ref of stream) {
      const error = (await valueOf(raylet, ref).catch((reason: unknown) => reason)) as Error;
      expect(error.stack).to.match(/submitted at\n.*streams\.spec\.ts/);
    }
  });

  it('are no promises, print themselves and cannot be sent', async () => {
    const { raylet, stream } = opened();
    expect(await (async () => Promise.resolve(stream))()).to.equal(stream);
    expect(String(stream)).to.match(/^StreamRef\(\w{8}…\)$/);
    const send = (): unknown => raylet.codec.encode({ inner: [stream] }, 'args[0]');
    expect(send).to.throw(SerializationError, /^args\[0\]\.inner\[0\]: a stream cannot be sent/);
  });

  it('reject whoever waits, and everybody later, when the runtime ends', async () => {
    const { raylet, stream } = opened();
    const iterator = stream[Symbol.asyncIterator]();
    const pending = iterator.next().catch((error: unknown) => error);
    await turn();
    raylet.client.close();
    expect(await pending).to.be.instanceOf(ShutdownError);
    expect(await iterator.next().catch((error: unknown) => error)).to.be.instanceOf(ShutdownError);
  });

  it('are a wait in a task: the item comes with the CPU', async () => {
    const context = taskContext();
    const { raylet, stream, item } = opened(undefined, { role: 'worker' });
    const next = callContext.run(context, () => stream[Symbol.asyncIterator]().next());
    await turn();
    const [waiting] = raylet.sent('waiting');
    expect(waiting?.waits).to.deep.equal([
      { id: 1, refs: [`${stream.id}:0`], count: 1, failFast: false },
    ]);
    raylet.answer(item(0, 'a'));
    await turn();
    await turn();
    let there = false;
    void next.then(() => (there = true));
    await turn();
    expect(there).to.equal(false);
    raylet.answer({ type: 'granted', task: context.call, waits: [1] });
    expect((await next).done).to.equal(false);
  });

  it('lend the CPU of a generator that pauses', async () => {
    const context = taskContext();
    const raylet = fakeRaylet({ role: 'worker' });
    const gate = raylet.client.pause(context, 3);
    await turn();
    expect(raylet.first('waiting').waits).to.deep.equal([
      { id: 1, refs: [], count: 1, failFast: false, taken: 3 },
    ]);
    let open = false;
    gate.onOpen(() => (open = true));
    await turn();
    expect(open).to.equal(false);
    raylet.answer({ type: 'granted', task: context.call, waits: [1] });
    await turn();
    expect(open).to.equal(true);
  });
});

describe('client: values of a stream', () => {
  const subscribe = (stream: StreamRef<unknown>) => {
    const { feed, host } = openStream(stream);
    const seen: unknown[] = [];
    const subscription = streamValues(host, feed, stream).subscribe({
      next: (value) => seen.push(value),
      error: (error: unknown) => seen.push(String(error)),
      complete: () => seen.push('complete'),
    });
    return { seen, subscription };
  };

  it('come in order, then the end, and are released as they are read', async () => {
    const { raylet, stream, item, end } = opened();
    const { seen } = subscribe(stream);
    expect(raylet.held).to.equal(1);
    raylet.answer(item(0, 'a'), item(1, 'b'));
    await turn();
    await turn();
    expect(seen).to.deep.equal(['a', 'b']);
    expect(released(raylet)).to.deep.equal([`${stream.id}:0`, `${stream.id}:1`]);
    raylet.answer(end(2));
    await turn();
    await turn();
    expect(seen).to.deep.equal(['a', 'b', 'complete']);
    expect(raylet.held).to.equal(0);
    expect(raylet.sent('leaveStream')).to.deep.equal([]);
  });

  it('end with the failure', async () => {
    const { raylet, stream, item, fail } = opened();
    const { seen } = subscribe(stream);
    raylet.answer(item(0, 'a'), fail(1));
    await turn();
    await turn();
    expect(seen).to.deep.equal(['a', 'TaskError: count failed: RangeError: no more']);
    expect(raylet.sent('looked').flatMap(({ ids }) => ids)).to.include(`${stream.id}:1`);
  });

  it('cost the task when nobody listens any more', async () => {
    const { raylet, stream, item } = opened();
    const { seen, subscription } = subscribe(stream);
    raylet.answer(item(0, 'a'));
    await turn();
    await turn();
    subscription.unsubscribe();
    await turn();
    expect(seen).to.deep.equal(['a']);
    expect(raylet.sent('leaveStream')).to.deep.equal([
      { type: 'leaveStream', stream: stream.id, known: 2, goesOn: 'no' },
    ]);
    expect(raylet.held).to.equal(0);
  });

  it('stop with an operator that has enough', async () => {
    const { raylet, stream, item } = opened();
    const { feed, host } = openStream(stream);
    const { firstValueFrom } = rxjs();
    raylet.answer(item(0, 'a'), item(1, 'b'));
    await turn();
    expect(await firstValueFrom(streamValues(host, feed, stream))).to.equal('a');
    await turn();
    expect(raylet.sent('leaveStream')).to.have.length(1);
  });
});

describe('client: streams nobody has any more', () => {
  async function collectUntil(done: () => boolean): Promise<void> {
    for (let round = 0; round < 50 && !done(); round += 1) {
      globalThis.gc?.();
      await turn();
    }
  }

  it('end their task and release all, without a word about the failure', async () => {
    const raylet = fakeRaylet();
    const holder: { stream?: StreamRef<unknown> } = {};
    const id = (() => {
      holder.stream = raylet.client.submitStream(generator, [], opened);
      return holder.stream.id;
    })();
    raylet.answer(raylet.settle(`${id}:0`, 'a'));
    await turn();
    await turn();
    delete holder.stream;
    await collectUntil(() => released(raylet).length >= 3);
    expect(raylet.sent('leaveStream')).to.deep.equal([
      { type: 'leaveStream', stream: id, known: 2, goesOn: 'for others' },
    ]);
    expect(released(raylet)).to.have.members([id, `${id}:0`, `${id}:1`]);
    expect(raylet.sent('looked')).to.deep.equal([]);
  });

  it('go on when somebody waits for their end', async () => {
    const raylet = fakeRaylet();
    const ends: unknown[] = [];
    const ids = (() => {
      const held = raylet.client.submitStream(generator, [], opened);
      const waited = raylet.client.submitStream(generator, [], opened);
      void getValues(raylet.client, [openRef(waited.completed()).object]).then(([n]) =>
        ends.push(n),
      );
      ends.push(held.completed());
      return [held.id, waited.id];
    })();
    await collectUntil(() => raylet.sent('leaveStream').length >= 2);
    const left = raylet.sent('leaveStream');
    expect(left.map(({ stream }) => stream)).to.have.members(ids);
    expect(left.map(({ goesOn }) => goesOn)).to.deep.equal(['yes', 'yes']);
    raylet.answer(...ids.map((id) => raylet.settle(id, 3)));
    await turn();
    await turn();
    expect(ends).to.include(3);
  });

  it('live while somebody waits for their next item, or is subscribed', async () => {
    const raylet = fakeRaylet();
    const seen: unknown[] = [];
    const ids = (() => {
      const waited = raylet.client.submitStream(generator, [], opened);
      void waited[Symbol.asyncIterator]()
        .next()
        .then(({ done }) => seen.push(done));
      const subscribed = raylet.client.submitStream(generator, [], opened);
      const { feed, host } = openStream(subscribed);
      streamValues(host, feed, subscribed).subscribe((value) => seen.push(value));
      return [waited.id, subscribed.id];
    })();
    for (let round = 0; round < 10; round += 1) {
      globalThis.gc?.();
      await turn();
    }
    expect(raylet.sent('leaveStream')).to.deep.equal([]);
    raylet.answer(...ids.map((id) => raylet.settle(`${id}:0`, 'a')));
    await turn();
    await turn();
    expect(seen).to.have.members([false, 'a']);
  });
});
