import { expect } from 'chai';
import type { CallId } from '../../../lib/base/ids';
import { Random } from './random';
import { Bench } from './support';

/** Names, and how many milliseconds calls of them mostly take. */
const FUNCTIONS = new Map([
  ['f', 0.01],
  ['g', 0.7],
  ['h', 10],
]);
const SHORT = 60;

/** Threads that do as chance has it: each call given to one begins, and ends at once or never. */
class Threads {
  readonly bench: Bench;
  readonly ended = new Set<CallId>();
  private readonly functions = new Map<CallId, string>();
  readonly long = new Set<CallId>();
  private readonly hands = new Map<string, CallId[]>();
  private readonly busy = new Set<string>();
  private readonly starting: string[] = [];
  /** What the claims have answered and the scheduler has not heard yet. */
  private readonly revoked: { readonly worker: string; readonly calls: CallId[] }[] = [];

  constructor(
    private readonly random: Random,
    readonly numCpus: number,
  ) {
    this.bench = Bench.ready({ numCpus });
  }

  submit(id: CallId, fn: string): void {
    this.functions.set(id, fn);
    this.bench.submit(id, { fn });
    this.carryOut();
  }

  /** One thing happens, if the one drawn can. */
  step(): void {
    const { bench, random } = this;
    switch (random.below(4)) {
      case 0: {
        const answer = this.revoked.shift();
        if (answer !== undefined) bench.revoked(answer.worker, ...answer.calls);
        break;
      }
      case 1: {
        const worker = this.starting.shift();
        if (worker !== undefined) bench.online(worker);
        break;
      }
      case 2:
        bench.tick(0.5);
        break;
      default:
        this.begin(random.pick([...this.hands.keys()]));
    }
    this.carryOut();
  }

  private begin(worker = ''): void {
    const call = this.busy.has(worker) ? undefined : this.hands.get(worker)?.shift();
    if (call === undefined) return;
    if (this.long.has(call)) {
      this.busy.add(worker);
      return;
    }
    this.ended.add(call);
    const took = FUNCTIONS.get(this.functions.get(call) ?? '') ?? 0;
    this.bench.at += took;
    this.bench.done(worker, call, 'ok', took);
  }

  private carryOut(): void {
    for (const one of this.bench.instructions) {
      if (one.type === 'startWorker') this.starting.push(one.worker);
      if (one.type === 'send' && one.message.type === 'run') {
        this.hands.set(one.to, [...(this.hands.get(one.to) ?? []), one.message.call.id]);
      }
      if (one.type !== 'revoke') continue;
      const asked = new Set(one.claims.map(({ call }) => call));
      const hand = this.hands.get(one.worker) ?? [];
      const calls = hand.filter((call) => asked.has(call));
      this.hands.set(
        one.worker,
        hand.filter((call) => !asked.has(call)),
      );
      this.revoked.push({ worker: one.worker, calls });
    }
    this.bench.instructions = [];
  }
}

describe('scheduler: long calls among short ones', () => {
  it('delay none of them while a CPU is free, whatever comes when', () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = new Random(seed);
      const threads = new Threads(random, 2 + random.below(3));
      for (const fn of FUNCTIONS.keys()) threads.bench.define(fn);
      // What is known of each function by then, if anything, is that it is not long.
      for (const [fn, took] of FUNCTIONS) if (random.chance(0.8)) threads.bench.teachWell(fn, took);
      const ids = Array.from({ length: SHORT + threads.numCpus - 1 }, (_, n) => `c${n}`);
      while (threads.long.size < threads.numCpus - 1) threads.long.add(random.pick(ids) ?? '');

      for (const id of ids) {
        threads.submit(id, random.pick([...FUNCTIONS.keys()]) ?? 'f');
        while (random.chance(0.4)) threads.step();
      }
      for (let n = 0; n < 3000 && threads.ended.size < SHORT; n += 1) threads.step();
      expect(threads.ended.size, `short calls that ended, seed ${seed}`).to.equal(SHORT);
    }
  });
});
