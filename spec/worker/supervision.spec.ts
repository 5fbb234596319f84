import { expect } from 'chai';
import type { CrashContext, CrashDirective } from '../../lib/base/options/remote';
import type { CrashReport } from '../../lib/protocol/messages';
import { Bench } from './support';

class Counter {
  value = 0;

  constructor(start: number) {
    if (start < 0) throw new RangeError('negative');
    this.value = start;
  }

  add(n: number): number {
    return (this.value += n);
  }

  fail(what: string): never {
    throw new RangeError(what);
  }

  stay(): Promise<never> {
    return new Promise(() => {});
  }
}

describe('onCrash on a worker', () => {
  let bench: Bench;
  const asked: [unknown, CrashContext][] = [];
  beforeEach(() => {
    bench = new Bench();
    asked.length = 0;
  });

  const make = (answer: (error: unknown) => unknown, args: readonly unknown[] = [0]): void => {
    const onCrash = (error: unknown, context: CrashContext): CrashDirective => {
      asked.push([error, context]);
      return answer(error) as CrashDirective;
    };
    const callbacks = bench.callbacks({ onCrash });
    bench.create(bench.define('class', Counter, 'Counter', { callbacks }), args);
  };
  const crashOf = async (call: string): Promise<CrashReport | undefined> =>
    (await bench.done(call)).crash;
  const errorOf = (crash: CrashReport | undefined): unknown =>
    bench.codec.decodeThrown(crash?.failure.error);

  it('is asked about what a method threw; with resume nothing more is said', async () => {
    make(() => 'resume');
    const call = bench.invoke('fail', ['once']);
    expect(await crashOf(call)).to.equal(undefined);
    expect(await bench.thrown(call)).to.be.instanceOf(RangeError);
    expect(asked[0]?.[0]).to.be.instanceOf(RangeError);
    expect(asked[0]?.[1]).to.deep.equal({
      actorName: 'Counter',
      actorId: 'actor-1',
      during: { method: 'fail' },
      restarts: 0,
    });
    expect(await bench.value(bench.invoke('add', [2]))).to.equal(2);
  });

  for (const directive of ['restart', 'stop', 'escalate'] as const) {
    it(`tells the raylet of ${directive}, and nothing is begun until that has decided`, async () => {
      make(() => directive);
      const call = bench.invoke('fail', ['once']);
      const behind = bench.invoke('add', [2]);
      const crash = await crashOf(call);
      expect(crash).to.deep.include({ directive, during: { method: 'fail' } });
      expect(errorOf(crash)).to.be.instanceOf(RangeError).with.property('message', 'once');
      for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
      expect(bench.sent('done')).to.have.length(1);
      bench.send({ type: 'resumeInstance', actor: 'actor-1' });
      expect(await bench.value(behind)).to.equal(2);
    });
  }

  it('is asked once while that is open: another error changes nothing', async () => {
    class Two {
      readonly ends: (() => void)[] = [];
      fail(): Promise<never> {
        return new Promise((_, reject) => this.ends.push(() => reject(new Error('both'))));
      }
      end(): void {
        for (const end of this.ends) end();
      }
    }
    const onCrash = (error: unknown, context: CrashContext): CrashDirective => {
      asked.push([error, context]);
      return 'escalate';
    };
    const actor = { maxConcurrency: 3 };
    const callbacks = bench.callbacks({ onCrash });
    bench.create(bench.define('class', Two, 'Two', { actor, callbacks }));
    const calls = [bench.invoke('fail'), bench.invoke('fail')];
    bench.invoke('end');
    const crashes = await Promise.all(calls.map(crashOf));
    expect(crashes.map((crash) => crash?.directive)).to.deep.equal(['escalate', undefined]);
    expect(asked).to.have.length(1);
  });

  it('that throws, or answers what it may not, is reported as stop with both errors', async () => {
    for (const answer of [
      () => {
        throw new TypeError('oh');
      },
      () => 'restrat',
      () => Promise.resolve('resume'),
    ]) {
      bench = new Bench();
      make(answer);
      const crash = await crashOf(bench.invoke('fail', ['once']));
      expect(crash).to.deep.include({ directive: 'stop', faulty: true });
      const { errors } = errorOf(crash) as AggregateError;
      expect(errors[0]).to.be.instanceOf(RangeError);
      expect(String(errors[1])).to.match(/TypeError: oh|'restrat': it must|not async/);
    }
  });

  it('is asked about the constructor: anything but stop takes the place of its report', async () => {
    make(() => 'escalate', [-1]);
    const [crashed] = await bench.until(() => {
      const all = bench.sent('crashed');
      return all.length > 0 && all;
    });
    expect(crashed?.crash).to.deep.include({ directive: 'escalate', during: 'constructor' });
    expect(bench.sent('created')).to.have.length(0);
    for (const answer of ['stop', 'resume']) {
      bench = new Bench();
      make(() => answer, [-1]);
      const [created] = await bench.until(() => {
        const all = bench.sent('created');
        return all.length > 0 && all;
      });
      expect(created?.outcome.ok).to.equal(false);
    }
  });

  it('that rejects has its promise handled: it is no error of the instance as well', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', note);
    make(() => Promise.reject(new TypeError('unheard')));
    expect(await crashOf(bench.invoke('fail', ['once']))).to.include({ faulty: true });
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
    process.off('unhandledRejection', note);
    expect(unhandled).to.deep.equal([]);
  });

  it('that fails about the constructor is reported with both errors', async () => {
    make(() => 'restrat', [-1]);
    const { crash } = await bench.until(() => bench.sent('crashed')[0]);
    expect(crash).to.deep.include({ directive: 'stop', during: 'constructor', faulty: true });
    expect((errorOf(crash) as AggregateError).errors).to.have.length(2);
  });

  it('is not asked about what a call throws that was told to end', async () => {
    let end: (() => void) | undefined;
    class Patient {
      wait(): Promise<never> {
        return new Promise((_, reject) => (end = () => reject(new Error('ended'))));
      }
    }
    const onCrash = (error: unknown, context: CrashContext): CrashDirective => {
      asked.push([error, context]);
      return 'stop';
    };
    const callbacks = bench.callbacks({ onCrash });
    bench.create(bench.define('class', Patient, 'Patient', { callbacks }));
    const call = bench.invoke('wait');
    const fail = await bench.until(() => end);
    await bench.abort(call);
    fail();
    expect(await crashOf(call)).to.equal(undefined);
    expect(asked).to.deep.equal([]);
  });

  describe('about an instance below', () => {
    const judge = (): void => {
      const error = bench.codec.encodeThrown(new RangeError('below'));
      bench.send({
        type: 'judge',
        actor: 'actor-1',
        token: 7,
        child: { actorName: 'Child', actorId: 'actor-2' },
        failure: { kind: 'thrown', task: 'Child.fail', error },
        during: { method: 'fail' },
        restarts: 3,
      });
    };
    const judged = () => bench.until(() => bench.sent('judged')[0]);

    it('is asked though a call of its own is under way, and answers the raylet', async () => {
      make(() => 'restart');
      bench.invoke('stay');
      judge();
      expect(await judged()).to.deep.equal({
        type: 'judged',
        child: 'actor-2',
        token: 7,
        directive: 'restart',
      });
      const [error, context] = asked[0] ?? [];
      expect(error).to.be.instanceOf(RangeError).with.property('message', 'below');
      expect(context).to.deep.equal({
        actorName: 'Counter',
        actorId: 'actor-1',
        during: { method: 'fail' },
        restarts: 3,
        child: { actorName: 'Child', actorId: 'actor-2' },
      });
    });

    it('says nothing where there is none, and what went wrong where it failed', async () => {
      bench.create(bench.define('class', Counter, 'Counter'), [0]);
      judge();
      expect(await judged()).to.deep.equal({ type: 'judged', child: 'actor-2', token: 7 });
      bench = new Bench();
      make(() => 'whatever');
      judge();
      const said = await judged();
      expect(said.directive).to.equal('stop');
      const { errors } = bench.codec.decodeThrown(said.failure?.error) as AggregateError;
      expect(errors.map((error: Error) => error.name)).to.deep.equal([
        'RangeError',
        'InvalidOptionError',
      ]);
    });
  });
});
