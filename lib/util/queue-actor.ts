import { getRuntimeContext } from '../api/runtime-context';
import { Line } from './line';

/** Why there is no value, or no room. */
export interface Refused {
  readonly refused: 'full' | 'empty' | 'closed' | 'withdrawn';
  readonly maxSize: number;
}

/** Values are in lists, so that refs among them stay refs. */
export interface Passed<T> {
  readonly values: readonly T[];
}

export type Answer<T> = Passed<T> | Refused;

/** How long to wait, and by what name the waiting can be ended. */
export interface Patience {
  /** Milliseconds, 0 included; no limit if left out. */
  readonly timeout?: number;
  readonly ticket?: string;
}

interface Waiter<T> {
  /** Of one who waits for room. */
  readonly values: readonly T[];
  readonly answer: (answer: Answer<T>) => void;
}

/**
 * What stands behind a `Queue`: any number of its calls may be under way at once. Nobody waits for
 * a value while there are values, nor for room while there is room.
 */
export class QueueActor<T> {
  readonly #items = new Line<T>();
  readonly #getters = new Line<Waiter<T>>();
  readonly #putters = new Line<Waiter<T>>();
  readonly #tickets = new Map<string, () => void>();
  readonly #drained: (() => void)[] = [];
  #closed = false;

  /** @param maxSize 0 for no limit */
  constructor(private readonly maxSize: number) {}

  put(values: readonly [T], patience: Patience): Answer<T> | Promise<Answer<T>> {
    if (this.#closed) return this.#refusal('closed');
    if (this.#room() > 0) return this.#take(values);
    return this.#wait(this.#putters, values, patience, 'full');
  }

  /** All or none. */
  putAll(values: readonly T[]): Answer<T> {
    if (this.#closed) return this.#refusal('closed');
    return values.length <= this.#room() ? this.#take(values) : this.#refusal('full');
  }

  get(patience: Patience): Answer<T> | Promise<Answer<T>> {
    if (this.#items.size > 0) return this.#give(1);
    if (this.#closed) return this.#refusal('closed');
    return this.#wait(this.#getters, [], patience, 'empty');
  }

  /** So many or none. */
  getAll(count: number): Answer<T> {
    if (count <= this.#items.size) return this.#give(count);
    return this.#refusal(this.#closed ? 'closed' : 'empty');
  }

  /** Ends the waiting of the call that has this ticket, unless it has been answered. */
  withdraw(ticket: string): void {
    this.#tickets.get(ticket)?.();
  }

  size(): number {
    return this.#items.size;
  }

  isFull(): boolean {
    return this.maxSize > 0 && this.#items.size >= this.maxSize;
  }

  /** Takes no more values, tells all who wait, and answers when the last value has been taken. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { answer } of [...this.#putters.clear(), ...this.#getters.clear()]) {
      answer(this.#refusal('closed'));
    }
    if (this.#items.size > 0) await new Promise<void>((resolve) => this.#drained.push(resolve));
  }

  #room(): number {
    if (this.maxSize === 0) return Infinity;
    return this.maxSize - this.#items.size + this.#getters.size;
  }

  #take(values: readonly T[]): Passed<T> {
    for (const value of values) {
      const getter = this.#getters.shift();
      if (getter) getter.answer({ values: [value] });
      else this.#items.add(value);
    }
    return { values: [] };
  }

  #give(count: number): Passed<T> {
    const values: T[] = [];
    while (values.length < count) values.push(this.#items.shift() as T);
    while (this.#putters.size > 0 && this.#room() > 0) {
      const putter = this.#putters.shift() as Waiter<T>;
      putter.answer(this.#take(putter.values));
    }
    if (this.#items.size === 0) this.#tellDrained();
    return { values };
  }

  /** Not before the answer with the last value has left: the actor may be ended then. */
  #tellDrained(): void {
    for (const resolve of this.#drained.splice(0)) setImmediate(resolve);
  }

  #refusal(refused: Refused['refused']): Refused {
    return { refused, maxSize: this.maxSize };
  }

  #wait(
    line: Line<Waiter<T>>,
    values: readonly T[],
    { timeout, ticket }: Patience,
    why: Refused['refused'],
  ): Answer<T> | Promise<Answer<T>> {
    if (timeout === 0) return this.#refusal(why);
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const answer = (answered: Answer<T>): void => {
        clearTimeout(timer);
        if (ticket !== undefined) this.#tickets.delete(ticket);
        resolve(answered);
      };
      const place = line.add({ values, answer });
      const leave = (refused: Refused['refused']): void => {
        if (line.remove(place)) answer(this.#refusal(refused));
      };
      if (timeout !== undefined) timer = setTimeout(() => leave(why), timeout);
      if (ticket !== undefined) this.#tickets.set(ticket, () => leave('withdrawn'));
      // A call that is cancelled takes nothing with it.
      const { signal } = getRuntimeContext();
      signal?.addEventListener('abort', () => leave('withdrawn'), { once: true });
    });
  }
}
