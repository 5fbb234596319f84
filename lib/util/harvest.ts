import { oneSettled } from '../api/settling';
import { InvalidCallError } from '../base/errors';
import type { Crew } from './crew';
import type { Job } from './job';
import type { Limit } from './limit';
import { Line } from './line';
import { Turns } from './turns';

/** Jobs whose results are to be read, in the order of submission or in that of completion. */
export class Harvest<A, R> {
  /** What nobody has asked for yet, in order. */
  readonly #open = new Line<Job<A, R>>();
  /** What is done among it, in the order in which it was done, with its place there. */
  readonly #ready = new Line<readonly [place: number, job: Job<A, R>]>();
  readonly #readyPlaces = new Map<number, number>();
  /** How many have asked for whatever is done next. */
  #asking = 0;
  readonly #turns = new Turns();
  /** How many wait for a job that has no call yet, and the one wait that they share. */
  #early = 0;
  #lookout: Promise<void> | undefined;

  constructor(private readonly crew: Crew<A>) {}

  /** Nothing is left to ask for. */
  get isEmpty(): boolean {
    return this.#open.size <= this.#asking;
  }

  add(job: Job<A, R>): void {
    const place = this.#open.add(job);
    job.onDone = () => this.#noteDone(place, job);
    this.crew.give(job);
  }

  /** Gives up what was not asked for. */
  clear(): void {
    this.#dropOpen((job) => (job.onDone = () => {}));
  }

  /** The same, and nobody is to hear of what fails in it. */
  ignore(): void {
    this.#dropOpen((job) => job.ignore());
  }

  #dropOpen(each: (job: Job<A, R>) => void): void {
    this.#open.clear().forEach(each);
    this.#ready.clear();
    this.#readyPlaces.clear();
  }

  /**
   * The next result in the order of submission.
   *
   * @throws GetTimeoutError when it takes too long; the next call asks for the same result
   * @throws InvalidCallError when nothing is left
   */
  async next(limit: Limit): Promise<R> {
    this.#check(limit);
    const place = this.#open.firstPlace;
    const job = this.#open.peek() as Job<A, R>;
    this.#take(place);
    try {
      await this.#untilDone(job, limit);
    } catch (error) {
      this.#open.restore(place, job);
      if (job.isDone) this.#noteDone(place, job);
      throw error;
    }
    return job.read();
  }

  /**
   * The next result in the order of completion.
   *
   * @throws GetTimeoutError when it takes too long
   * @throws InvalidCallError when nothing is left
   */
  async nextDone(limit: Limit): Promise<R> {
    this.#check(limit);
    this.#asking += 1;
    let job: Job<A, R> | undefined;
    try {
      // One looks out for all: a result would wake thousands otherwise, to be taken by one.
      job = await this.#turns.take(limit, () => this.#firstDone(limit));
    } finally {
      this.#asking -= 1;
    }
    if (!job) throw limit.error(this.crew.pending());
    return job.read();
  }

  #check(limit: Limit): void {
    if (this.isEmpty) throw nothingLeft(limit);
  }

  async #untilDone(job: Job<A, R>, limit: Limit): Promise<void> {
    if (!job.hasStarted && !(await this.#untilStarted(job, limit))) {
      throw limit.error(this.crew.pending());
    }
    if (job.isDone || !job.ref) return;
    const settled = await oneSettled([job.ref], limit.left, job.stopped);
    if (!settled && !job.isDone) throw limit.error([job.ref.id]);
  }

  async #untilStarted(job: Job<A, R>, limit: Limit): Promise<boolean> {
    this.#early += 1;
    this.#lookout ??= this.#lookOut();
    try {
      return await limit.within(Promise.race([job.whenStarted(), this.#lookout]));
    } finally {
      this.#early -= 1;
      // Nobody is left to look out for.
      if (this.#early === 0 && !job.hasStarted) this.crew.wake();
    }
  }

  async #lookOut(): Promise<void> {
    try {
      while (this.#early > 0) await this.crew.progress(Infinity);
    } finally {
      this.#lookout = undefined;
    }
  }

  async #firstDone(limit: Limit): Promise<Job<A, R> | undefined> {
    for (;;) {
      const [place, job] = this.#ready.peek() ?? [];
      if (place !== undefined) {
        this.#take(place);
        return job;
      }
      if (this.#open.size === 0) throw nothingLeft(limit);
      if (!(await this.crew.progress(limit.left))) return undefined;
    }
  }

  #noteDone(place: number, job: Job<A, R>): void {
    if (this.#open.has(place)) this.#readyPlaces.set(place, this.#ready.add([place, job]));
  }

  #take(place: number): void {
    this.#open.remove(place);
    const ready = this.#readyPlaces.get(place);
    if (ready === undefined) return;
    this.#ready.remove(ready);
    this.#readyPlaces.delete(place);
  }
}

function nothingLeft({ who }: Limit): InvalidCallError {
  return new InvalidCallError(
    `${who} has nothing to wait for: everything submitted was asked for already; submit() first`,
  );
}
