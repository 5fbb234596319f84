/*
 * Supervision: what becomes of an actor whose code throws is up to its `onCrash`. It goes on, is
 * made anew, stops, or leaves the decision to the actor that made it. What `saveState` answers after
 * each call is there again after a restart.
 *
 * Prints:
 *
 *   resume: Desk.order failed: RangeError: -1 pieces
 *   the desk has 3 pieces after 0 restarts
 *   restart: Desk.order failed: the printer broke
 *   the desk has 3 pieces after 1 restarts
 *   stop: Desk.order failed: fire
 *   ACTOR_DIED: its method order() threw; its onCrash said 'stop', after a restart
 *   the office has decided: restart Desk for a flood
 *   its desk has 5 pieces after 1 restarts
 */
import {
  ActorDiedError,
  type ActorHandle,
  type CrashContext,
  type CrashDirective,
  get,
  getRuntimeContext,
  init,
  remote,
} from 'rayx';

// #region class
class Desk {
  #pieces = 0;

  order(pieces: number, trouble = ''): number {
    if (pieces < 0) throw new RangeError(`${pieces} pieces`);
    this.#pieces += pieces;
    if (trouble !== '') throw new Error(trouble);
    return this.#pieces;
  }

  report(): string {
    return `${this.#pieces} pieces after ${getRuntimeContext().restarts} restarts`;
  }

  // Called after each call, before the caller has its result …
  saveState(): number {
    return this.#pieces;
  }

  // … and after the constructor, in a restart.
  restoreState(pieces: number): void {
    this.#pieces = pieces;
  }
}
// #endregion

// #region on-crash
function onCrash(error: unknown): CrashDirective {
  if (error instanceof RangeError) return 'resume'; // the call fails, and that is all
  return (error as Error).message === 'fire' ? 'stop' : 'restart';
}

const RemoteDesk = remote(Desk, { onCrash, maxRestarts: 3, maxTaskRetries: -1 });
// #endregion

// #region escalate
const decisions: string[] = [];

class Office {
  open(): ActorHandle<Desk> {
    const options = { maxRestarts: 3, maxTaskRetries: -1 };
    return remote(Desk, { ...options, onCrash: () => 'escalate' }).remote();
  }

  log(): string[] {
    return decisions;
  }
}

/** Runs where the office is, so it writes the list that the office reads. */
function decide(error: unknown, { child }: CrashContext): CrashDirective {
  decisions.push(`restart ${child?.actorName} for ${(error as Error).message}`);
  return 'restart';
}

const RemoteOffice = remote(Office, { onCrash: decide });
// #endregion

async function main(): Promise<void> {
  // #region calls
  const desk = RemoteDesk.remote();
  const orders = [
    ['resume', -1],
    ['restart', 7, 'the printer broke'],
    ['stop', 1, 'fire'],
  ] as const;
  await get(desk.order.remote(3));
  for (const [directive, pieces, trouble] of orders) {
    try {
      await get(desk.order.remote(pieces, trouble)); // fails with its error, whatever follows
    } catch (error) {
      console.log(`${directive}: ${(error as Error).message}`);
    }
    try {
      console.log(`the desk has ${await get(desk.report.remote())}`);
    } catch (error) {
      if (error instanceof ActorDiedError) console.log(`${error.code}: ${error.reason}`);
    }
  }
  // #endregion

  // #region escalated
  const office = RemoteOffice.remote();
  const other = await get(office.open.remote());
  await get(other.order.remote(5));
  await get(other.order.remote(1, 'a flood')).catch(() => {});
  const report = await get(other.report.remote()); // waits until it is decided
  console.log(`the office has decided: ${(await get(office.log.remote())).join()}`);
  console.log(`its desk has ${report}`);
  // #endregion
}

void init({ numCpus: 2 });
void main();
