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
  it('are reported once, with the site of the call', async () => {
    const { raylet, reports } = reporting();
    const ref = submit(raylet);
    const failures = [unseenFailure(raylet, ref.id)];
    raylet.answer({ type: 'unseen', failures });
    raylet.answer({ type: 'drained', token: 1, unseen: failures });
    await turn();
    await turn();
    expect(reports).to.have.length(1);
    expect(reports[0]).to.be.instanceOf(RangeError);
    expect(reports[0]?.stack).to.match(/submitted at\n.*unseen\.spec\.ts/);
  });

  it('know their site also after the last ref is gone', async () => {
    const { raylet, reports } = reporting();
    const id = (() => submit(raylet).id)();
    for (let round = 0; round < 50 && raylet.sent('release').length === 0; round += 1) {
      globalThis.gc?.();
      await turn();
    }
    expect(raylet.sent('release')).to.have.length(1);
    raylet.answer(
      { type: 'forgotten', id },
      { type: 'unseen', failures: [unseenFailure(raylet, id)] },
    );
    await turn();
    expect(reports[0]?.stack).to.match(/submitted at\n.*unseen\.spec\.ts/);
  });
});
