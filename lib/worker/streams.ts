import { setImmediate as breath, setTimeout as sleep } from 'node:timers/promises';
import type { CallId } from '../base/ids';
import type { StreamPolicy } from '../protocol/messages';
import { copiedSize } from '../protocol/payload';
import type { CallTools, UserCall } from './call';
import { isThenable } from './thenable';

/** Milliseconds after which a generator that never waits lets the thread take its messages. */
const BREATHE_AFTER = 4;

/** Milliseconds between looks whether the raylet has followed: less than it has to do then. */
const PACE = 1;

/** The generators that run on this thread. */
export class Streams {
  private readonly running = new Map<CallId, GeneratorRun>();

  constructor(private readonly tools: CallTools) {}

  /** Has a call's generator run to its end and reports what it yields. Rejects with what it throws. */
  async run(user: UserCall, generator: unknown, { backpressure }: StreamPolicy): Promise<void> {
    const { call } = user.context;
    if (!isGenerator(generator)) {
      const message = `${user.context.name} was declared as a generator, and is none`;
      return user.refuse({ kind: 'system', code: 'INVALID_CALL', message });
    }
    const run = new GeneratorRun(user, generator, backpressure ?? Infinity, this.tools);
    this.running.set(call, run);
    try {
      await run.toEnd();
    } finally {
      this.running.delete(call);
    }
  }

  /** So many items are taken. */
  taken(call: CallId, count: number): void {
    this.running.get(call)?.taken(count);
  }
}

type AnyGenerator = Iterator<unknown, unknown> | AsyncIterator<unknown, unknown>;

class GeneratorRun {
  private yielded = 0;
  private takenSoFar = 0;
  private breathedAt: number;

  constructor(
    private readonly user: UserCall,
    private readonly generator: AnyGenerator,
    /** Items that it may be ahead of its reader. */
    private readonly limit: number,
    private readonly tools: CallTools,
  ) {
    this.breathedAt = tools.clock.now();
  }

  async toEnd(): Promise<void> {
    try {
      while (!this.over) {
        const step = this.generator.next();
        const { done, value } = isThenable(step) ? await step : step;
        if (done || this.user.context.ended) return;
        this.report(isThenable(value) ? await value : value);
        if (this.tools.clock.now() - this.breathedAt >= BREATHE_AFTER) await this.breathe();
        while (!this.over && this.tools.gauge.full) await sleep(PACE);
        while (!this.over && this.yielded - this.takenSoFar >= this.limit) await this.pause();
      }
    } finally {
      await this.generator.return?.();
    }
  }

  taken(count: number): void {
    this.takenSoFar = Math.max(this.takenSoFar, count);
  }

  /** It has failed otherwise, or was told to end: because nobody reads on, say. */
  private get over(): boolean {
    const { ended, abortedBy } = this.user.context;
    return ended || abortedBy !== undefined;
  }

  private report(value: unknown): void {
    const { codec, gauge, report } = this.tools;
    const { call, ended } = this.user.context;
    if (ended) return;
    const index = this.yielded;
    const payload = codec.encode(value, `items[${index}]`);
    report({ type: 'yielded', call, index, value: payload });
    gauge.add(copiedSize(payload));
    this.yielded += 1;
  }

  /** Until one more item is taken than would be too few. */
  private async pause(): Promise<void> {
    const gate = this.tools.client.pause(this.user.context, this.yielded - this.limit + 1);
    await new Promise<void>((resolve) => gate.onOpen(() => resolve()));
    this.breathedAt = this.tools.clock.now();
  }

  private async breathe(): Promise<void> {
    await breath();
    this.breathedAt = this.tools.clock.now();
  }
}

function isGenerator(value: unknown): value is AnyGenerator {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { next?: unknown }).next === 'function' &&
    (Symbol.iterator in value || Symbol.asyncIterator in value)
  );
}
