import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { get } from '../api/get';
import { kill } from '../api/kill';
import { remote } from '../api/remote';
import { LONGEST_DELAY } from '../base/clock';
import {
  ActorDiedError,
  InvalidArgumentError,
  QueueEmptyError,
  QueueFullError,
} from '../base/errors';
import { isCount } from '../base/options/constraints';
import type { ActorOptions } from '../base/options/remote';
import { validateOptions } from '../base/options/validate';
import { openHandle } from '../client/handles';
import type { ObjectRef } from '../client/refs';
import type { ActorHandle } from '../client/types';
import { KILLED } from '../protocol/payload';
import { listOf } from './check';
import { done, iteration } from './iteration';
import { Limit } from './limit';
import { QueueActor, type Answer, type Patience, type Refused } from './queue-actor';

/** Options of `new Queue()`. */
export interface QueueOptions {
  /** How many values it holds at most; 0 for no limit. @defaultValue 0 */
  readonly maxSize?: number;
  /** Options of the actor behind it. @defaultValue `{ numCpus: 0 }` */
  readonly actorOptions?: Omit<ActorOptions, 'maxConcurrency'>;
}

/** Options of `put` and `get` of a `Queue`. */
export interface QueueWaitOptions {
  /** Milliseconds to wait; 0 looks without waiting. @defaultValue no limit */
  readonly timeout?: number;
  /** Ends the waiting when aborted, with its reason, unless the value has passed already. */
  readonly signal?: AbortSignal;
}

/** Options of `shutdown` of a `Queue`. */
export interface QueueShutdownOptions {
  /** Ends it at once, with the values it holds. @defaultValue false */
  readonly force?: boolean;
  /** Milliseconds in which the values it holds can still be taken. @defaultValue 5000 */
  readonly graceMs?: number;
}

const DEFAULT_GRACE = 5000;

/** A waiting call must never keep out the one that it waits for. */
const ANY_NUMBER = Number.MAX_SAFE_INTEGER;

/**
 * First in, first out, between tasks and actors: give the queue to them as an argument, inside a
 * value, or use it from a closure; all copies are one queue. Whoever waits for a value or for room is
 * served in the order of asking.
 *
 * @example
 * const queue = new Queue<number>({ maxSize: 100 });
 * const producer = remote(async (queue: Queue<number>) => {
 *   for (let x = 0; x < 1000; x++) await queue.put(x);
 * });
 * producer.remote(queue);
 * for await (const x of queue) console.log(x); // until the queue is shut down
 */
export class Queue<T = unknown> implements AsyncIterable<T, undefined> {
  // Fields that anybody can set, so that a queue travels as any instance does.
  private readonly actor: ActorHandle<QueueActor<T>>;

  /** @throws InvalidOptionError for unknown or ill-typed options */
  constructor(options: QueueOptions = {}) {
    validateOptions('queue', options, 'new Queue()');
    const { maxSize = 0, actorOptions } = options;
    validateOptions('class', actorOptions, 'the actorOptions of new Queue()');
    this.actor = remote(QueueActor<T>, {
      numCpus: 0,
      ...actorOptions,
      maxConcurrency: ANY_NUMBER,
    }).remote(maxSize);
  }

  /**
   * Adds a value, waiting for room as long as the queue is full. A ref stays a ref.
   *
   * @throws QueueFullError after `timeout` milliseconds
   * @throws SerializationError for a value that cannot travel, with the path inside it
   * @throws ActorDiedError when the queue was shut down
   */
  async put(value: T, options: QueueWaitOptions = {}): Promise<void> {
    validateOptions('queueWait', options, 'put()');
    const { actor } = this;
    await passed(
      actor,
      waiting(actor, options, (how) => actor.put.remote([value], how)),
    );
  }

  /**
   * Takes the oldest value, waiting for one as long as the queue is empty.
   *
   * @throws QueueEmptyError after `timeout` milliseconds
   * @throws ActorDiedError when the queue was shut down and holds nothing more
   */
  async get(options: QueueWaitOptions = {}): Promise<T> {
    validateOptions('queueWait', options, 'get()');
    const { actor } = this;
    const [value] = await passed(
      actor,
      waiting(actor, options, (how) => actor.get.remote(how)),
    );
    return value as T;
  }

  /**
   * Adds a value if there is room.
   *
   * @throws QueueFullError when there is none
   */
  async putNowait(value: T): Promise<void> {
    await this.put(value, { timeout: 0 });
  }

  /**
   * Takes the oldest value if there is one.
   *
   * @throws QueueEmptyError when there is none
   */
  async getNowait(): Promise<T> {
    return this.get({ timeout: 0 });
  }

  /**
   * Adds all of the values, or none.
   *
   * @throws QueueFullError when there is not room for all
   * @throws InvalidArgumentError for anything but an iterable
   */
  async putNowaitBatch(values: Iterable<T>): Promise<void> {
    const list = listOf(values, 'putNowaitBatch() takes an iterable of values');
    await passed(this.actor, get(this.actor.putAll.remote(list)), list.length);
  }

