import { expect } from 'chai';
import { systemClock } from '../../lib/base/clock';
import { start, stop } from '../../lib/nact/actors';
import { ClaimTable, hasStarted } from '../../lib/protocol/claims';
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

  /** Workers whose one thread ends when the spec says so. */
  function oneThread() {
    const system = start({ onFault: () => {} });
    const claims = new ClaimTable();
    const logs = new Logs({ shown: false, write: () => {} });
    let end: (end: ThreadEnd) => void = () => {};
    let terminate: () => void = () => {};
    let exit: () => void = () => {};
    const terminated = new Promise<void>((resolve) => (terminate = resolve));
    const exited = new Promise<void>((resolve) => (exit = resolve));
    const workers = new Workers({
      system,
      startThread: ({ onEnd }) => {
        end = onEnd;
        const [, channel] = createMemoryChannel<FromWorker, ToWorker>();
        return { channel, claims, gauge: new OutputGauge(), terminate };
      },
      links: new Links(() => {}),
      logs,
      clock: systemClock,
      onOnline: () => {},
      onExited: () => exit(),
      onCannotStart: () => {},
    });
    const thread = { end: (how: ThreadEnd) => end(how), terminated };
    return { system, workers, claims, logs, thread, exited };
  }

  it('give calls back that a thread never started, until its end has been dealt with', async () => {
    const { system, workers, claims, thread, exited } = oneThread();
    workers.start('w');
    for (const claim of [begun, early]) workers.hold('w', claim);
    claims.start(begun);
    thread.end({ kind: 'error', reason: 'it crashed' });
    await exited;
    // The scheduler may give and ask back calls before it hears of the end.
    workers.hold('w', late);
    expect(workers.revoke('w', [begun, early, late])).to.deep.equal(['early', 'late']);
    workers.hold('w', { ...late, turn: 2 });
    workers.forget('w');
    expect(workers.revoke('w', [{ ...late, turn: 2 }])).to.deep.equal([]);
    stop(system);
  });

  it('say what a thread leaves that is ended by force, before it has really ended', async () => {
    const { system, workers, claims, logs, thread } = oneThread();
    workers.start('w');
    for (const claim of [begun, early]) workers.hold('w', claim);
    claims.start(begun);
    logs.receive('w', { fd: 1, text: 'last words\n', source: '' });
    const { exit, claims: words } = workers.endNow('w', 'it was cancelled with force');
    const reason = 'it was cancelled with force';
    expect(exit).to.deep.equal({
      kind: 'forced',
      reason,
      lastLines: [{ source: '', text: 'last words' }],
    });
    expect([begun, early].map((claim) => words && hasStarted(words, claim))).to.deep.equal([
      true,
      false,
    ]);
    expect(claims.start(early)).to.equal(false);
    expect(workers.count, 'it counts until it has ended').to.equal(1);
    await thread.terminated;
    stop(system);
  });
});
