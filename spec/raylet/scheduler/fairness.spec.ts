import { expect } from 'chai';
import type { CallId } from '../../../lib/base/ids';
import { Bench, type CallParts } from './support';

/** Calls that each caller queues before the next one comes. */
const QUEUED = 2000;
/** Most calls that a thread, or an instance, is given ahead of time. */
const AHEAD = 64;

/** A scheduler that is counted in calls: which were given out, and which of them have ended. */
class Counted {
  readonly bench = Bench.ready({ numCpus: 2, watched: false });
  readonly given: CallId[] = [];
  ended = 0;

  constructor(
    private readonly submit: (bench: Bench, id: CallId, parts: CallParts) => void,
    private readonly workerOf: (bench: Bench, id: CallId) => string,
    private readonly took: number,
  ) {}

  call(caller: string, n: number, depth: number): CallId {
    const id = `${caller} call ${n}`;
    this.submit(this.bench, id, { caller, depth });
    this.note();
    return id;
  }

  /** Lets calls end in the order given. */
  end(count: number): void {
    for (let n = 0; n < count; n += 1) this.endOne();
  }

  endUntil(id: CallId): void {
    while (this.endOne() !== id);
  }

  private endOne(): CallId {
    const id = this.given[this.ended] ?? 'nothing was given';
    this.ended += 1;
    this.bench.done(this.workerOf(this.bench, id), id, 'ok', this.took);
    this.note();
    return id;
  }

  private note(): void {
    for (const one of this.bench.instructions) {
      if (one.type !== 'send') continue;
      const { message } = one;
      if (message.type === 'run' || message.type === 'invoke') this.given.push(message.call.id);
    }
  }
}

/** A machine whose tasks take so many milliseconds, which is known. */
function tasks(took: number): Counted {
  const counted = new Counted(
    (bench, id, parts) => void bench.submit(id, parts),
    (bench, id) => bench.workerOf(id),
    took,
  );
  counted.bench.define('f');
  counted.bench.teach('f', took);
  return counted;
}

/** One with an instance that all call. */
function methods(): Counted {
  const counted = new Counted(
    (bench, id, parts) => void bench.callActor('x', id, parts),
    ({ threads }) => threads.get('x') ?? 'nowhere',
    1,
  );
  counted.bench.define('Counter');
  counted.bench.createActor('x');
  counted.bench.alive('x');
  return counted;
}

/** At each moment, how many calls more were given of one of the callers than of another. */
function unfairness(given: readonly CallId[], callers: readonly string[]): number {
  const counts = new Map(callers.map((caller) => [caller, 0]));
  let most = 0;
  for (const id of given) {
    const caller = id.replace(/ call .*/, '');
    counts.set(caller, (counts.get(caller) ?? 0) + 1);
    most = Math.max(most, Math.max(...counts.values()) - Math.min(...counts.values()));
  }
  return most;
}

describe('scheduler: fairness between callers', () => {
  // What tasks and instances call is deeper than what the driver calls, and deeper calls go first.
  const inner = ['task 1', 'task 2', 'actor 1', 'actor 2'];
  const all = ['driver', ...inner];

  const machines = {
    'tasks, one at a time': { make: () => tasks(100), callers: inner, ahead: 2 },
    'short tasks, ahead of time': { make: () => tasks(0.01), callers: inner, ahead: 2 * AHEAD },
    'calls of an actor': { make: () => methods(), callers: all, ahead: AHEAD },
  };

  for (const [what, { make, callers, ahead }] of Object.entries(machines)) {
    describe(`for ${what}`, () => {
      let counted: Counted;
      beforeEach(() => {
        counted = make();
        counted.bench.validates = false;
        for (const caller of callers) {
          const depth = caller === 'driver' ? 0 : 1;
          for (let n = 0; n < QUEUED; n += 1) counted.call(caller, n, depth);
        }
      });
      afterEach(() => counted.bench.scheduler.validate());

      it('gives them out in turn, whoever came first and however many there are', () => {
        const count = callers.length * QUEUED;
        counted.end(count);
        expect(counted.given).to.have.length(count);
        // The first one had the machine for itself, and in the end it is through before the others.
        const together = counted.given.slice(ahead, count - callers.length * (ahead + 1));
        expect(unfairness(together, callers)).to.be.at.most(2);
      });

      it('serves one that comes late behind what was given out, and one call of each other', () => {
        counted.end(1000);
        const { ended } = counted;
        counted.endUntil(counted.call('late', 0, 1));
        expect(counted.ended - ended).to.be.at.most(ahead + callers.length + 1);
      });
    });
  }

  it('gives the driver its turn when what its tasks have called is through', () => {
    const counted = tasks(100);
    for (const n of [1, 2, 3]) counted.call('driver', n, 0);
    for (let n = 0; n < 10; n += 1) counted.call('task 1', n, 1);
    counted.end(13);
    expect(counted.given.at(-1)).to.equal('driver call 3');
  });
});
