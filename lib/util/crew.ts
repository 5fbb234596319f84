import { ignore, onSettled, oneSettled } from '../api/settling';
import { InvalidCallError } from '../base/errors';
import type { ObjectRef } from '../client/refs';
import type { Job } from './job';
import { Line } from './line';

export interface CrewHooks<A> {
  /** Told that an actor is done with a job, answers the one to use in its place, if any. */
  readonly next?: (actor: A, job: Job<A, unknown>) => A | undefined;
  /** Called whenever all work is done. */
  readonly onIdle?: () => void;
}

/** Actors that get one job each at a time, in the order in which jobs are given. */
export class Crew<A> {
  readonly #idle: A[] = [];
  readonly #queue = new Line<Job<A, unknown>>();
  readonly #busy = new Map<Job<A, unknown>, A>();
  /** Ends the waiting of those who know only of earlier calls. */
  #change = new AbortController();

  constructor(private readonly hooks: CrewHooks<A> = {}) {}

  get hasIdle(): boolean {
    return this.#idle.length > 0;
  }

  /** Work waits for an actor to be free. */
  get hasQueue(): boolean {
    return this.#queue.size > 0;
  }

  /** All work is done. */
  get isIdle(): boolean {
    return this.#busy.size === 0 && this.#queue.size === 0;
  }

  add(actor: A): void {
    this.#idle.push(actor);
    this.#serve(true);
  }

  takeIdle(): A | undefined {
    return this.#idle.pop();
  }

  give(job: Job<A, unknown>): void {
    this.#queue.add(job);
    this.#serve(true);
  }

  /** Ends all jobs that are not done with an error; what their calls come to interests nobody. */
  drop(error: (job: Job<A, unknown>) => unknown): void {
    const begun = [...this.#busy.keys()];
    const jobs = [...begun, ...this.#queue.clear()];
    this.#busy.clear();
    for (const { ref } of begun) if (ref) ignore(ref);
    for (const job of jobs) job.fail(error(job));
    this.wake();
  }

  /** Ends all waiting for progress. */
  wake(): void {
    this.#change.abort();
  }

  /**
   * Waits for something to happen: a call has come to its end, or another was begun.
   *
   * @returns whether it did before the time was over
   * @throws InvalidCallError when nothing will, for want of actors
   */
  progress(timeout: number): Promise<boolean> {
    if (this.#busy.size === 0) {
      throw new InvalidCallError(
        'there is no actor in the pool to do what was submitted: push() one first',
      );
    }
    if (this.#change.signal.aborted) this.#change = new AbortController();
    const { signal } = this.#change;
    return oneSettled(this.#refs(), timeout, signal).then((settled) => settled || signal.aborted);
  }

  /** Ids of the refs of all calls under way. */
  pending(): string[] {
    return this.#refs().map(({ id }) => id);
  }

  #refs(): ObjectRef<unknown>[] {
    return [...this.#busy.keys()].flatMap(({ ref }) => ref ?? []);
  }

  /** @param tell those who wait do not hear of what starts in any other way */
  #serve(tell: boolean): void {
    let started = false;
    while (this.#idle.length > 0) {
      const job = this.#queue.shift();
      if (!job) break;
      const actor = this.#idle.shift() as A;
      if (!this.#start(job, actor)) this.#idle.push(actor);
      started = true;
    }
    if (tell && started) this.wake();
  }

  /** Answers whether the actor is busy with it now. */
  #start(job: Job<A, unknown>, actor: A): boolean {
    const ref = job.start(actor);
    if (!ref) return false;
    this.#busy.set(job, actor);
    try {
      onSettled(ref, () => this.#settled(job, actor));
    } catch (error) {
      this.#busy.delete(job);
      job.fail(error);
    }
    return !job.isDone;
  }

  #settled(job: Job<A, unknown>, actor: A): void {
    if (!this.#busy.delete(job)) return;
    job.done();
    const next = this.hooks.next ? this.hooks.next(actor, job) : actor;
    if (next !== undefined) this.#idle.push(next);
    this.#serve(false);
    if (this.isIdle) this.hooks.onIdle?.();
  }
}
