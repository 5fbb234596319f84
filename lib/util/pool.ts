import { inspect } from 'node:util';
import { clusterResources } from '../api/cluster';
import { kill } from '../api/kill';
import { remote } from '../api/remote';
import { InvalidArgumentError, InvalidCallError, TaskCancelledError } from '../base/errors';
import { isPositiveInteger } from '../base/options/constraints';
import type { ActorOptions } from '../base/options/remote';
import { validateOptions } from '../base/options/validate';
import { openHandle } from '../client/handles';
import type { ObjectRef } from '../client/refs';
import type { SubmitSite } from '../client/sites';
import type { ActorHandle, RemoteClass } from '../client/types';
import { checkFunction, listOf } from './check';
import { Crew } from './crew';
import { hasDied, isOver } from './death';
import { Harvest } from './harvest';
import { done, iteration } from './iteration';
import { callSite, Job } from './job';
import { Limit } from './limit';
import { Line } from './line';
import { PoolWorker } from './pool-worker';
import { Turns } from './turns';

/** Options of `new Pool()`. */
export interface PoolOptions {
  /** Runs in each worker before anything else does. */
  readonly initializer?: () => unknown;
  /** After how many chunks a worker is replaced by a new one. @defaultValue no limit */
  readonly maxTasksPerChild?: number;
  /** Options of the workers, which are actors. @defaultValue `{ numCpus: 0 }` */
  readonly actorOptions?: Omit<
    ActorOptions,
    'maxConcurrency' | 'name' | 'namespace' | 'getIfExists' | 'lifetime'
  >;
}

/** Options of `map` and its kin. */
export interface PoolMapOptions {
  /**
   * How many items go to a worker at once. Items of one chunk fail together.
   *
   * @defaultValue so that each worker gets four chunks; 1 for `imap` and `imapUnordered`
   */
  readonly chunkSize?: number;
}

type Worker = ActorHandle<PoolWorker>;
/** The public method that was called, and where. */
interface Caller {
  readonly who: string;
  readonly site: SubmitSite;
}

type Chunk<R> = readonly [place: number, results: R[]];

/**
 * Workers that run ordinary functions on many items, after Python's `multiprocessing.Pool`. The
 * functions travel as those of `remote()` do, each once. A worker that dies is replaced.
 *
 * @example
 * await using pool = new Pool(4);
 * await pool.map((x) => x * x, [1, 2, 3]); // [1, 4, 9]
 */
export class Pool implements AsyncDisposable {
  /** How many workers there are. */
  readonly size: number;
  readonly #crew: Crew<Worker>;
  readonly #class: RemoteClass<ConstructorParameters<typeof PoolWorker>, PoolWorker>;
  readonly #options: PoolOptions;
  /** The workers, and how many chunks each has had. */
  readonly #workers = new Map<Worker, number>();
  /** Where the pool was made. */
  readonly #site = callSite();
  /** Workers that are to be replaced when there is work for them. */
  #vacancies = 0;
  #state: 'open' | 'closed' | 'terminated' = 'open';

