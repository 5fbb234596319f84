/*
 * Options of calls: what a call needs, what it is called, how often it may run again. And what a
 * running task can ask about itself.
 *
 * Two calls that need one licence each do not run side by side when there is one licence. Prints:
 *
 *   [ 'done', 'done' ]
 *   two seconds with one licence: 2.0s
 *   monthly report, attempt 1
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { get, getRuntimeContext, init, remote, shutdown } from 'rayx';

async function main(): Promise<void> {
  // #region init
  await init({ numCpus: 4, resources: { licence: 1 } });
  // #endregion

  console.time('two seconds with one licence');
  // #region resources
  const simulate = remote(
    async () => {
      await sleep(1000);
      return 'done';
    },
    { numCpus: 0.5, resources: { licence: 1 } },
  );
  console.log(await get([simulate.remote(), simulate.remote()])); // one after the other
  // #endregion
  console.timeEnd('two seconds with one licence');

  // #region context
  const report = remote(() => {
    const { taskName, attempt } = getRuntimeContext();
    return `${taskName}, attempt ${attempt}`;
  });
  console.log(await get(report.options({ name: 'monthly report', maxRetries: 0 }).remote()));
  // #endregion

  // #region shutdown
  await shutdown(); // not needed: a script that awaits nothing more ends by itself
  // #endregion
}

void main();
