/*
 * A flat script: no `await`, no main function. `getSync` blocks until the values are there, in the
 * script and in remote functions alike. `init` is only needed to choose; here, two CPUs.
 *
 * Prints:
 *
 *   9
 *   [ 1, 4, 9 ]
 */
// #region flat
import { getSync, init, remote } from 'rayx';

void init({ numCpus: 2 });

const square = remote((x: number) => x * x);
console.log(getSync(square.remote(3)));
console.log(getSync([1, 2, 3].map((x) => square.remote(x))));
// #endregion
