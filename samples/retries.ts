/*
 * Retries. A task is run again when its thread died, and when it threw an error that
 * `retryExceptions` names: all errors, those of some classes, or those a function says true to.
 * Nothing else is: what a task throws is its answer.
 *
 * Prints:
 *
 *   fetched at attempt 3
 *   gave up after 3 attempts: HttpError 503
 *   not retried: HttpError 404
 *   survived its thread at attempt 2
 *   too slow: TASK_TIMEOUT
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { get, getRuntimeContext, init, remote, TaskTimeoutError } from 'rayx';

// #region error
class HttpError extends Error {
  constructor(readonly status: number) {
    super(`status ${status}`);
  }
}
// #endregion

// #region retry
const download = remote(
  (failures: number, status: number) => {
    const { attempt = 1 } = getRuntimeContext();
    if (attempt <= failures) throw new HttpError(status);
    return `fetched at attempt ${attempt}`;
  },
  {
    maxRetries: 2, // so three attempts in all
    retryExceptions: (error) => error instanceof HttpError && error.status >= 500,
    retryDelay: 10, // milliseconds, then twice as long each time
  },
);
// #endregion

async function main(): Promise<void> {
  await init({ numCpus: 2 });

  // #region use
  console.log(await get(download.remote(2, 503)));

  for (const status of [503, 404]) {
    try {
      await get(download.remote(Infinity, status));
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      const how = status >= 500 ? 'gave up after 3 attempts' : 'not retried';
      console.log(`${how}: HttpError ${error.status}`);
    }
  }
  // #endregion

  // #region thread
  const unlucky = remote(() => {
    const { attempt } = getRuntimeContext();
    if (attempt === 1) process.exit(1); // for this task, its thread is dead
    return `survived its thread at attempt ${attempt}`;
  });
  console.log(await get(unlucky.remote()));
  // #endregion

  // #region timeout
  const slow = remote(() => sleep(60_000), { timeout: 50, graceMs: 0 });
  try {
    await get(slow.remote());
  } catch (error) {
    if (error instanceof TaskTimeoutError) console.log(`too slow: ${error.code}`);
  }
  // #endregion
}

void main();
