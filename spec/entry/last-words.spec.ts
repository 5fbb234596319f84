import { expect } from 'chai';
import type { RayError } from '../../lib/base/errors';
import { resolveInitOptions } from '../../lib/base/options/init';
import { LocalRuntime } from '../../lib/entry/local-runtime';
import { createMemoryChannel } from '../../lib/protocol/memory-channel';
import type { FromClient, ToClient } from '../../lib/protocol/messages';

describe('the end of a runtime', () => {
  it('reports what the raylet says last, though its end is heard before', async () => {
    const [road, far] = createMemoryChannel<FromClient, ToClient>();
    const reported: RayError[] = [];
    const options = resolveInitOptions({
      numCpus: 1,
      onUnhandledError: (error) => reported.push(error),
    });
    const carrier = { road, gone: Promise.resolve(), ref: () => {}, halt: () => {} };
    const runtime = new LocalRuntime({ node: 'node', options, carrier, entry: undefined });
    runtime.ready.catch(() => {});
    const failure = { kind: 'system', code: 'OBJECT_LOST', objectId: 'a', reason: 'gone' } as const;
    far.post({ type: 'drained', token: 1, unseen: [{ id: 'a', task: 'square', failure }] });
    far.flush();
    await runtime.shutdown();
    expect(reported.map(({ name }) => name)).to.deep.equal(['ObjectLostError']);
  });
});
