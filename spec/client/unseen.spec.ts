import { expect } from 'chai';
import type { RayError } from '../../lib/base/errors';
import type { UnseenFailure } from '../../lib/protocol/messages';
import { fakeRaylet, submit, turn, type FakeRaylet } from './fake-raylet';

function reporting(): { raylet: FakeRaylet; reports: RayError[] } {
  const reports: RayError[] = [];
  const raylet = fakeRaylet({ onUnhandledError: (error) => reports.push(error) });
  return { raylet, reports };
}

const unseenFailure = ({ codec }: FakeRaylet, id: string): UnseenFailure => ({
  id,
  task: 'square',
  failure: { kind: 'thrown', task: 'square', error: codec.encodeThrown(new RangeError('boom')) },
});

describe('client: failures nobody looked at', () => {
  it('are reported with the site of the call', async () => {
    const { raylet, reports } = reporting();
    const ref = submit(raylet);
    raylet.answer({ type: 'unseen', failures: [unseenFailure(raylet, ref.id)] });
    await turn();
    expect(reports).to.have.length(1);
    expect(reports[0]).to.be.instanceOf(RangeError);
    expect(reports[0]?.stack).to.match(/submitted at\n.*unseen\.spec\.ts/);
  });

  it('of a constructor are not reported again for each call of its actor', async () => {
    const { raylet, reports } = reporting();
    const actor = submit(raylet).id;
    const { failure: cause } = unseenFailure(raylet, actor);
    const failure: UnseenFailure['failure'] = {
      ...{ kind: 'system', code: 'ACTOR_DIED', reason: 'its constructor threw' },
      ...{ actorName: 'D', actorId: actor, cause },
    };
    const creation = { id: actor, task: 'D', failure };
    const call = { id: submit(raylet).id, task: 'D.v', failure };
    raylet.answer({ type: 'unseen', failures: [call, creation] });
    await turn();
    expect(reports).to.have.length(1);
    expect(reports[0]?.cause).to.be.instanceOf(RangeError);
    raylet.answer({ type: 'unseen', failures: [call] });
    await turn();
    expect(reports, 'it alone is reported').to.have.length(2);
    expect(raylet.sent('looked').at(-1)?.ids, 'and tells of the constructor').to.include(actor);
  });

  it('show no frames of rayx', async () => {
    const { raylet, reports } = reporting();
    const failure = { kind: 'system', code: 'INTERNAL', message: 'broken' } as const;
    const { id } = submit(raylet);
    raylet.answer({ type: 'unseen', failures: [{ id, task: 'square', failure }] });
    await turn();
    expect(reports[0]?.stack).to.match(/submitted at\n.*unseen\.spec\.ts/);
    expect(reports[0]?.stack).to.match(/^InternalError: .*broken.*\n( +at .*spec.*\n)* +submitted/);
  });

  /** The id of a call whose only ref was collected. */
  async function collected(raylet: FakeRaylet): Promise<string> {
    const id = (() => submit(raylet).id)();
    for (let round = 0; round < 50 && raylet.sent('release').length === 0; round += 1) {
      globalThis.gc?.();
      await turn();
    }
    expect(raylet.sent('release')).to.have.length(1);
    return id;
  }

  it('keep no site when the call ends well after the last ref is gone', async () => {
    const { raylet, reports } = reporting();
    const id = await collected(raylet);
    raylet.answer(raylet.settle(id, 1));
    await turn();
    raylet.answer({ type: 'unseen', failures: [unseenFailure(raylet, id)] });
    await turn();
    expect(reports[0]?.stack).to.not.include('submitted at');
  });

  it('know their site also after the last ref is gone', async () => {
    const { raylet, reports } = reporting();
    const id = await collected(raylet);
    raylet.answer(
      { type: 'forgotten', id },
      { type: 'unseen', failures: [unseenFailure(raylet, id)] },
    );
    await turn();
    expect(reports[0]?.stack).to.match(/submitted at\n.*unseen\.spec\.ts/);
  });
});
