import { expect } from 'chai';
import type { CallId } from '../../../lib/base/ids';
import { Bench, type CallParts } from './support';

const FEW = 1000;
const MANY = 300_000;
const WIDE = 10_000;
const CALLS = 100;
const ROUNDS = 15;
/** Large heaps are slower memory. A look at each queued call would cost 300 times as much. */
const NOTICEABLE = 12;

/** So many calls behind one that runs, on a machine with one CPU. */
abstract class Queue {
  protected readonly bench = Bench.ready({ numCpus: 1, watched: false });
  /** Given to a thread, and not ended. */
  private readonly given: CallId[] = [];
  private calls = 0;

  constructor(readonly parts: (n: number) => CallParts) {
    this.bench.define('f');
    this.bench.validates = false;
  }

  fill(count: number): this {
    while (this.calls < count) this.submit();
    return this;
  }

  /** Some calls come, some are cancelled, some end and let the next ones go: milliseconds for each. */
  round(): Record<string, number> {
    const fresh: CallId[] = [];
    return {
      submit: this.time(() => fresh.push(this.submit())),
      cancel: this.time(() => this.bench.cancel(fresh.pop() ?? '')),
      'submit again': this.time(() => this.submit()),
      end: this.time(() => this.end()),
      tick: this.time(() => this.bench.tick(0.01)),
    };
  }

  get size(): number {
    return this.bench.scheduler.usage().calls;
  }

  validate(): void {
    this.bench.scheduler.validate();
  }

  protected abstract send(id: CallId, parts: CallParts): void;
  protected abstract readonly worker: string;

  private submit(): CallId {
    this.calls += 1;
    const id = `c${this.calls}`;
    this.send(id, this.parts(this.calls));
    this.note();
    return id;
  }

  private end(): void {
    this.bench.done(this.worker, this.given.shift() ?? 'nothing was given');
    this.note();
  }

  private note(): void {
    for (const one of this.bench.instructions) {
      if (one.type !== 'send') continue;
      const { message } = one;
      if (message.type === 'run' || message.type === 'invoke') this.given.push(message.call.id);
    }
  }

  private time(work: () => unknown): number {
    const start = performance.now();
    for (let n = 0; n < CALLS; n += 1) work();
    return performance.now() - start;
  }
}

class Tasks extends Queue {
  protected override readonly worker = 'n-1';
  protected override send(id: CallId, parts: CallParts): void {
    this.bench.submit(id, parts);
  }
}

/** Tasks behind one with so many arguments, which has no resources to run. */
class TasksBehindWide extends Tasks {
  constructor(width: number) {
    super(() => ({}));
    this.bench.define('wide', { resources: { gpu: 1 } });
    const refs = Array.from({ length: width }, (_, n) => `value ${n}`);
    for (const id of refs) this.bench.put(id);
    this.bench.submit('of many', { fn: 'wide', refs });
  }
}

class ActorCalls extends Queue {
  protected override readonly worker = 'n-2';
  constructor(parts: (n: number) => CallParts) {
    super(parts);
    this.bench.define('Counter');
    this.bench.createActor('actor');
    this.bench.online(this.worker);
    this.bench.alive('actor');
  }
  protected override send(id: CallId, parts: CallParts): void {
    this.bench.callActor('actor', id, parts);
  }
}

/** Milliseconds for each kind of event: the least of many rounds, which no other work has disturbed. */
function leastOf(rounds: readonly Record<string, number>[]): Record<string, number> {
  const kinds = Object.keys(rounds[0] ?? {});
  return Object.fromEntries(
    kinds.map((kind) => [kind, Math.min(...rounds.map((round) => round[kind] ?? Infinity))]),
  );
}

describe('scheduler: long queues', function () {
  this.timeout(60_000);

  const queues: Record<string, (count: number) => Queue> = {
    'tasks of one caller': (count) => new Tasks(() => ({})).fill(count),
    'tasks of as many callers': (count) =>
      new Tasks((n) => ({ caller: `caller ${n}` })).fill(count),
    'calls of an actor by one caller': (count) => new ActorCalls(() => ({})).fill(count),
    'calls of an actor by as many callers': (count) =>
      new ActorCalls((n) => ({ caller: `caller ${n}` })).fill(count),
  };

  for (const [what, make] of Object.entries(queues)) {
    it(`of ${what} slow down nothing that comes behind them`, () => {
      const [short, long] = [make(FEW), make(MANY)];
      compare(short, long);
      expect([short.size, long.size]).to.deep.equal([FEW, MANY]);
      short.validate();
    });
  }

  it('of arguments, of a task that has to wait, slow down nothing that comes behind it', () => {
    const [narrow, wide] = [new TasksBehindWide(1), new TasksBehindWide(WIDE)];
    compare(narrow.fill(FEW), wide.fill(FEW));
    wide.validate();
  });
});

/** Sees that no event takes noticeably longer beside the one than beside the other. */
function compare(short: Queue, long: Queue): void {
  const rounds = Array.from({ length: ROUNDS }, () => [short.round(), long.round()] as const);
  const usual = leastOf(rounds.map(([first]) => first));
  const behindMany = leastOf(rounds.map(([, second]) => second));
  for (const [kind, took] of Object.entries(behindMany)) {
    expect(took / (usual[kind] ?? 0), `times as long to ${kind}`).to.be.below(NOTICEABLE);
  }
}
