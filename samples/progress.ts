/*
 * Progress: a running task tells how far it is, and whoever has its ref can follow. What it tells
 * comes in order with its result.
 *
 * Prints:
 *
 *   25 %
 *   50 %
 *   75 %
 *   100 %
 *   4 parts
 *   enough to begin with: 3 parts
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { get, getRuntimeContext, init, progress, remote } from 'rayx';
import { firstValueFrom, skip } from 'rxjs';

// #region tell
const download = remote(async (parts: number) => {
  for (let part = 1; part <= parts; part += 1) {
    await sleep(200);
    getRuntimeContext().progress(part / parts);
  }
  return `${parts} parts`;
});
// #endregion

async function main(): Promise<void> {
  await init({ numCpus: 2 });

  // #region follow
  const file = download.remote(4);
  progress<number>(file).subscribe({
    next: (done) => console.log(`${100 * done} %`),
    error: (error) => console.error(error), // what the task threw
  });
  console.log(await get(file));
  // #endregion

  // #region wait-for
  const film = download.remote(10);
  const begun = await firstValueFrom(progress<number>(film).pipe(skip(2)));
  console.log(`enough to begin with: ${10 * begun} parts`);
  // #endregion
}

void main();
