import { inspect } from 'node:util';
import { get } from '../api/get';
import { ignore } from '../api/settling';
import { InvalidArgumentError } from '../base/errors';
import { isRef, openRef, type ObjectRef } from '../client/refs';
import type { Values } from '../client/types';
import { SubmitSite, userFrames } from '../client/sites';

/** What a call answers with: its ref, or several with `numReturns`. */
export type Returned = ObjectRef<unknown> | readonly ObjectRef<unknown>[];

/** What the call then comes to: a value, or a list of them. */
export type ResultOf<C extends Returned> =
  C extends ObjectRef<infer T> ? T : C extends readonly ObjectRef<unknown>[] ? Values<C> : never;

/** What a call answers with that comes to `R`. */
export type ReturnedFor<R> = unknown extends R
  ? Returned
  : | ObjectRef<R>
    | (R extends readonly unknown[] ? { readonly [K in keyof R]: ObjectRef<R[K]> } : never);

/** One piece of work for one of several actors: from when it is given to when it is read. */
export class Job<A, R> {
  /** Its call, once an actor was free to start it; of several returns, which settle together, the first. */
  ref: ObjectRef<unknown> | undefined;
  /** Called once, when it is done. */
  onDone: () => void = () => {};
  #refs: readonly ObjectRef<unknown>[] = [];
  #several = false;
  #done = false;
  #ignored = false;
  #startWaiters: (() => void)[] = [];
  #failure: { readonly error: unknown } | undefined;
  #stop: AbortController | undefined;

  /**
   * @param call makes the call, when an actor is free
   * @param site where the job was submitted
   * @param name of the call, for errors
   */
  constructor(
    private readonly call: (actor: A) => Returned,
    private readonly site: SubmitSite,
    readonly name = 'a call of a pool',
  ) {}

  /** Aborted when the job is done without its call. */
  get stopped(): AbortSignal {
    return (this.#stop ??= new AbortController()).signal;
  }

  /** Its result is here, or can never be. */
  get isDone(): boolean {
    return this.#done;
  }

  get hasStarted(): boolean {
    return this.#done || this.ref !== undefined;
  }

  /** Resolves when it has started, in whatever way. */
  whenStarted(): Promise<void> {
    if (this.hasStarted) return Promise.resolve();
    return new Promise((resolve) => this.#startWaiters.push(resolve));
  }

  /** Answers the ref to wait for; undefined when the call could not be made, which ends the job. */
  start(actor: A): ObjectRef<unknown> | undefined {
    try {
      const returned: unknown = this.call(actor);
      const refs: readonly unknown[] = Array.isArray(returned) ? returned : [returned];
      if (refs.length === 0 || !refs.every(isRef)) throw noRef(returned);
      this.#refs = refs;
      this.#several = Array.isArray(returned);
      this.ref = refs[0];
      // The call is made wherever an actor became free, which tells nobody anything.
      for (const ref of refs) openRef(ref).object.site = this.site;
      if (this.#ignored) refs.forEach(ignore);
      this.#tellStarted();
      return this.ref;
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  done(): void {
    if (this.#done) return;
    this.#done = true;
    this.#tellStarted();
    this.onDone();
  }

  /** Ends it with an error, whatever its call comes to. */
  fail(error: unknown): void {
    if (this.#done) return;
    this.#failure = { error };
    this.done();
    this.#stop?.abort();
  }

  /** Nobody will read it: its error counts as seen. */
  ignore(): void {
    this.#ignored = true;
    if (this.#done) {
      // With the error of the constructor that it may have failed by.
      this.read().catch(() => {});
      return;
    }
    this.onDone = () => this.ignore();
    this.#refs.forEach(ignore);
  }

  #tellStarted(): void {
    const waiters = this.#startWaiters;
    this.#startWaiters = [];
    for (const resolve of waiters) resolve();
  }

  /** The result of a job that is done; rejects with its error. */
  async read(): Promise<R> {
    if (this.#failure) throw this.#failure.error;
    const values = await get(this.#refs);
    return (this.#several ? values : values[0]) as R;
  }
}

/** Where a method of a pool was called: the frames of rayx itself are left out. */
class CallSite extends SubmitSite {
  override get frames(): string {
    return userFrames(super.frames);
  }
}

export const callSite = (): SubmitSite => new CallSite(callSite);

function noRef(value: unknown): InvalidArgumentError {
  return new InvalidArgumentError(
    'the function given to a pool must answer with the ref of the call it makes, as in ' +
      `(actor, value) => actor.work.remote(value); it answered with ${inspect(value, { depth: 0 })}`,
  );
}
