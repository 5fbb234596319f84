import { inspect } from 'node:util';
import { InvalidArgumentError } from '../base/errors';
import { validateOptions } from '../base/options/validate';
import { isHandle, openHandle } from '../client/handles';
import type { ObjectRef } from '../client/refs';
import type { SubmitSite } from '../client/sites';
import { Crew } from './crew';
import { hasDied } from './death';
import { Harvest } from './harvest';
import { done, iteration } from './iteration';
import { callSite, Job, type ResultOf, type Returned, type ReturnedFor } from './job';
import { Limit } from './limit';
import { checkFunction, listOf } from './check';

/** Options of `getNext` and `getNextUnordered`. */
export interface GetNextOptions {
  /** Milliseconds to wait; 0 takes only what is here. @defaultValue no limit */
  readonly timeout?: number;
  /** Answers with `undefined` after the timeout instead of throwing. @defaultValue false */
  readonly ignoreIfTimedOut?: boolean;
}

/**
 * Actors that share work: each gets one call at a time, the next as soon as it has ended the last,
 * whether anybody reads the results or not. One that dies leaves the pool, unless it is the last.
 *
 * @example
 * const pool = new ActorPool([Model.remote(), Model.remote()]);
 * for await (const answer of pool.map((model, question) => model.ask.remote(question), questions)) {
 *   console.log(answer); // in the order of the questions
 * }
 *
 * @typeParam A handles of the actors
 * @typeParam R what the calls given to `submit` come to
 */
export class ActorPool<A extends object, R = unknown> {
  readonly #members = new Set<string>();
  readonly #crew = new Crew<A>({ next: (actor, { ref }) => this.#unlessDead(actor, ref) });
  readonly #results = new Harvest<A, R>(this.#crew);

  /** @throws InvalidArgumentError for anything but distinct handles of actors */
  constructor(actors: Iterable<A>) {
    for (const actor of listOf(actors, 'new ActorPool() takes a list of actors')) this.push(actor);
  }

  /**
   * Has `fn` make a call with an actor and the value: now, if an actor is free, or as soon as one
   * is. What `fn` throws, and what the call fails with, is thrown where the result is read.
   *
   * @example
   * pool.submit((model, question) => model.ask.remote(question), 'What is Ray?');
   *
   * @throws InvalidArgumentError when `fn` is no function
   */
  submit<V>(fn: (actor: A, value: V) => ReturnedFor<R>, value: V): void {
    checkFunction(fn, 'submit()');
    this.#results.add(new Job((actor) => fn(actor, value), callSite()));
  }

  /**
   * The next result in the order of submission. After `getNextUnordered` it is that of the first
   * submission not read yet.
   *
   * @throws GetTimeoutError after `timeout` milliseconds; the result can still be had
   * @throws InvalidCallError when all results have been asked for, or no actor is left to work
   */
  getNext(options: GetNextOptions & { readonly ignoreIfTimedOut: true }): Promise<R | undefined>;
  getNext(options?: GetNextOptions): Promise<R>;
  async getNext(options?: GetNextOptions): Promise<R | undefined> {
    validateOptions('getNext', options, 'getNext()');
    const limit = new Limit('getNext()', options?.timeout);
    return within(limit, this.#results.next(limit), options);
  }

  /**
   * The next result in the order in which calls end.
   *
   * @throws GetTimeoutError after `timeout` milliseconds; the result can still be had
   * @throws InvalidCallError when all results have been asked for, or no actor is left to work
   */
  getNextUnordered(
    options: GetNextOptions & { readonly ignoreIfTimedOut: true },
  ): Promise<R | undefined>;
  getNextUnordered(options?: GetNextOptions): Promise<R>;
  async getNextUnordered(options?: GetNextOptions): Promise<R | undefined> {
    validateOptions('getNext', options, 'getNextUnordered()');
    const limit = new Limit('getNextUnordered()', options?.timeout);
    return within(limit, this.#results.nextDone(limit), options);
  }

  /**
   * The results for many values, in their order. All are submitted at once, behind what was submitted
   * before, whose unread results are skipped. A failed call throws at its turn; iterating on gives
   * the rest.
   *
   * @throws InvalidArgumentError when `fn` is no function, or `values` no iterable
   */
  map<V, C extends Returned>(
    fn: (actor: A, value: V) => C,
    values: Iterable<V>,
  ): AsyncIterableIterator<ResultOf<C>, undefined> {
    const results = this.#submitAll(fn, values, 'map()', callSite());
    return iterate(results, () => results.next(new Limit('map()')));
  }

  /**
   * As `map`, in the order in which calls end.
   *
   * @throws InvalidArgumentError when `fn` is no function, or `values` no iterable
   */
  mapUnordered<V, C extends Returned>(
    fn: (actor: A, value: V) => C,
    values: Iterable<V>,
  ): AsyncIterableIterator<ResultOf<C>, undefined> {
    const results = this.#submitAll(fn, values, 'mapUnordered()', callSite());
    return iterate(results, () => results.nextDone(new Limit('mapUnordered()')));
  }

  /** Whether something was submitted whose result nobody has asked for. */
  hasNext(): boolean {
    return !this.#results.isEmpty;
  }

  /** Whether an actor is free. */
  hasFree(): boolean {
    return this.#crew.hasIdle;
  }

  /** Takes a free actor out of the pool; `undefined` when none is free. */
  popIdle(): A | undefined {
    const actor = this.#crew.takeIdle();
    if (actor) this.#members.delete(openHandle(actor).actor);
    return actor;
  }

  /**
   * Adds an actor, which begins at once with what is waiting.
   *
   * @throws InvalidArgumentError for anything but an actor handle, or an actor of the pool
   */
  push(actor: A): void {
    if (!isHandle(actor)) {
      throw new InvalidArgumentError(
        `an ActorPool takes handles of actors, not ${inspect(actor, { depth: 0 })}`,
      );
    }
    const { actor: id } = openHandle(actor);
    if (this.#members.has(id)) {
      throw new InvalidArgumentError(
        `${inspect(actor)} is in the pool already: give each actor once`,
      );
    }
    this.#members.add(id);
    this.#crew.add(actor);
  }

  #submitAll<V, C extends Returned>(
    fn: (actor: A, value: V) => C,
    values: Iterable<V>,
    where: string,
    site: SubmitSite,
  ): Harvest<A, ResultOf<C>> {
    checkFunction(fn, where);
    const list = listOf(values, `${where} takes an iterable of values`);
    this.#results.clear();
    const results = new Harvest<A, ResultOf<C>>(this.#crew);
    for (const value of list) results.add(new Job((actor) => fn(actor, value), site));
    return results;
  }

  /** A dead actor would be free again at once, and have the work of all others fail. */
  #unlessDead(actor: A, ref: ObjectRef<unknown> | undefined): A | undefined {
    if (this.#members.size === 1 || !hasDied(actor, ref)) return actor;
    this.#members.delete(openHandle(actor).actor);
    return undefined;
  }
}

function iterate<A, Q>(
  results: Harvest<A, Q>,
  next: () => Promise<Q>,
): AsyncIterableIterator<Q, undefined> {
  return iteration<Q>(
    async () => (results.isEmpty ? done : { done: false, value: await next() }),
    () => results.clear(),
  );
}

async function within<R>(
  limit: Limit,
  result: Promise<R>,
  options: GetNextOptions = {},
): Promise<R | undefined> {
  try {
    return await result;
  } catch (error) {
    if (options.ignoreIfTimedOut && limit.made(error)) return undefined;
    throw error;
  }
}
