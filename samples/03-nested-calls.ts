/*
 * Nested calls. A remote function calls remote functions like anybody else. While it waits for
 * them its CPU is free for others, so recursion may go deeper than there are CPUs.
 *
 * Two parents with four children each, one second per child, take two seconds on four CPUs. Prints:
 *
 *   [ 30, 174 ]
 *   eight children of one second: 2.0s
 *   fib(8) = 21
 *   16
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { get, init, remote } from 'rayx';

// #region children
const square = remote(async (x: number) => {
  await sleep(1000);
  return x * x;
});

const sumOfSquares = remote(async (xs: number[]) => {
  const squares = await get(xs.map((x) => square.remote(x))); // gives its CPU back while it waits
  return squares.reduce((sum, x) => sum + x, 0);
});
// #endregion

// #region recursion
const fib = remote(async (n: number): Promise<number> => {
  if (n < 2) return n;
  const [a, b] = await get([fib.remote(n - 1), fib.remote(n - 2)]);
  return a + b;
});
// #endregion

// #region return-a-future
const start = remote((x: number) => ({ answer: square.remote(x) })); // does not wait
// #endregion

export async function nestedCalls(): Promise<void> {
  console.time('eight children of one second');
  // #region call-children
  const sums = [sumOfSquares.remote([1, 2, 3, 4]), sumOfSquares.remote([5, 6, 7, 8])];
  console.log(await get(sums)); // [ 30, 174 ]
  // #endregion
  console.timeEnd('eight children of one second');

  console.log(`fib(8) = ${await get(fib.remote(8))}`);

  // #region get-twice
  const { answer } = await get(start.remote(4)); // `answer` is the future the task made
  console.log(await get(answer));
  // #endregion
}

// When run by itself, not as a part of the tutorial.
if (require.main === module) {
  void init({ numCpus: 4 }).then(nestedCalls);
}
