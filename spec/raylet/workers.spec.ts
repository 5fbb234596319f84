import { expect } from 'chai';
import { systemClock } from '../../lib/base/clock';
import { start, stop } from '../../lib/nact/actors';
import { ClaimTable } from '../../lib/protocol/claims';
import { createMemoryChannel } from '../../lib/protocol/memory-channel';
import { OutputGauge } from '../../lib/protocol/output-gauge';
import type { FromWorker, ToWorker } from '../../lib/protocol/messages';
import { Links } from '../../lib/raylet/links';
import { Logs } from '../../lib/raylet/logs/logs';
import type { ThreadEnd } from '../../lib/raylet/pool/pool';
import { Workers } from '../../lib/raylet/workers';

describe('the workers of a raylet', () => {
  const begun = { call: 'begun', slot: 0, turn: 1 };
  const early = { call: 'early', slot: 1, turn: 1 };
  const late = { call: 'late', slot: 2, turn: 1 };

  it('give calls back that a thread never started, until its end has been dealt with', async () => {
    const system = start({ onFault: () => {} });
    const claims = new ClaimTable();
    let end: (end: ThreadEnd) => void = () => {};
    let exited: () => void = () => {};
    const workers = new Workers({
      system,
      startThread: ({ onEnd }) => {
        end = onEnd;
        const [, channel] = createMemoryChannel<FromWorker, ToWorker>();
        return { channel, claims, gauge: new OutputGauge(), terminate: () => {} };
      },
      links: new Links(() => {}),
      logs: new Logs({ shown: false, write: () => {} }),
      clock: systemClock,
      onOnline: () => {},
      onExited: () => exited(),
      onCannotStart: () => {},
    });
    workers.start('w');
    for (const claim of [begun, early]) workers.hold('w', claim);
    claims.start(begun);
    const over = new Promise<void>((resolve) => (exited = resolve));
    end({ kind: 'error', reason: 'it crashed' });
    await over;
    // The scheduler may give and ask back calls before it hears of the end.
    workers.hold('w', late);
    expect(workers.revoke('w', [begun, early, late])).to.deep.equal(['early', 'late']);
    workers.hold('w', { ...late, turn: 2 });
    workers.forget('w');
    expect(workers.revoke('w', [{ ...late, turn: 2 }])).to.deep.equal([]);
    stop(system);
  });
});
