/*
 * Restarts. An actor whose thread dies, of a fault or of `kill` with `noRestart: false`, is made anew
 * as often as its `maxRestarts` allow: its constructor runs again with the same arguments, and what it
 * had in memory is gone. Calls that were lost are made again as often as `maxTaskRetries` allow.
 * Prints:
 *
 *   deposits: 30
 *   ActorUnavailableError: true
 *   deposits: 5, made anew once
 *   made again: attempt 2
 *   ActorDiedError: it exited by exitActor()
 */
import {
  ActorDiedError,
  ActorUnavailableError,
  exitActor,
  get,
  getRuntimeContext,
  init,
  remote,
  shutdown,
} from 'rayx';

// #region class
class Account {
  #deposits = 0;

  deposit(amount: number): number {
    return (this.#deposits += amount);
  }

  restarts(): number | undefined {
    return getRuntimeContext().restarts;
  }

  crash(): void {
    process.exit(1); // the thread of the actor ends, and nothing else
  }

  crashOnce(): number | undefined {
    const { attempt } = getRuntimeContext();
    if (attempt === 1) process.exit(1);
    return attempt;
  }

  close(): void {
    exitActor(); // on purpose: no restart
  }
}

const RemoteAccount = remote(Account, { maxRestarts: 3, restartDelay: 100 });
// #endregion

async function main(): Promise<void> {
  await init({ numCpus: 2 });

  // #region unavailable
  const account = RemoteAccount.remote();
  account.deposit.remote(10);
  console.log('deposits:', await get(account.deposit.remote(20))); // 30

  try {
    await get(account.crash.remote());
  } catch (error) {
    console.log('ActorUnavailableError:', error instanceof ActorUnavailableError);
  }
  // #endregion

  // #region retries
  const patient = account.deposit.options({ maxTaskRetries: -1 }); // waits for the restart
  const total = await get(patient.remote(5));
  const times = await get(account.restarts.remote());
  console.log(`deposits: ${total}, made anew ${times === 1 ? 'once' : `${times} times`}`);

  const again = account.crashOnce.options({ maxTaskRetries: 1 });
  console.log('made again: attempt', await get(again.remote())); // 2
  // #endregion

  // #region exitActor
  try {
    await get(account.close.remote());
  } catch (error) {
    if (error instanceof ActorDiedError) console.log(`${error.name}: ${error.reason}`);
  }
  // #endregion

  await shutdown();
}

void main();
