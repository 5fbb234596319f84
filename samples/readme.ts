/*
 * The whole idea in fifteen lines: functions that run in parallel, an actor that keeps state, and
 * futures that are passed on before their values exist.
 *
 * Prints: [ 1, 4, 9 ] 14
 */
// #region readme
import { get, remote } from 'rayx';

const square = remote((x: number) => x * x);

class Sum {
  #total = 0;
  add(x: number) {
    return (this.#total += x);
  }
}
const RemoteSum = remote(Sum);

async function main() {
  const squares = [1, 2, 3].map((x) => square.remote(x)); // three calls, in parallel
  const sum = RemoteSum.remote(); // an object that lives on another thread
  const totals = squares.map((ref) => sum.add.remote(ref)); // futures go where values go
  console.log(await get(squares), await get(totals[2]!));
}
void main();
// #endregion
