/*
 * The whole idea in fifteen lines: functions that run in parallel, an actor that keeps state, and
 * futures that are passed on before their values exist.
 *
 * Prints: [ 1, 4, 9, 1, 5, 14 ]
 */
// #region readme
import { get, remote } from 'rayx';

class Sum {
  #total = 0;
  add(x: number) {
    return (this.#total += x);
  }
}
const square = remote((x: number) => x * x);
const sum = remote(Sum).remote(); // an object that lives on another thread

const squares = [1, 2, 3].map((x) => square.remote(x)); // three calls, in parallel
const totals = squares.map((ref) => sum.add.remote(ref)); // futures go where values go
void get([...squares, ...totals]).then(console.log); // [ 1, 4, 9, 1, 5, 14 ]
// #endregion
