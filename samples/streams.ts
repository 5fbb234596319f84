/*
 * Streams: a remote generator gives its values while it runs, each as a ref of its own. They can be
 * passed on, read as an observable, held back by a slow reader, and left in the middle.
 *
 * Prints:
 *
 *   prime: 2
 *   prime: 3
 *   prime: 5
 *   squares: [ 4, 9, 25, 49 ]
 *   the first primes above a million: [ 1000003, 1000033, 1000037 ]
 *   pages read: 1, 2, 3; more than one ahead: false
 *   3 lines, then: RangeError: the file ends here
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { get, init, type ObjectRef, remote, TaskError, values } from 'rayx';
import { filter, lastValueFrom, take, toArray } from 'rxjs';

// #region declare
const primes = remote(function* (from: number, to = Infinity) {
  for (let n = from; n <= to; n += 1) {
    let divisor = 2;
    while (divisor * divisor <= n && n % divisor !== 0) divisor += 1;
    if (divisor * divisor > n) yield n;
  }
});
// #endregion

const square = remote((x: number) => x * x);

async function main(): Promise<void> {
  await init({ numCpus: 2 });

  // #region for-await
  for await (const ref of primes.remote(2, 5)) {
    console.log('prime:', await get(ref)); // as soon as it is found
  }
  // #endregion

  // #region pass-on
  const squares: ObjectRef<number>[] = [];
  for await (const ref of primes.remote(2, 7)) squares.push(square.remote(ref));
  console.log('squares:', await get(squares));
  // #endregion

  // #region values
  const first$ = values(primes.remote(1_000_000)).pipe(
    filter((prime) => prime > 1_000_000),
    take(3), // enough: the task ends, which by itself would go on for ever
    toArray(),
  );
  console.log('the first primes above a million:', await lastValueFrom(first$));
  // #endregion

  // #region backpressure
  class Archive {
    private fetched = 0;
    async *pages() {
      while (this.fetched < 100) {
        await sleep(1);
        yield (this.fetched += 1);
      }
    }
    count(): number {
      return this.fetched;
    }
  }
  const archive = remote(Archive).remote();
  const read: number[] = [];
  // Never more than one page ahead of the reader.
  for await (const ref of archive.pages.options({ backpressure: 1 }).remote()) {
    read.push(await get(ref));
    if (read.length === 3) break; // leaves the stream: the generator ends too
  }
  const ahead = (await get(archive.count.remote())) - read.length;
  console.log(`pages read: ${read.join(', ')}; more than one ahead: ${ahead > 1}`);
  // #endregion

  // #region errors
  const lines = remote(function* () {
    for (let line = 1; line <= 3; line += 1) yield `line ${line}`;
    throw new RangeError('the file ends here');
  });
  let count = 0;
  for await (const ref of lines.remote()) {
    try {
      await get(ref);
      count += 1;
    } catch (error) {
      // What the generator throws is the last ref.
      if (error instanceof TaskError) console.log(`${count} lines, then: ${String(error.cause)}`);
    }
  }
  // #endregion
}

void main();
