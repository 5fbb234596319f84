import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

export interface RawCall {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

export interface RawAnswer {
  readonly id: number;
  readonly value: unknown;
}

/**
 * What `worker_threads` do by themselves: a message for each call, to the workers in turns, and one
 * for each answer. There is no queue, and nobody looks after errors, cancellation or lost threads.
 */
export class RawWorkers {
  readonly #workers: Worker[];
  readonly #pending = new Map<number, (value: unknown) => void>();
  #calls = 0;

  constructor(count: number) {
    this.#workers = Array.from({ length: count }, () => {
      const worker = new Worker(join(__dirname, 'workers/raw.js'));
      return worker.on('message', ({ id, value }: RawAnswer) => {
        this.#pending.get(id)?.(value);
        this.#pending.delete(id);
      });
    });
  }

  run(name: string, argument: unknown): Promise<unknown> {
    const id = (this.#calls += 1);
    const call: RawCall = { id, name, argument };
    this.#workers[id % this.#workers.length]?.postMessage(call);
    return new Promise((resolve) => this.#pending.set(id, resolve));
  }
}