  /**
   * Takes the `count` oldest values, or none.
   *
   * @throws QueueEmptyError when there are fewer
   * @throws InvalidArgumentError when `count` is no integer of at least 0
   */
  async getNowaitBatch(count: number): Promise<T[]> {
    if (!isCount(count)) {
      throw new InvalidArgumentError(
        `getNowaitBatch() takes an integer of at least 0, not ${inspect(count)}`,
      );
    }
    return [...(await passed(this.actor, get(this.actor.getAll.remote(count)), count))];
  }

  /** How many values it holds now. */
  size(): Promise<number> {
    return told(this.actor, this.actor.size.remote());
  }

  /** Whether it holds no value now. */
  async empty(): Promise<boolean> {
    return (await this.size()) === 0;
  }

  /** Whether it has no room now; never, without a `maxSize`. */
  full(): Promise<boolean> {
    return told(this.actor, this.actor.isFull.remote());
  }

  /**
   * Takes no more values and ends whoever waits; what the queue holds can be taken by others for
   * `graceMs` milliseconds, with `force` not at all. Then the actor behind it ends, and what nobody took
   * is gone: take it before, or do not await this. Resolves when that is done; shutting down again does
   * nothing.
   *
   * @throws InvalidOptionError for unknown or ill-typed options
   */
  async shutdown(options: QueueShutdownOptions = {}): Promise<void> {
    validateOptions('queueShutdown', options, 'Queue.shutdown()');
    const { force = false, graceMs = DEFAULT_GRACE } = options;
    if (!force) {
      // Waited for to its end, which comes with that of the actor: its error is looked at.
      const closing = get(this.actor.close.remote()).catch(unlessDead);
      await new Limit('shutdown()', graceMs).within(closing);
    }
    kill(this.actor);
  }

  /** Takes values, waiting for each, until the queue is shut down and holds nothing more. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    const { actor } = this;
    const left = new AbortController();
    const { signal } = left;
    return iteration<T>(
      async () => {
        const answer = await waiting(actor, { signal }, (how) => actor.get.remote(how)).catch(
          (error: unknown) => (signal.aborted ? CLOSED : closedIfShutDown(error)),
        );
        if ('refused' in answer && answer.refused === 'closed') return done;
        const [value] = await passed(actor, Promise.resolve(answer));
        return { done: false, value: value as T };
      },
      // What was asked for and has not come stays in the queue.
      () => left.abort(),
    );
  }
}

type Handle<T> = ActorHandle<QueueActor<T>>;

/** Waits for an answer, which tells for certain whether the value has passed: also after an abort. */
async function waiting<T>(
  actor: Handle<T>,
  { timeout, signal }: QueueWaitOptions,
  call: (how: Patience) => ObjectRef<Answer<T>>,
): Promise<Answer<T>> {
  signal?.throwIfAborted();
  const ticket = signal && randomUUID();
  const ref = call({
    ...(timeout !== undefined && timeout <= LONGEST_DELAY && { timeout }),
    ...(ticket !== undefined && { ticket }),
  });
  const withdraw = (): void => {
    if (ticket !== undefined) get(actor.withdraw.remote(ticket)).catch(() => {});
  };
  signal?.addEventListener('abort', withdraw, { once: true });
  try {
    const answer = await get(ref);
    if ('refused' in answer && answer.refused === 'withdrawn') throw signal?.reason;
    return answer;
  } finally {
    signal?.removeEventListener('abort', withdraw);
  }
}

/** @param count how many values were to pass */
async function passed<T>(
  actor: Handle<T>,
  answered: Promise<Answer<T>>,
  count = 1,
): Promise<readonly T[]> {
  const answer = await answered.catch(closedIfShutDown);
  if (!('refused' in answer)) return answer.values;
  switch (answer.refused) {
    case 'full':
      throw new QueueFullError(answer.maxSize, count);
    case 'empty':
    case 'withdrawn':
      throw new QueueEmptyError(count);
    case 'closed':
      throw wasShutDown(actor);
  }
}

/** What the actor says of itself. */
async function told<T, R>(actor: Handle<T>, ref: ObjectRef<R>): Promise<R> {
  const answer = await get(ref).catch(closedIfShutDown);
  if (isClosed(answer)) throw wasShutDown(actor);
  return answer as R;
}

const isClosed = (answer: unknown): boolean =>
  typeof answer === 'object' && answer !== null && 'refused' in answer;

/** In the words of the user, who knows of no actor behind the queue. */
const wasShutDown = <T>(actor: Handle<T>): ActorDiedError =>
  new ActorDiedError('Queue', openHandle(actor).actor, 'it was shut down');

function unlessDead(error: unknown): void {
  if (!(error instanceof ActorDiedError)) throw error;
}

const CLOSED: Refused = { refused: 'closed', maxSize: 0 };

/** Copies of the queue learn by how its actor died that it was shut down. */
function closedIfShutDown(error: unknown): Refused {
  const killed = error instanceof ActorDiedError && error.reason === KILLED;
  if (killed) return CLOSED;
  throw error;
}
