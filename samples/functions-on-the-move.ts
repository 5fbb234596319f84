/*
 * Functions on the move: a remote function may use whatever its script defines, closures included,
 * and whatever it imports. There is no worker file.
 *
 * Prints:
 *
 *   23.79
 *   [ 1000, 2000 ]
 *   2cf24dba5fb0
 *   [ 'Circle', 'Square' ]
 *   work → connection → socket
 */
import { createHash } from 'node:crypto';
import { Socket } from 'node:net';
import { CaptureError, get, init, remote } from 'rayx';

// #region constant-and-helper
const taxRate = 0.19;
const withTax = remote((net: number) => round(net * (1 + taxRate)));

function round(x: number): number {
  return Math.round(x * 100) / 100;
}
// #endregion

// #region closure
function scaler(factor: number) {
  return remote((x: number) => x * factor); // one remote function per factor
}
// #endregion

// #region import
const digest = remote((text: string) => createHash('sha256').update(text).digest('hex'));
// #endregion

// #region classes
abstract class Shape {
  describe(): string {
    return this.constructor.name;
  }
}
class Circle extends Shape {}
class Square extends Shape {}

const describeAll = remote(() => [new Circle(), new Square()].map((shape) => shape.describe()));
// #endregion

async function main(): Promise<void> {
  // #region call-constant-and-helper
  console.log(await get(withTax.remote(19.99))); // 23.79
  // #endregion
  // #region call-closure
  console.log(await get([scaler(10).remote(100), scaler(20).remote(100)])); // [ 1000, 2000 ]
  // #endregion
  // #region call-import
  console.log((await get(digest.remote('hello'))).slice(0, 12)); // 2cf24dba5fb0
  // #endregion
  console.log(await get(describeAll.remote()));

  // #region refused
  const connection = { socket: new Socket() };
  const work = remote(function work() {
    return connection.socket.readyState;
  });
  try {
    work.remote();
  } catch (error) {
    if (error instanceof CaptureError) console.log(error.path); // work → connection → socket
  }
  // #endregion
}

void init({ numCpus: 2 });
void main();
