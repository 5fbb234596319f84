/*
 * Many tasks on one buffer: an image that each task draws a part of in place, and a matrix that is
 * made, multiplied and summed without ever being copied.
 *
 * Prints:
 *
 *   drawn in place: 65536 pixels, 11 % of them inside the set
 *   the product: 1 on the diagonal, 0 beside it
 *   the same memory: true
 *   a copy of its own: 42 there, 1 here
 *   freed: ObjectLostError
 */
import { allocate, free, get, init, ObjectLostError, put, remote } from 'rayx';

// #region draw
const WIDTH = 256;
const HEIGHT = 256;

/** Draws some rows of the Mandelbrot set, into memory that is everybody's. */
const draw = remote((image: SharedArrayBuffer, from: number, to: number) => {
  const pixels = new Uint8Array(image);
  for (let row = from; row < to; row += 1) {
    for (let column = 0; column < WIDTH; column += 1) {
      const [re, im] = [(3.5 * column) / WIDTH - 2.5, (4 * row) / HEIGHT - 2];
      let [x, y, steps] = [0, 0, 0];
      while (x * x + y * y <= 4 && steps < 255) {
        [x, y] = [x * x - y * y + re, 2 * x * y + im];
        steps += 1;
      }
      pixels[row * WIDTH + column] = steps;
    }
  }
});
// #endregion

// #region multiply
const SIZE = 256;

/** Some rows of the product of two square matrices. */
const multiply = remote((a: Float64Array, b: Float64Array, from: number, to: number) => {
  const rows = allocate(Float64Array, (to - from) * SIZE);
  for (let row = from; row < to; row += 1) {
    for (let k = 0; k < SIZE; k += 1) {
      const factor = a[row * SIZE + k] ?? 0;
      const start = (row - from) * SIZE;
      for (let column = 0; column < SIZE; column += 1) {
        rows[start + column] = (rows[start + column] ?? 0) + factor * (b[k * SIZE + column] ?? 0);
      }
    }
  }
  return rows; // not copied either
});
// #endregion

async function main(): Promise<void> {
  // #region draw-all
  const image = new SharedArrayBuffer(WIDTH * HEIGHT); // your own: it travels as itself
  const stripes = Array.from({ length: 8 }, (_, n) => draw.remote(image, 32 * n, 32 * (n + 1)));
  await get(stripes);
  // #endregion
  const pixels = new Uint8Array(image);
  const inside = pixels.filter((steps) => steps === 255).length / pixels.length;
  console.log(
    `drawn in place: ${pixels.length} pixels, ${Math.round(100 * inside)} % of them inside the set`,
  );

  // #region multiply-all
  const identity = allocate(Float64Array, SIZE * SIZE); // zeros, in shared memory
  for (let n = 0; n < SIZE; n += 1) identity[n * SIZE + n] = 1;
  const matrix = put(identity); // copies nothing

  const parts = [0, 64, 128, 192].map((from) => multiply.remote(matrix, matrix, from, from + 64));
  const [first] = await get(parts);
  // #endregion
  console.log(`the product: ${first?.[0]} on the diagonal, ${first?.[1]} beside it`);

  // #region copy
  const shown = await get(matrix);
  console.log(`the same memory: ${shown.buffer === identity.buffer}`);
  const copy = await get(matrix, { copy: true }); // private: write what you like
  copy[0] = 42;
  console.log(`a copy of its own: ${copy[0]} there, ${shown[0]} here`);
  // #endregion

  // #region free
  free(matrix);
  await get(matrix).catch((error: unknown) => {
    if (error instanceof ObjectLostError) console.log(`freed: ${error.name}`);
  });

  {
    using table = put(new Float64Array(1_000_000));
    await get(multiply.remote(table, table, 0, 64));
  } // its memory is there for the next value
  // #endregion
}

void init({ numCpus: 2 });
void main();
