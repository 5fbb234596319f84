/*
 * Cancellation. `cancel` takes back a call that waits, asks a running one to end, and with `force`
 * ends the thread of one that does not listen. Whoever asks for the result gets a TaskCancelledError.
 *
 * Prints:
 *
 *   the queued call: TASK_CANCELLED
 *   the running call: TASK_CANCELLED
 *   it cleaned up
 *   its child: TASK_CANCELLED
 *   the busy loop: TASK_CANCELLED
 *   by its signal: TASK_CANCELLED
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ActorHandle,
  cancel,
  get,
  getRuntimeContext,
  init,
  type ObjectRef,
  RayError,
  remote,
} from 'rayx';

async function outcome(ref: ObjectRef<unknown>): Promise<string> {
  return get(ref).then(
    () => 'a value',
    (error: unknown) => (error instanceof RayError ? error.code : String(error)),
  );
}

/** Where the tasks of this sample leave word of what they do. */
class Board {
  readonly #notes = new Map<string, unknown>();
  readonly #readers = new Map<string, (note: unknown) => void>();

  write(name: string, note: unknown): void {
    this.#notes.set(name, note);
    this.#readers.get(name)?.(note);
  }

  async read(name: string): Promise<unknown> {
    if (this.#notes.has(name)) return this.#notes.get(name);
    return new Promise((resolve) => this.#readers.set(name, resolve));
  }
}

// #region listening
const work = remote(async (board: ActorHandle<Board>) => {
  const child = rest.remote();
  board.write.remote('child', [child]);
  const { signal } = getRuntimeContext();
  try {
    await sleep(60_000, undefined, { signal }); // most of Node takes a signal
  } finally {
    board.write.remote('clean-up', 'it cleaned up');
  }
});
// #endregion

const rest = remote(() => sleep(60_000));

const spin = remote((board: ActorHandle<Board>) => {
  board.write.remote('spinning', true);
  for (;;);
});

async function main(): Promise<void> {
  await init({ numCpus: 2 });
  const board = remote(Board, { maxConcurrency: 8 }).remote();

  // #region queued
  const [first, second, queued] = [rest.remote(), rest.remote(), rest.remote()];
  cancel(queued); // there is no CPU for it yet: it never runs
  console.log(`the queued call: ${await outcome(queued)}`);
  // #endregion
  cancel(first);
  cancel(second, { force: true }); // rest does not listen to its signal

  // #region running
  const running = work.remote(board);
  const [child] = (await get(board.read.remote('child'))) as [ObjectRef<void>];
  cancel(running); // and the calls it has made, unless { recursive: false }
  console.log(`the running call: ${await outcome(running)}`);
  // #endregion
  console.log(await get(board.read.remote('clean-up')));
  console.log(`its child: ${await outcome(child)}`);

  // #region force
  const busy = spin.remote(board);
  await get(board.read.remote('spinning'));
  cancel(busy, { force: true }); // its thread is ended and replaced
  console.log(`the busy loop: ${await outcome(busy)}`);
  // #endregion

  // #region signal
  const controller = new AbortController();
  const ref = rest.options({ signal: controller.signal }).remote();
  controller.abort();
  console.log(`by its signal: ${await outcome(ref)}`);
  // #endregion
}

void main();
