/*
 * Errors: what a remote function throws is thrown by `get`, what depends on it fails with it, and
 * what happens to a worker or an actor is an error with a name and a code.
 *
 * Prints:
 *
 *   TaskError and RangeError: no square root of -1
 *   line 1 of file a.json
 *   addOne never ran: squareRoot failed with RangeError
 *   GET_TIMEOUT, and later: rested
 *   ACTOR_DIED: Account failed: no such account
 *   WORKER_CRASHED: quit called process.exit(1)
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ActorDiedError,
  get,
  GetTimeoutError,
  init,
  remote,
  TaskError,
  WorkerCrashedError,
} from 'rayx';

// #region task-error
const squareRoot = remote(function squareRoot(x: number) {
  if (x < 0) throw new RangeError(`no square root of ${x}`);
  return Math.sqrt(x);
});
// #endregion

const addOne = remote((x: number) => x + 1);

// #region own-error
class SyntaxFault extends Error {
  constructor(
    readonly file: string,
    readonly line: number,
  ) {
    super(`syntax fault in ${file}`);
  }
}

const parse = remote((file: string): object => {
  throw new SyntaxFault(file, 1);
});
// #endregion

// #region actor
class Account {
  constructor(id: number) {
    if (id < 0) throw new Error('no such account');
  }
  balance(): number {
    return 0;
  }
}
const RemoteAccount = remote(Account);
// #endregion

const rest = remote(async () => {
  await sleep(500);
  return 'rested';
});

async function main(): Promise<void> {
  // #region catch-task-error
  try {
    await get(squareRoot.remote(-1));
  } catch (error) {
    if (error instanceof TaskError && error instanceof RangeError) {
      const { message } = error.cause as RangeError;
      console.log(`TaskError and RangeError: ${message}`);
    }
  }
  // #endregion

  // #region catch-own-error
  try {
    await get(parse.remote('a.json'));
  } catch (error) {
    if (error instanceof SyntaxFault) console.log(`line ${error.line} of file ${error.file}`);
  }
  // #endregion

  // #region dependency
  try {
    await get(addOne.remote(squareRoot.remote(-1)));
  } catch (error) {
    if (error instanceof TaskError && error instanceof RangeError) {
      console.log(`addOne never ran: ${error.dependency} failed with RangeError`);
    }
  }
  // #endregion

  // #region timeout
  const ref = rest.remote();
  try {
    await get(ref, { timeout: 50 }); // milliseconds
  } catch (error) {
    if (error instanceof GetTimeoutError) {
      console.log(`${error.code}, and later: ${await get(ref)}`); // the task went on
    }
  }
  // #endregion

  // #region actor-died
  const account = RemoteAccount.remote(-1); // does not throw: the constructor runs elsewhere
  try {
    await get(account.balance.remote());
  } catch (error) {
    if (error instanceof ActorDiedError) {
      console.log(`${error.code}: ${(error.cause as Error).message}`);
    }
  }
  // #endregion

  // #region worker-crashed
  const quit = remote(() => process.exit(1), { name: 'quit', maxRetries: 0 });
  try {
    await get(quit.remote());
  } catch (error) {
    if (error instanceof WorkerCrashedError) console.log(`${error.code}: ${error.reason}`);
  }
  // #endregion
}

void init({ numCpus: 2 });
void main();
