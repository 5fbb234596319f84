import { checkRefs } from '../api/refs';
import { readWhenReady } from '../client/futures/ready';
import { asSettled } from '../client/futures/values';
import { openRefs, type OpenedRefs } from '../client/open-refs';
import type { StoredObject } from '../client/objects';
import type { ObjectRef } from '../client/refs';
import type { Values } from '../client/types';
import { done, iteration } from './iteration';
import { Line } from './line';

/**
 * The values of many refs in the order in which they are completed, one for each ref given. A failed
 * one throws its error at its turn; iterating on gives the rest.
 *
 * @example
 * for await (const value of asCompleted([sleep.remote(3), sleep.remote(1)])) {
 *   console.log(value); // 1, then 3
 * }
 *
 * @throws InvalidArgumentError for anything but a list of refs
 */
export function asCompleted<R extends ObjectRef<unknown>>(
  refs: readonly R[],
): AsyncIterableIterator<Values<readonly R[]>[number], undefined> {
  const list = [...checkRefs(refs, 'asCompleted() takes a list of refs')];
  const completions = new Completions(list);
  return iteration<Values<readonly R[]>[number]>(
    async () => (await completions.next()) as IteratorResult<never, undefined>,
    () => completions.end(),
  );
}

type Answer = (object: StoredObject | undefined) => void;

/** The objects of refs as they settle; read when they are asked for, and no earlier. */
class Completions {
  readonly #arrived = new Line<StoredObject>();
  readonly #askers = new Line<Answer>();
  #opened: OpenedRefs | undefined;
  #stop: () => void = () => {};
  #left: number;

  /** @param refs are kept, so that nothing is released before it is read */
  constructor(readonly refs: readonly ObjectRef<unknown>[]) {
    this.#left = refs.length;
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#left === 0) return done;
    this.#left -= 1;
    const { client } = (this.#opened ??= this.#begin());
    const object = this.#arrived.shift() ?? (await this.#arrival());
    if (!object) return done;
    const value = await readWhenReady(client, [object], () => client.read(object));
    return { done: false, value };
  }

  end(): void {
    this.#left = 0;
    this.#stop();
    for (const answer of this.#askers.clear()) answer(undefined);
  }

  #begin(): OpenedRefs {
    const opened = openRefs(this.refs);
    const arrivals = asSettled(opened.client, opened.objects);
    const subscription = arrivals.subscribe((object) => {
      const answer = this.#askers.shift();
      if (answer) answer(object);
      else this.#arrived.add(object);
    });
    this.#stop = () => subscription.unsubscribe();
    return opened;
  }

  #arrival(): Promise<StoredObject | undefined> {
    return new Promise((resolve) => this.#askers.add(resolve));
  }
}