  /**
   * @param size how many workers @defaultValue the number of CPUs
   * @throws InvalidArgumentError when `size` is no positive integer
   * @throws InvalidOptionError for unknown or ill-typed options
   */
  constructor(size?: number, options: PoolOptions = {}) {
    validateOptions('pool', options, 'new Pool()');
    validateOptions('class', options.actorOptions, 'the actorOptions of new Pool()');
    if (size !== undefined && !isPositiveInteger(size)) {
      throw new InvalidArgumentError(
        `new Pool() takes a positive integer as size, not ${inspect(size)}`,
      );
    }
    this.size = size ?? Math.max(1, Math.floor(clusterResources()['CPU'] ?? 1));
    this.#options = options;
    this.#class = remote(PoolWorker, { numCpus: 0, ...options.actorOptions });
    this.#crew = new Crew({
      next: (worker, { ref }) => this.#next(worker, ref),
      onIdle: () => this.#rest(),
    });
    for (let count = 0; count < this.size; count += 1) this.#crew.add(this.#worker());
  }

  /**
   * Calls `fn` with each item and answers with the results in order, or rejects with the first error
   * that is known; the other items run all the same.
   *
   * @example
   * await pool.map((x) => x * x, [1, 2, 3]); // [1, 4, 9]
   *
   * @throws TaskError what `fn` threw; also an instance of the thrown class
   * @throws InvalidCallError when the pool was closed
   */
  async map<T, R>(
    fn: (item: T) => R,
    items: Iterable<T>,
    options?: PoolMapOptions,
  ): Promise<Awaited<R>[]> {
    const list = listOf(items, 'map() takes an iterable of items');
    return this.#all({ who: 'map()', site: callSite() }, fn, argumentsOf(list), options);
  }

  /**
   * As `map`, for functions of several parameters: each item is a list of arguments.
   *
   * @example
   * await pool.starmap(Math.pow, [[2, 3], [3, 2]]); // [8, 9]
   *
   * @throws TaskError what `fn` threw; also an instance of the thrown class
   * @throws InvalidCallError when the pool was closed
   */
  async starmap<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    argLists: Iterable<A>,
    options?: PoolMapOptions,
  ): Promise<Awaited<R>[]> {
    const where = 'starmap() takes an iterable of lists of arguments';
    const lists = listOf(argLists, where).map((args) => listOf(args, where) as never as A);
    return this.#all({ who: 'starmap()', site: callSite() }, fn, lists, options);
  }

  /**
   * Calls `fn` with each item and gives the results in order, each as soon as it is there. All items
   * are submitted at once. An error is thrown in the place of its chunk; iterating on gives the rest.
   *
   * @throws InvalidCallError when the pool was closed
   */
  imap<T, R>(
    fn: (item: T) => R,
    items: Iterable<T>,
    options?: PoolMapOptions,
  ): AsyncIterableIterator<Awaited<R>, undefined> {
    const list = listOf(items, 'imap() takes an iterable of items');
    const from = { who: 'imap()', site: callSite() };
    const results = this.#submit(from, fn, argumentsOf(list), options, 1);
    return flattened(results, () => results.next(new Limit(from.who)));
  }

  /**
   * As `imap`, in the order in which chunks are done.
   *
   * @throws InvalidCallError when the pool was closed
   */
  imapUnordered<T, R>(
    fn: (item: T) => R,
    items: Iterable<T>,
    options?: PoolMapOptions,
  ): AsyncIterableIterator<Awaited<R>, undefined> {
    const list = listOf(items, 'imapUnordered() takes an iterable of items');
    const from = { who: 'imapUnordered()', site: callSite() };
    const results = this.#submit(from, fn, argumentsOf(list), options, 1);
    return flattened(results, () => results.nextDone(new Limit(from.who)));
  }

  /**
   * Calls `fn` once, in one of the workers.
   *
   * @example
   * await pool.apply(Math.hypot, [3, 4]); // 5
   *
   * @throws TaskError what `fn` threw; also an instance of the thrown class
   * @throws InvalidCallError when the pool was closed
   */
  apply<R>(fn: () => R): Promise<Awaited<R>>;
  apply<A extends readonly unknown[], R>(fn: (...args: A) => R, args: A): Promise<Awaited<R>>;
  async apply<R>(fn: (...args: unknown[]) => R, args: unknown[] = []): Promise<Awaited<R>> {
    const list = listOf(args, 'apply() takes a list of arguments');
    const results = this.#submit({ who: 'apply()', site: callSite() }, fn, [list], undefined, 1);
    const [, [result]] = await results.next(new Limit('apply()'));
    return result as Awaited<R>;
  }

  /** Takes no more work. The workers end when all is done. */
  close(): void {
    if (this.#state !== 'open') return;
    this.#state = 'closed';
    if (this.#crew.isIdle) this.#rest();
  }

  /** Takes no more work and ends the workers; what is not done rejects with `TaskCancelledError`. */
  terminate(): void {
    if (this.#state === 'terminated') return;
    this.#state = 'terminated';
    this.#crew.drop(({ name }) => new TaskCancelledError(name, 'its pool was terminated'));
    this.#rest();
  }

  /**
   * Waits until all is done and the workers have been ended.
   *
   * @throws InvalidCallError before `close` or `terminate`
   */
  async join(): Promise<void> {
    if (this.#state === 'open') {
      throw new InvalidCallError(
        'the pool takes work still: close() or terminate() it, then join()',
      );
    }
    while (!this.#crew.isIdle) await this.#crew.progress(Infinity);
  }

  /** The same as `terminate()` and `join()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.terminate();
    await this.join();
  }

  async #all<A extends readonly unknown[], R>(
    from: Caller,
    fn: (...args: A) => R,
    argLists: readonly A[],
    options: PoolMapOptions | undefined,
  ): Promise<Awaited<R>[]> {
    const size = Math.max(1, Math.ceil(argLists.length / (4 * this.size)));
    const results = this.#submit(from, fn, argLists, options, size);
    const chunks: Awaited<R>[][] = [];
    try {
      while (!results.isEmpty) {
        const [place, values] = await results.nextDone(new Limit(from.who));
        chunks[place] = values;
      }
    } finally {
      // Nobody can ask for the errors of the others.
      results.ignore();
    }
    return chunks.flat();
  }

  #submit<A extends readonly unknown[], R>(
    { who, site }: Caller,
    fn: (...args: A) => R,
    argLists: readonly A[],
    options: PoolMapOptions | undefined,
    usual: number,
  ): Harvest<Worker, Chunk<Awaited<R>>> {
    if (this.#state !== 'open') {
      throw new InvalidCallError(`${who}: the pool was ${this.#state}; make a new one`);
    }
    checkFunction(fn, who);
    validateOptions('poolMap', options, who);
    const size = options?.chunkSize ?? usual;
    const name = fn.name === '' ? 'anonymous' : fn.name;
    const results = new Harvest<Worker, Chunk<Awaited<R>>>(this.#crew);
    for (; this.#vacancies > 0; this.#vacancies -= 1) this.#crew.add(this.#worker());
    for (let start = 0; start < argLists.length; start += size) {
      const chunk = argLists.slice(start, start + size);
      const place = start / size;
      const call = ({ run }: Worker) => run.options({ name }).remote(fn as never, chunk, place);
      results.add(new Job(call, site, name));
    }
    return results;
  }

  #worker(): Worker {
    const worker = this.#class.remote(this.#options.initializer);
    openHandle(worker).creation.site = this.#site;
    this.#workers.set(worker, 0);
    return worker;
  }

  /** The worker again, or another in its place when it is dead or has done its share. */
  #next(worker: Worker, ref: ObjectRef<unknown> | undefined): Worker | undefined {
    const chunks = (this.#workers.get(worker) ?? 0) + 1;
    this.#workers.set(worker, chunks);
    const isWornOut = chunks >= (this.#options.maxTasksPerChild ?? Infinity);
    if (isOver(worker) || (!isWornOut && !hasDied(worker, ref))) return worker;
    this.#end(worker);
    if (this.#crew.hasQueue) return this.#worker();
    this.#vacancies += 1;
    return undefined;
  }

  #rest(): void {
    if (this.#state === 'open') return;
    for (const worker of [...this.#workers.keys()]) this.#end(worker);
  }

  #end(worker: Worker): void {
    this.#workers.delete(worker);
    if (!isOver(worker)) kill(worker);
  }
}

const argumentsOf = <T>(items: readonly T[]): [item: T][] => items.map((item) => [item]);

/** The items of chunks, one after another, whoever asks. */
function flattened<R>(
  results: Harvest<Worker, Chunk<R>>,
  nextChunk: () => Promise<Chunk<R>>,
): AsyncIterableIterator<R, undefined> {
  const items = new Line<R>();
  const turns = new Turns();
  const limit = new Limit('next()');
  const next = async (): Promise<IteratorResult<R, undefined>> => {
    while (items.size === 0) {
      if (results.isEmpty) return done;
      for (const item of (await nextChunk())[1]) items.add(item);
    }
    return { done: false, value: items.shift() as R };
  };
  return iteration<R>(
    async () => (await turns.take(limit, next)) ?? done,
    () => results.clear(),
  );
}
